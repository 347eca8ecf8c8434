# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's armature and skinned meshes from the arrays."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .materials import TINT_MOST
from .pose import Skeleton
from .sewing import NO_SEAM, Sewing
from .surface import Sheet

# places are stored to a quarter of a millimetre: numbers with few digits take half the bytes in a packed file
_PLACE_STEPS = 4096


def make_armature(
    name: str, skeleton: Skeleton, rolls: list[float], scene: bpy.types.Scene, collection: bpy.types.Collection
) -> bpy.types.Object:
    """Armature object with the skeleton's bones at rest; `rolls` in radians."""
    data = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, data)
    collection.objects.link(rig)
    layer = scene.view_layers[0]
    layer.objects.active = rig
    # edit bones exist in edit mode only; the override keeps the caller's own scene and selection out of it
    with bpy.context.temp_override(scene=scene, view_layer=layer, active_object=rig, object=rig):
        bpy.ops.object.mode_set(mode="EDIT")
        made = []
        for i, bone_name in enumerate(skeleton.names):
            bone = data.edit_bones.new(bone_name)
            bone.head, bone.tail, bone.roll = skeleton.heads[i], skeleton.tails[i], rolls[i]
            if skeleton.parents[i] >= 0:
                bone.parent = made[skeleton.parents[i]]
            made.append(bone)
        bpy.ops.object.mode_set(mode="OBJECT")
    data.bones["Root"].use_deform = False
    data.display_type = "STICK"
    rig.show_in_front = True
    return rig


def set_pose(rig: bpy.types.Object, skeleton: Skeleton, local: np.ndarray, lift: float) -> None:
    """Store local rotations (B,3,3) as quaternions and raise the root bone by `lift` metres."""
    for i, name in enumerate(skeleton.names):
        bone = rig.pose.bones[name]
        bone.rotation_mode = "QUATERNION"
        bone.rotation_quaternion = Matrix(local[i].tolist()).to_quaternion()
    root = skeleton.index("Root")
    rig.pose.bones["Root"].location = Vector(skeleton.orientations[root].T @ np.array([0.0, 0.0, lift]))


def _add_weights(item: bpy.types.Object, names: list[str], weights: np.ndarray) -> None:
    for column, name in enumerate(names):
        rows = np.flatnonzero(weights[:, column] > 1e-4)
        if not len(rows):
            continue
        group = item.vertex_groups.new(name=name)
        values = weights[rows, column]
        full = values > 1 - 1e-6
        if full.any():
            group.add(rows[full].tolist(), 1.0, "REPLACE")
        for vertex, value in zip(rows[~full].tolist(), values[~full].tolist(), strict=True):
            group.add((vertex,), value, "REPLACE")


def make_skinned(
    name: str,
    sheet: Sheet,
    materials: list[bpy.types.Material],
    rig: bpy.types.Object,
    names: list[str],
) -> bpy.types.Object:
    """Mesh object in the rig's collection, parented to the rig and deformed by it."""
    mesh = bpy.data.meshes.new(name)
    faces = [row if row[3] >= 0 else row[:3] for row in sheet.faces.tolist()]
    mesh.from_pydata(sheet.vertices.tolist(), [], faces)
    for material in materials:
        mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", sheet.slot.astype(np.int32))
    mesh.shade_smooth()
    mesh.use_auto_texspace = False
    mesh.texspace_location = (0.0, 0.0, 0.0)
    mesh.texspace_size = (1.0, 1.0, 1.0)
    item = bpy.data.objects.new(name, mesh)
    rig.users_collection[0].objects.link(item)
    _add_weights(item, names, sheet.weights)
    item.parent = rig
    deform = item.modifiers.new("Armature", "ARMATURE")
    deform.object = rig
    return item


def add_tint(item: bpy.types.Object, tint: np.ndarray) -> None:
    """Point colour attribute `Tint` from factors (N,3) up to TINT_MOST, as a quarter of the bytes that floats take."""
    layer = item.data.color_attributes.new("Tint", "BYTE_COLOR", "POINT")
    rgba = np.concatenate([np.clip(tint / TINT_MOST, 0.0, 1.0), np.ones((len(tint), 1))], axis=1)
    layer.data.foreach_set("color", rgba.astype(np.float32).reshape(-1))


def add_sewing(item: bpy.types.Object, sewing: Sewing) -> None:
    """Point attributes `Place` (metres) and `Seams`: 0.5 on a seam, 0 and 1 NO_SEAM away from it; alpha is the crease."""
    layer = item.data.attributes.new("Place", "FLOAT_VECTOR", "POINT")
    place = np.round(sewing.place * _PLACE_STEPS) / _PLACE_STEPS
    layer.data.foreach_set("vector", place.astype(np.float32).reshape(-1))
    seams = item.data.color_attributes.new("Seams", "BYTE_COLOR", "POINT")
    rgba = np.column_stack([0.5 + 0.5 * np.clip(sewing.seams / NO_SEAM, -1.0, 1.0), sewing.crease])
    seams.data.foreach_set("color", rgba.astype(np.float32).reshape(-1))
