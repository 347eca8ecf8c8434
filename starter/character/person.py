# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole figure as plain arrays: every part, the skeleton and the relaxed pose, at its final size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import garments, pose, shoes
from .cloth import add_lips, limit_weights
from .eyes import build_eyes
from .hair import build_hair
from .macros import load_figure
from .people import KID, USUAL, PersonSpec
from .sewing import Sewing, shoes_sewing, sweater_sewing, trousers_sewing
from .shirt import buttons, folded_collar
from .skin import build_skin
from .surface import Sheet, join

HEIGHT = 1.320


@dataclass(frozen=True)
class Person:
    """Everything about the figure that does not need Blender; metres, final size, rest pose.

    parts: name -> Sheet; tints: name -> (N,3) factors on the part's colours; sewing: of each garment; world (B,3,3)
    are the relaxed pose's bone rotations and `lift` what the root bone rises by so that the soles are at z = 0.
    """

    parts: dict[str, Sheet]
    tints: dict[str, np.ndarray]
    sewing: dict[str, Sewing]
    skeleton: pose.Skeleton
    rolls: list[float]
    world: np.ndarray
    lift: float

    def posed(self, name: str) -> np.ndarray:
        """(N,3) vertices of one part in the relaxed pose."""
        sheet = self.parts[name]
        moved = pose.skin(self.skeleton, self.world, sheet.vertices, sheet.weights)
        return moved + np.array([0.0, 0.0, self.lift])


def make_person(folder: Path, masks: dict[str, np.ndarray], spec: PersonSpec = KID) -> Person:
    """All geometry from an `mpfb2` folder; masks as in `skin.build_skin`."""
    figure = load_figure(folder, spec.shape)
    tights = garments.shell(figure)
    top, trousers = garments.outfit(figure, tights)
    look = np.array([spec.colours.get(part, USUAL[part]) for part in ("skin", "hair")])
    skin = build_skin(figure, masks, spec, look)
    hair = build_hair(figure, skin.sheet, skin.ears, spec.name, spec.hair)
    eyes = build_eyes(figure)
    parts = {
        "skin": skin.sheet,
        "eyes": eyes.sheet,
        "hair": hair.sheet,
        "sweater": add_lips(top),
        "trousers": add_lips(trousers),
        "shoes": shoes.build_shoes(figure, tights),
    }
    if spec.shirt:
        parts["sweater"] = join(parts["sweater"], folded_collar(top), buttons(top))
    sewing = {
        "sweater": sweater_sewing(figure, top, spec.shirt).extended(top, parts["sweater"]),
        "trousers": trousers_sewing(figure, trousers, tights).extended(trousers, parts["trousers"]),
        "shoes": shoes_sewing(figure, parts["shoes"]),
    }
    parts = {name: replace(sheet, weights=limit_weights(sheet.weights)) for name, sheet in parts.items()}
    skeleton = pose.skeleton_of(figure)
    world = pose.relaxed(skeleton)
    heights = np.concatenate(
        [pose.skin(skeleton, world, sheet.vertices, sheet.weights)[:, 2] for sheet in parts.values()]
    )
    scale = HEIGHT / float(np.ptp(heights))
    parts = {name: sheet.moved(sheet.vertices * scale) for name, sheet in parts.items()}
    skeleton = replace(skeleton, heads=skeleton.heads * scale, tails=skeleton.tails * scale)
    tints = {"skin": skin.tint, "hair": hair.tint, "eyes": eyes.tint}
    sewing = {name: sewn.scaled(scale) for name, sewn in sewing.items()}
    rolls = [bone.roll for bone in figure.bones]
    return Person(parts, tints, sewing, skeleton, rolls, world, -float(heights.min()) * scale)


def digest(person: Person) -> str:
    """Hash of all rest vertices at 10 micrometres, part by part."""
    total = hashlib.sha256()
    for name, sheet in sorted(person.parts.items()):
        total.update(name.encode())
        total.update(np.round(sheet.vertices * 1e5).astype(np.int32).tobytes())
    return total.hexdigest()
