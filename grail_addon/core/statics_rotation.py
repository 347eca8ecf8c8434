# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations as (3, 3) float64 matrices and x, y, z, w quaternions. Matrices act on column vectors; angles in radians."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def quat_from_matrix(rotation: Array) -> Array:
    """Unit quaternion (4,) x, y, z, w with w >= 0 of a (nearly) orthonormal matrix. Shepperd's method: the largest of
    the four terms is the divisor, so no pose loses digits."""
    m = np.asarray(rotation, dtype=np.float64)
    trace = m[0, 0] + m[1, 1] + m[2, 2]
    q = np.empty(4)
    picks = np.array([m[0, 0], m[1, 1], m[2, 2], trace])
    i = int(np.argmax(picks))
    if i == 3:
        q[:] = (m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], 1.0 + trace)
    else:
        j, k = (i + 1) % 3, (i + 2) % 3
        q[i] = 1.0 - trace + 2.0 * m[i, i]
        q[j] = m[j, i] + m[i, j]
        q[k] = m[k, i] + m[i, k]
        q[3] = m[k, j] - m[j, k]
    q /= math.sqrt(float(q @ q))
    return -q if q[3] < 0 else q


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


def euler_from_matrix(rotation: Array) -> Array:
    """Angles (3,) x, y, z with R = Rz @ Ry @ Rx (Blender's 'XYZ'), y within [-pi/2, pi/2]; in gimbal lock z is 0."""
    m = np.asarray(rotation, dtype=np.float64)
    flat = math.hypot(m[0, 0], m[1, 0])
    y = math.atan2(-m[2, 0], flat)
    if flat > 1e-9:
        return np.array([math.atan2(m[2, 1], m[2, 2]), y, math.atan2(m[1, 0], m[0, 0])])
    return np.array([math.atan2(-m[1, 2], m[1, 1]), y, 0.0])


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
