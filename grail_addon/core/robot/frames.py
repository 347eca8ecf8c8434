# SPDX-License-Identifier: GPL-3.0-or-later
"""Places and orientations as MJCF writes them, as rotation (3, 3) and position (3,)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays import Array
from ..rotations import to_quat_xyzw

_ORIENTATIONS = ("quat", "axisangle", "euler", "xyaxes", "zaxis")


@dataclass(frozen=True, eq=False)
class Frame:
    """A place in its parent: p_parent = rotation @ p + position."""

    rotation: Array
    position: Array

    def __matmul__(self, inner: Frame) -> Frame:
        return Frame(self.rotation @ inner.rotation, self.rotation @ inner.position + self.position)

    def points(self, local: Array) -> Array:
        """(N, 3) points of this frame in the parent."""
        return np.asarray(local @ self.rotation.T + self.position)


UNMOVED = Frame(np.eye(3), np.zeros(3))


def numbers(text: str, count: int | None = None) -> Array:
    """The numbers of an attribute. Raises ValueError where they are none, not finite, or not `count`."""
    values = np.array([float(word) for word in text.split()], dtype=np.float64)
    if not np.isfinite(values).all() or (count is not None and len(values) != count):
        raise ValueError(f"`{text}` should be {count} numbers" if count else f"`{text}` should be numbers")
    return values


def about(axis: Array, angle: float) -> Array:
    """Rotation (3, 3) by `angle` radians about an axis of any length. Raises ValueError for an axis without one."""
    length = float(np.linalg.norm(axis))
    if length < 1e-12:
        raise ValueError("an axis has no direction")
    x, y, z = axis / length
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * (cross @ cross))


def from_quat_wxyz(quat: Array) -> Array:
    """Rotation (3, 3) of a quaternion w, x, y, z of any length but 0."""
    length = float(np.linalg.norm(quat))
    if length < 1e-12:
        raise ValueError("a quaternion has no length")
    w, x, y, z = quat / length
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def to_quat_wxyz(rotation: Array) -> Array:
    """Unit quaternion w, x, y, z, w >= 0, of a rotation (3, 3)."""
    x, y, z, w = to_quat_xyzw(rotation)
    return np.array([w, x, y, z])


def _euler(angles: Array, sequence: str) -> Array:
    """Small letters turn about axes that move along, capital letters about those that stay."""
    out = np.eye(3)
    for letter, angle in zip(sequence, angles, strict=True):
        turn = about(np.eye(3)["xyz".index(letter.lower())], float(angle))
        out = out @ turn if letter.islower() else turn @ out
    return out


def _shortest_from_z(axis: Array) -> Array:
    length = float(np.linalg.norm(axis))
    if length < 1e-12:
        raise ValueError("an axis has no direction")
    unit = axis / length
    across = np.cross([0.0, 0.0, 1.0], unit)
    sine = float(np.linalg.norm(across))
    if sine < 1e-10:
        return np.eye(3) if unit[2] > 0 else np.diag([1.0, -1.0, -1.0])
    return about(across, math.atan2(sine, float(unit[2])))


def orientation(values: Mapping[str, str], compiler: Mapping[str, str]) -> Array:
    """Rotation (3, 3) that an element's attributes say; none of them means unturned. Raises ValueError."""
    given = [name for name in _ORIENTATIONS if name in values]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} exclude each other")
    if not given:
        return np.eye(3)
    name = given[0]
    unit = 1.0 if compiler.get("angle", "degree") == "radian" else math.pi / 180.0
    if name == "quat":
        return from_quat_wxyz(numbers(values[name], 4))
    if name == "axisangle":
        axis = numbers(values[name], 4)
        return about(axis[:3], float(axis[3]) * unit)
    if name == "euler":
        return _euler(numbers(values[name], 3) * unit, compiler.get("eulerseq", "xyz"))
    if name == "zaxis":
        return _shortest_from_z(numbers(values[name], 3))
    axes = numbers(values[name], 6)
    x = axes[:3] / np.linalg.norm(axes[:3])
    y = axes[3:] - (axes[3:] @ x) * x
    y /= np.linalg.norm(y)
    return np.column_stack([x, y, np.cross(x, y)])


def frame_of(values: Mapping[str, str], compiler: Mapping[str, str]) -> Frame:
    """Place of an element in its parent."""
    return Frame(orientation(values, compiler), numbers(values.get("pos", "0 0 0"), 3))
