# SPDX-License-Identifier: GPL-3.0-or-later
"""The settle as an animated USD file, where this Blender can write one."""

from __future__ import annotations

import os
from pathlib import Path

import bpy
import numpy as np

from ...core.files import atomic_path
from ...core.mesh import MeshData
from ...core.settle.result import SettleResult
from ..owned import OwnedData

OBJECT_NAME = "settle"


def can_export() -> bool:
    """Whether this build writes USD (some distributions leave it out)."""
    return "usd_export" in dir(bpy.ops.wm)


def export_usd(mesh: MeshData, result: SettleResult, path: Path) -> tuple[Path | None, str]:
    """Write `mesh` (own frame, unscaled) moving as in `result` to `path` (.usdc), metres, z up, one key per frame.

    Returns the path and "", or None and a sentence why not. Leaves no data behind.
    """
    if not can_export():
        return None, "This Blender was built without USD, so the settle animation is not saved."
    owned = OwnedData()
    try:
        with owned.recording():
            scene = bpy.data.scenes.new(OBJECT_NAME)
            data = bpy.data.meshes.new(OBJECT_NAME)
            data.from_pydata((mesh.vertices * result.scale).tolist(), [], mesh.faces.tolist())
            obj = bpy.data.objects.new(OBJECT_NAME, data)
            scene.collection.objects.link(obj)
            scene.render.fps, scene.render.fps_base = round(1.0 / result.time_step), 1.0
            scene.frame_start, scene.frame_end = 1, len(result.trajectory)
            _animate(obj, result)
        with atomic_path(path) as temp, bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
            bpy.ops.wm.usd_export(filepath=os.fspath(temp), export_animation=True, export_materials=False)
    finally:
        owned.remove()
    return path, ""


def _animate(obj: bpy.types.Object, result: SettleResult) -> None:
    """A key on every frame, quaternions kept on one side so that they do not turn the long way between frames."""
    obj.rotation_mode = "QUATERNION"
    last = np.array([0.0, 0.0, 0.0, 1.0])
    for frame, row in enumerate(result.trajectory, 1):
        quat = row[3:] if float(row[3:] @ last) >= 0.0 else -row[3:]
        last = quat
        obj.location = row[:3].tolist()
        obj.rotation_quaternion = (quat[3], quat[0], quat[1], quat[2])
        obj.keyframe_insert("location", frame=frame)
        obj.keyframe_insert("rotation_quaternion", frame=frame)
