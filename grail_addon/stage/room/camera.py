# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage's own camera."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ...core.camera import Camera

SENSOR_WIDTH_MM = 36.0
CAMERA_NAME = "conditioning camera"


def new_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    """A camera object in the scene."""
    obj = bpy.data.objects.new(CAMERA_NAME, bpy.data.cameras.new(CAMERA_NAME))
    scene.collection.objects.link(obj)
    return obj


def set_camera(scene: bpy.types.Scene, obj: bpy.types.Object, camera: Camera) -> None:
    """Make `obj` the scene's camera, and it and the scene's resolution those of `camera`."""
    data = obj.data
    data.type, data.sensor_fit, data.sensor_width = "PERSP", "HORIZONTAL", SENSOR_WIDTH_MM
    data.lens = camera.lens_mm(SENSOR_WIDTH_MM)
    data.shift_x = data.shift_y = 0.0
    data.clip_start, data.clip_end = 0.01, 1000.0
    data.dof.use_dof = False
    obj.matrix_world = Matrix(camera.cam_to_world.tolist())  # a bare list would be read by columns
    scene.camera = obj
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = camera.width, camera.height, 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.use_border = False


def set_border(scene: bpy.types.Scene, camera: Camera, low: NDArray[np.int64], high: NDArray[np.int64]) -> None:
    """Render nothing but the pixels from `low` up to `high` (column, row; from the top), in a picture of full size."""
    render = scene.render
    render.use_border, render.use_crop_to_border = True, False
    render.border_min_x, render.border_max_x = low[0] / camera.width, high[0] / camera.width
    render.border_min_y, render.border_max_y = 1.0 - high[1] / camera.height, 1.0 - low[1] / camera.height
