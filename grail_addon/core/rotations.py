# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations between the forms that configuration, Blender and the output files use.

Euler angles are Blender's 'XYZ': R = Rz @ Ry @ Rx, radians. Quaternions in files are x, y, z, w.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .arrays import Array


def about_z(angle: float) -> Array:
    """Rotation (3, 3) by `angle` radians about +z."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def from_euler(euler: Sequence[float] | Array) -> Array:
    """Rotation (3, 3) of XYZ Euler angles in radians."""
    x, y, z = (float(a) for a in euler)
    rx = np.array([[1, 0, 0], [0, math.cos(x), -math.sin(x)], [0, math.sin(x), math.cos(x)]])
    ry = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    return np.asarray(about_z(z) @ ry @ rx, dtype=np.float64)


def from_euler_deg(euler: Sequence[float]) -> Array:
    """Rotation (3, 3) of XYZ Euler angles in degrees, as configuration writes them."""
    return from_euler([math.radians(a) for a in euler])


def to_euler(rotation: Array) -> Array:
    """XYZ Euler angles (3,) in radians of a rotation (3, 3). At gimbal lock x is put to 0."""
    r = np.asarray(rotation, dtype=np.float64)
    horizontal = math.hypot(r[0, 0], r[1, 0])
    y = math.atan2(-r[2, 0], horizontal)
    if horizontal > 1e-9:
        return np.array([math.atan2(r[2, 1], r[2, 2]), y, math.atan2(r[1, 0], r[0, 0])])
    return np.array([0.0, y, math.atan2(-r[0, 1], r[1, 1])])


def to_quat_xyzw(rotation: Array) -> Array:
    """Unit quaternion (4,), x y z w with w >= 0, of a rotation (3, 3). Stable for all angles (largest term first)."""
    r = np.asarray(rotation, dtype=np.float64)
    # four times the squares of x, y, z, w
    squares = 1.0 + np.array(
        [
            r[0, 0] - r[1, 1] - r[2, 2],
            r[1, 1] - r[0, 0] - r[2, 2],
            r[2, 2] - r[0, 0] - r[1, 1],
            r[0, 0] + r[1, 1] + r[2, 2],
        ]
    )
    rows = {
        0: [squares[0], r[0, 1] + r[1, 0], r[0, 2] + r[2, 0], r[2, 1] - r[1, 2]],
        1: [r[0, 1] + r[1, 0], squares[1], r[1, 2] + r[2, 1], r[0, 2] - r[2, 0]],
        2: [r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], squares[2], r[1, 0] - r[0, 1]],
        3: [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], squares[3]],
    }
    quat = np.array(rows[int(np.argmax(squares))])
    quat /= np.linalg.norm(quat)
    return quat if quat[3] >= 0 else -quat
