# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations that statics needs: (3, 3) float64 matrices acting on column vectors, angles in radians."""

from __future__ import annotations

import math

import numpy as np

from ..arrays import Array


def matrix_from_quat(quat: Array) -> Array:
    """Rotation matrix (3, 3) of a quaternion (4,) x, y, z, w of any length but zero."""
    x, y, z, w = np.asarray(quat, dtype=np.float64) / math.sqrt(float(np.dot(quat, quat)))
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def axis_rotation(axis: Array, angle: float) -> Array:
    """Rotation (3, 3) by `angle` about `axis` (3,), any length but zero (Rodrigues)."""
    x, y, z = np.asarray(axis, dtype=np.float64) / math.sqrt(float(np.dot(axis, axis)))
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: Array = np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * (cross @ cross)
    return turn


def smallest_rotation(start: Array, end: Array) -> Array:
    """The rotation (3, 3) of least angle that turns direction `start` (3,) to `end` (3,)."""
    a = np.asarray(start) / math.sqrt(float(np.dot(start, start)))
    b = np.asarray(end) / math.sqrt(float(np.dot(end, end)))
    axis = np.cross(a, b)
    sine = math.sqrt(float(axis @ axis))
    if sine < 1e-12:
        if float(a @ b) > 0:
            return np.eye(3)
        side = np.eye(3)[int(np.argmin(np.abs(a)))]
        return axis_rotation(np.cross(a, side), math.pi)
    return axis_rotation(axis, math.atan2(sine, float(a @ b)))


def rotation_angle(first: Array, second: Array) -> float:
    """Angle between two rotations, radians. From the matrices' difference, which stays exact for tiny angles."""
    gap = float(np.sqrt(np.sum((np.asarray(first) - np.asarray(second)) ** 2)))
    return 2.0 * math.asin(min(1.0, gap / (2.0 * math.sqrt(2.0))))


def tilt(angle: float, azimuth: float) -> Array:
    """Rotation (3, 3) by `angle` about the horizontal axis at `azimuth` from +x."""
    return axis_rotation(np.array([math.cos(azimuth), math.sin(azimuth), 0.0]), angle)
