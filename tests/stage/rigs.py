# SPDX-License-Identifier: GPL-3.0-or-later
"""A jointed box figure in T-pose with the bone names of a given rig family, for tests of poses and gaze."""

from __future__ import annotations

from collections.abc import Mapping

import bpy

ARM = (("upper_arm", 0.20, 0.45), ("forearm", 0.45, 0.70), ("hand", 0.70, 0.88))
LEG = (("thigh", 0.80, 0.45), ("calf", 0.45, 0.10), ("foot", 0.10, 0.0))

FAMILIES: dict[str, dict[str, str]] = {
    "unreal": {
        "pelvis": "pelvis", "neck": "neck_01", "head": "head", "eye": "eye_{s}", "upper_arm": "upperarm_{s}",
        "forearm": "lowerarm_{s}", "hand": "hand_{s}", "thigh": "thigh_{s}", "calf": "calf_{s}", "foot": "foot_{s}",
    },
    "mixamo": {
        "pelvis": "mixamorig:Hips", "neck": "mixamorig:Neck", "head": "mixamorig:Head", "eye": "mixamorig:{Side}Eye",
        "upper_arm": "mixamorig:{Side}Arm", "forearm": "mixamorig:{Side}ForeArm", "hand": "mixamorig:{Side}Hand",
        "thigh": "mixamorig:{Side}UpLeg", "calf": "mixamorig:{Side}Leg", "foot": "mixamorig:{Side}Foot",
    },
    "vrm": {
        "pelvis": "J_Bip_C_Hips", "neck": "J_Bip_C_Neck", "head": "J_Bip_C_Head", "eye": "J_Adj_{S}_FaceEye",
        "upper_arm": "J_Bip_{S}_UpperArm", "forearm": "J_Bip_{S}_LowerArm", "hand": "J_Bip_{S}_Hand",
        "thigh": "J_Bip_{S}_UpperLeg", "calf": "J_Bip_{S}_LowerLeg", "foot": "J_Bip_{S}_Foot",
    },
    "renderpeople": {
        "pelvis": "hip", "neck": "neck", "head": "head", "eye": "eye_{s}", "upper_arm": "upperarm_{s}",
        "forearm": "lowerarm_{s}", "hand": "hand_{s}", "thigh": "upperleg_{s}", "calf": "lowerleg_{s}", "foot": "foot_{s}",
    },
    "rigify": {
        "pelvis": "DEF-pelvis", "neck": "DEF-neck", "head": "DEF-head", "eye": "DEF-eye.{S}",
        "upper_arm": "DEF-upper_arm.{S}", "forearm": "DEF-forearm.{S}", "hand": "DEF-hand.{S}",
        "thigh": "DEF-thigh.{S}", "calf": "DEF-shin.{S}", "foot": "DEF-foot.{S}",
    },
    "biped": {
        "pelvis": "Bip01 Pelvis", "neck": "Bip01 Neck", "head": "Bip01 Head", "eye": "Bip01 {S} Eye",
        "upper_arm": "Bip01 {S} UpperArm", "forearm": "Bip01 {S} Forearm", "hand": "Bip01 {S} Hand",
        "thigh": "Bip01 {S} Thigh", "calf": "Bip01 {S} Calf", "foot": "Bip01 {S} Foot",
    },
    "smpl": {
        "pelvis": "Pelvis", "neck": "Neck", "head": "Head", "eye": "{side}_eye", "upper_arm": "{S}_Shoulder",
        "forearm": "{S}_Elbow", "hand": "{S}_Wrist", "thigh": "{S}_Hip", "calf": "{S}_Knee", "foot": "{S}_Ankle",
    },
    "character creator": {
        "pelvis": "CC_Base_Pelvis", "neck": "CC_Base_NeckTwist01", "head": "CC_Base_Head", "eye": "CC_Base_{S}_Eye",
        "upper_arm": "CC_Base_{S}_Upperarm", "forearm": "CC_Base_{S}_Forearm", "hand": "CC_Base_{S}_Hand",
        "thigh": "CC_Base_{S}_Thigh", "calf": "CC_Base_{S}_Calf", "foot": "CC_Base_{S}_Foot",
    },
}  # fmt: skip
"""Family -> role -> bone name; {s} l/r, {S} L/R, {side} left/right, {Side} Left/Right."""


def named(names: Mapping[str, str], role: str, side: str) -> str:
    return names[role].format(s=side[0], S=side[0].upper(), side=side, Side=side.capitalize())


def t_figure(names: Mapping[str, str], factor: float = 1.0) -> tuple[bpy.types.Object, bpy.types.Object]:
    """(rig, body) of a 1.5 m figure that faces -Y, one box for each bone; numbers times `factor`."""
    bones: dict[str, tuple[tuple[float, ...], tuple[float, ...], str | None]] = {
        names["pelvis"]: ((0, 0, 0.8), (0, 0, 1.15), None),
        names["neck"]: ((0, 0, 1.15), (0, 0, 1.25), names["pelvis"]),
        names["head"]: ((0, 0, 1.25), (0, 0, 1.5), names["neck"]),
    }
    for side, sign in (("left", 1), ("right", -1)):
        above = names["pelvis"]
        for role, start, end in ARM:
            bones[named(names, role, side)] = ((sign * start, 0, 1.15), (sign * end, 0, 1.15), above)
            above = named(names, role, side)
        above = names["pelvis"]
        for role, start, end in LEG:
            y = (0.02 if role == "calf" else 0.0, -0.18 if role == "foot" else 0.02 if role == "thigh" else 0.0)
            x = sign * 0.1
            bones[named(names, role, side)] = ((x, y[0] if role != "foot" else 0.0, start), (x, y[1], end), above)
            above = named(names, role, side)
        eye = (sign * 0.04, -0.09, 1.38)
        bones[named(names, "eye", side)] = (eye, (eye[0], eye[1] - 0.02, eye[2]), names["head"])
    rig = bpy.data.objects.new("rig", bpy.data.armatures.new("rig"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, (head, tail, parent) in bones.items():
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = ([factor * v for v in end] for end in (head, tail))
        bone.parent = rig.data.edit_bones.get(parent) if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    body = _boxes(bones, factor)
    body.parent = rig
    body.modifiers.new("rig", "ARMATURE").object = rig
    return rig, body


def _boxes(
    bones: Mapping[str, tuple[tuple[float, ...], tuple[float, ...], str | None]], factor: float
) -> bpy.types.Object:
    vertices: list[tuple[float, ...]] = []
    faces: list[tuple[int, ...]] = []
    for head, tail, _ in bones.values():
        low = [min(a, b) - 0.03 * (i != 2 or tail[2] > 0.05) for i, (a, b) in enumerate(zip(head, tail, strict=True))]
        high = [max(a, b) + 0.03 for a, b in zip(head, tail, strict=True)]
        start = len(vertices)
        vertices += [
            (factor * x, factor * y, factor * max(z, 0.0))
            for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])
        ]  # fmt: skip
        quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
        faces += [tuple(start + i for i in quad) for quad in quads]
    mesh = bpy.data.meshes.new("body")
    mesh.from_pydata(vertices, [], faces)
    body = bpy.data.objects.new("body", mesh)
    bpy.context.scene.collection.objects.link(body)
    for k, name in enumerate(bones):
        body.vertex_groups.new(name=name).add(range(8 * k, 8 * k + 8), 1.0, "REPLACE")
    return body
