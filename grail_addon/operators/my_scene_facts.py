# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user has chosen of the open scene, and whether its sizes can be right. Reads names, boxes and matrices alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
from bpy.app.translations import pgettext_rpt as rpt_
from mathutils import Vector

from ..core.camera import default_focal
from ..properties import GrailSettings

LEVEL_DEG, SHIFT, LENS_SHARE = 0.5, 0.002, 0.01
"""What of roll, shift and lens is too little to be told."""
SENSOR_MM = 36.0
USUAL_SIZE = (1280, 720)
"""Pixels of a frame while the pipeline file was not read yet."""
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


def _chosen_camera(own: GrailSettings, scene: bpy.types.Scene) -> bpy.types.Object | None:
    return own.my_camera or scene.camera


@dataclass(frozen=True)
class CameraFacts:
    """lens_mm: on a sensor 36 mm wide with the width of the picture; shift: of the middle, in widths of the picture; roll_deg:
    between its horizon and the world's."""

    lens_mm: float
    shift: float
    roll_deg: float


def camera_facts(camera: bpy.types.Object, scene: bpy.types.Scene) -> CameraFacts:
    """Of a perspective camera."""
    corners = camera.data.view_frame(scene=scene)
    xs, ys, depth = [c.x for c in corners], [c.y for c in corners], -corners[0].z
    width = max(xs) - min(xs)
    shift = max(abs(max(xs) + min(xs)), abs(max(ys) + min(ys))) / (2 * width)
    right, up = camera.matrix_world.to_3x3().normalized().col[0], camera.matrix_world.to_3x3().normalized().col[1]
    return CameraFacts(SENSOR_MM * depth / width, shift, math.degrees(math.atan2(right.z, up.z)))


def camera_notes(own: GrailSettings, scene: bpy.types.Scene) -> list[str]:
    """Sentences about what frames do not take over of the chosen camera: a scene's keys say where it stands and where it
    looks, and the sidecars' intrinsics are those of one lens with its middle in the middle of the picture."""
    camera = _chosen_camera(own, scene)
    if camera is None or camera.type != "CAMERA" or camera.data.type != "PERSP":
        return []
    facts, notes = camera_facts(camera, scene), []
    width = own.advanced.rendering_width or USUAL_SIZE[0]
    height = own.advanced.rendering_height or USUAL_SIZE[1]
    ours = SENSOR_MM * default_focal(width, height) / width
    if abs(facts.lens_mm / ours - 1.0) > LENS_SHARE:
        text = rpt_("Frames are made with a lens of {ours:.0f} mm; the camera's {lens:.0f} mm are not taken over")
        notes.append(text.format(ours=ours, lens=facts.lens_mm))
    if abs(facts.roll_deg) > LEVEL_DEG:
        text = rpt_("The camera is rolled by {degrees:.1f} degrees; frames have a level horizon")
        notes.append(text.format(degrees=facts.roll_deg))
    if facts.shift > SHIFT:
        notes.append(rpt_("The camera's shift is not taken over; frames look straight ahead"))
    if camera.data.dof.use_dof:
        notes.append(rpt_("The camera's depth of field is not taken over; frames are sharp everywhere"))
    return notes


def scene_faults(own: GrailSettings, scene: bpy.types.Scene) -> list[str]:
    """Sentences about all that keeps the scene from being used."""
    faults = []
    if abs(scene.unit_settings.scale_length - 1.0) > 1e-6:
        text = rpt_("One unit is {length:g} m here; set Unit Scale to 1 in the scene's Units and scale the scene")
        faults.append(text.format(length=scene.unit_settings.scale_length))
    if own.my_object is None:
        faults.append(rpt_("Choose the object that the person handles"))
    camera = _chosen_camera(own, scene)
    if camera is None:
        faults.append(rpt_("Choose a camera"))
    elif camera.type == "CAMERA" and camera.data.type != "PERSP":
        faults.append(rpt_("The camera is not a perspective one; choose one that is"))
    size = object_size(own)
    if size is not None and not size.is_plausible:
        faults.append(rpt_("The object is {length:.3g} m long; it should be 0.01 to 3 m").format(length=size.metres))
    person = person_size(own, scene)
    if person is not None and not person.is_plausible:
        faults.append(rpt_("The person is {length:.3g} m tall; it should be 1 to 2.2 m").format(length=person.metres))
    return faults
