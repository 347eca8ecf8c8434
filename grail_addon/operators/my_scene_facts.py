# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user has chosen of the open scene, and whether its sizes can be right. Reads names, boxes and matrices alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
from bpy.app.translations import pgettext_rpt as rpt_
from mathutils import Vector

from ..properties import GrailSettings

PERSON_M = (1.0, 2.2)
OBJECT_M = (0.01, 3.0)


@dataclass(frozen=True)
class Size:
    """Metres; where it lies outside what is plausible, `is_plausible` is false."""

    metres: float
    is_plausible: bool


def person_root(picked: bpy.types.Object) -> bpy.types.Object:
    """The picked object, or the skeleton that moves it."""
    rigs = [m.object for m in picked.modifiers if m.type == "ARMATURE" and m.object is not None]
    return rigs[0] if rigs else picked


def person_objects(picked: bpy.types.Object, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """All objects of a person: the skeleton, what hangs below it, and what it moves."""
    root = person_root(picked)
    members = [root, *root.children_recursive]
    for obj in scene.objects:
        moved = any(m.type == "ARMATURE" and m.object in members for m in obj.modifiers)
        if moved and obj not in members:
            members += [obj, *(child for child in obj.children_recursive if child not in members)]
    return members


def _height(objects: Sequence[bpy.types.Object]) -> float:
    heights = [
        (obj.matrix_world @ Vector(corner)).z
        for obj in objects
        if obj.type == "MESH" and not obj.hide_render
        for corner in obj.bound_box
    ]
    return max(heights) - min(heights) if heights else 0.0


def object_size(own: GrailSettings) -> Size | None:
    """Longest side of the chosen object; None without one."""
    if own.my_object is None:
        return None
    longest = max(own.my_object.dimensions)
    return Size(longest, OBJECT_M[0] <= longest <= OBJECT_M[1])


def person_size(own: GrailSettings, scene: bpy.types.Scene) -> Size | None:
    """Height of the chosen person; None without one."""
    if own.my_character is None:
        return None
    height = _height(person_objects(own.my_character, scene))
    return Size(height, PERSON_M[0] <= height <= PERSON_M[1])


def scene_faults(own: GrailSettings, scene: bpy.types.Scene) -> list[str]:
    """Sentences about all that keeps the scene from being used."""
    faults = []
    if abs(scene.unit_settings.scale_length - 1.0) > 1e-6:
        text = rpt_("One unit is {length:g} m here; set Unit Scale to 1 in the scene's Units and scale the scene")
        faults.append(text.format(length=scene.unit_settings.scale_length))
    if own.my_object is None:
        faults.append(rpt_("Choose the object that the person handles"))
    if own.my_camera is None and scene.camera is None:
        faults.append(rpt_("Choose a camera"))
    size = object_size(own)
    if size is not None and not size.is_plausible:
        faults.append(rpt_("The object is {length:.3g} m long; it should be 0.01 to 3 m").format(length=size.metres))
    person = person_size(own, scene)
    if person is not None and not person.is_plausible:
        faults.append(rpt_("The person is {length:.3g} m tall; it should be 1 to 2.2 m").format(length=person.metres))
    return faults
