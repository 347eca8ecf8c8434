# SPDX-License-Identifier: GPL-3.0-or-later
"""The pinhole camera, and the only place that converts between Blender's and OpenCV's camera axes.

Blender's camera looks along -z with y up; OpenCV's looks along +z with y down. Pixel (0, 0)'s centre lies at
(0.5, 0.5) and the principal point at (width / 2, height / 2), as GRAIL's `cam_K.txt` has it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .arrays import Array

# Flips y and z; its own inverse, so it serves both directions.
_FLIP: Array = np.diag([1.0, -1.0, -1.0])


def opencv_axes(rotation: Array) -> Array:
    """Camera-to-world rotation (3, 3) in Blender axes -> the same camera in OpenCV axes, or back."""
    return np.asarray(rotation, dtype=np.float64) @ _FLIP


def default_focal(width: int, height: int) -> float:
    """Focal length in pixels when the configuration names none: the image diagonal (GRAIL's default)."""
    return math.hypot(width, height)


def orbit_position(target: Array, azimuth: float, elevation: float, radius: float) -> Array:
    """Point (3,) at `radius` metres from `target`; azimuth about +z from +x, elevation above the horizon (radians)."""
    direction = np.array(
        [math.cos(elevation) * math.cos(azimuth), math.cos(elevation) * math.sin(azimuth), math.sin(elevation)]
    )
    return np.asarray(target, dtype=np.float64) + radius * direction


def look_at(position: Array, target: Array) -> Array:
    """Camera-to-world rotation (3, 3), Blender axes, level horizon, looking from `position` to `target`.

    Raises ValueError where the two coincide or the view is vertical (no level horizon exists).
    """
    backward = np.asarray(position, dtype=np.float64) - np.asarray(target, dtype=np.float64)
    distance = float(np.linalg.norm(backward))
    if distance < 1e-9:
        raise ValueError("camera position and target coincide")
    z = backward / distance
    x = np.cross([0.0, 0.0, 1.0], z)
    side = float(np.linalg.norm(x))
    if side < 1e-9:
        raise ValueError("camera looks straight up or down")
    x /= side
    return np.column_stack([x, np.cross(z, x), z])


@dataclass(frozen=True, eq=False)
class Camera:
    """A posed pinhole camera.

    rotation (3, 3) and position (3,): camera-to-world in Blender axes, metres; focal in pixels (fx = fy).
    """

    rotation: Array
    position: Array
    focal: float
    width: int
    height: int

    @property
    def K(self) -> Array:  # noqa: N802 - the field's own name
        """Intrinsics (3, 3)."""
        return np.array([[self.focal, 0.0, self.width / 2], [0.0, self.focal, self.height / 2], [0.0, 0.0, 1.0]])

    @property
    def cam_to_world(self) -> Array:
        """Pose (4, 4), Blender axes."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = self.rotation, self.position
        return matrix

    @property
    def world_to_cam_opencv(self) -> Array:
        """Extrinsics (4, 4), OpenCV axes."""
        matrix = np.eye(4)
        matrix[:3, :3] = opencv_axes(self.rotation).T
        matrix[:3, 3] = -matrix[:3, :3] @ self.position
        return matrix

    def lens_mm(self, sensor_width_mm: float = 36.0) -> float:
        """Blender's lens for a horizontal sensor fit and square pixels."""
        return self.focal * sensor_width_mm / self.width

    def project(self, points: Array) -> tuple[Array, Array]:
        """World points (N, 3) -> pixels (N, 2) and z-depths (N,) in metres; behind the camera where depth <= 0."""
        local = (np.atleast_2d(points) - self.position) @ opencv_axes(self.rotation)
        depth = local[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = local[:, :2] * self.focal / depth[:, None]
        return pixels + np.array([self.width / 2, self.height / 2]), depth

    def unproject(self, pixels: Array, depth: Array) -> Array:
        """Pixels (N, 2) with z-depths (N,) in metres -> world points (N, 3)."""
        pixels = np.atleast_2d(pixels)
        xy = (pixels - [self.width / 2, self.height / 2]) / self.focal
        local = np.column_stack([xy, np.ones(len(xy))]) * np.asarray(depth, dtype=np.float64)[:, None]
        return np.asarray(local @ opencv_axes(self.rotation).T + self.position)

    def unproject_map(self, depth: Array) -> Array:
        """Depth map (height, width) in metres -> world points (height, width, 3) of the pixel centres."""
        if depth.shape != (self.height, self.width):
            raise ValueError(f"depth map is {depth.shape}, camera is {(self.height, self.width)}")
        v, u = np.mgrid[0 : self.height, 0 : self.width]
        pixels = np.column_stack([u.ravel() + 0.5, v.ravel() + 0.5])
        return self.unproject(pixels, depth.ravel()).reshape(self.height, self.width, 3)
