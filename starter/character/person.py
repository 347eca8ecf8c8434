# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole figure as plain arrays: every part, the skeleton and the relaxed pose, at its final size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import garments, pose, shoes
from .cloth import limit_weights
from .eyes import build_eyes
from .hair import build_hair
from .macros import load_figure
from .people import KID, PersonSpec
from .skin import build_skin, ear_vertices
from .surface import Sheet

HEIGHT = 1.320


@dataclass(frozen=True)
class Person:
    """Everything about the figure that does not need Blender; metres, final size, rest pose.

    parts: name -> Sheet; tint (N,3) belongs to part `skin`; local (B,3,3) are the relaxed pose's bone rotations and
    `lift` what the root bone rises by so that the soles are at z = 0.
    """

    parts: dict[str, Sheet]
    tint: np.ndarray
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
    sweater, trousers = garments.outfit(figure, tights)
    skin = build_skin(figure, masks)
    parts = {
        "skin": skin.sheet,
        "eyes": build_eyes(figure),
        "hair": build_hair(figure, skin.sheet, ear_vertices(folder, figure), spec.name, spec.hair),
        "sweater": sweater,
        "trousers": trousers,
        "shoes": shoes.build_shoes(figure, tights),
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
    return Person(
        parts, skin.tint, skeleton, [bone.roll for bone in figure.bones], world, -float(heights.min()) * scale
    )


def digest(person: Person) -> str:
    """Hash of all rest vertices at 10 micrometres, part by part."""
    total = hashlib.sha256()
    for name, sheet in sorted(person.parts.items()):
        total.update(name.encode())
        total.update(np.round(sheet.vertices * 1e5).astype(np.int32).tobytes())
    return total.hexdigest()
