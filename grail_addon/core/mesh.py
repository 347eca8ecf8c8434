# SPDX-License-Identifier: GPL-3.0-or-later
"""A triangle mesh as plain arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .arrays import Array


@dataclass(frozen=True, eq=False)
class MeshData:
    """Triangles in one frame. vertices: (N, 3) float64, metres once scaled; faces: (M, 3) int32 vertex indices."""

    vertices: Array
    faces: NDArray[np.int32]

    def __post_init__(self) -> None:
        if self.vertices.ndim != 2 or self.vertices.shape[1] != 3 or self.vertices.dtype != np.float64:
            raise ValueError(f"vertices must be (N, 3) float64, got {self.vertices.shape} {self.vertices.dtype}")
        if self.faces.ndim != 2 or self.faces.shape[1] != 3:
            raise ValueError(f"faces must be (M, 3), got {self.faces.shape}")

    def scaled(self, scale: Array) -> MeshData:
        """The mesh with each axis multiplied by `scale` (3,)."""
        return MeshData(self.vertices * np.asarray(scale, dtype=np.float64), self.faces)

    def transformed(self, rotation: Array, translation: Array) -> MeshData:
        """The mesh under p -> rotation @ p + translation; rotation (3, 3), translation (3,)."""
        return MeshData(self.vertices @ np.asarray(rotation).T + np.asarray(translation), self.faces)

    def drawn(self) -> MeshData:
        """The mesh without vertices that belong to no face."""
        used = np.zeros(len(self.vertices), dtype=bool)
        used[self.faces.ravel()] = True
        if used.all():
            return self
        index = np.cumsum(used, dtype=np.int32) - np.int32(1)
        return MeshData(self.vertices[used], index[self.faces])

    @cached_property
    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest corner, (3,) each; found once, as a mesh never changes."""
        columns = self.vertices.T
        return np.array([c.min() for c in columns]), np.array([c.max() for c in columns])

    @property
    def size(self) -> float:
        """Longest side of the axis-aligned box."""
        low, high = self.bounds
        return float((high - low).max())

    def corners_along(self, axis: int) -> Array:
        """(3, M) coordinate of each triangle's corners along one axis, a corner a row: fast to compute with."""
        return np.ascontiguousarray(self.vertices[:, axis])[self._corners]

    @cached_property
    def _corners(self) -> NDArray[np.intp]:
        return np.ascontiguousarray(self.faces.T).astype(np.intp)

    def digest(self) -> str:
        """Hex SHA-256 of the exact vertex and face data."""
        h = hashlib.sha256()
        h.update(np.ascontiguousarray(self.vertices).tobytes())
        h.update(np.ascontiguousarray(self.faces, dtype=np.int32).tobytes())
        return h.hexdigest()


def distance_to_triangles(points: Array, a: Array, b: Array, c: Array) -> Array:
    """Distance (N,) from each point to its own triangle; points, a, b, c: (N, 3).

    The nearest point is the foot of the perpendicular where that falls inside, else it lies on the nearest edge.
    """
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    flat = length > 1e-300
    unit = normal / np.where(flat, length, 1.0)[:, None]
    inside = flat.copy()
    for start, end in ((a, b), (b, c), (c, a)):
        inside &= np.einsum("ij,ij->i", np.cross(end - start, points - start), unit) >= 0.0
    to_plane = np.abs(np.einsum("ij,ij->i", points - a, unit))
    to_edges = np.min([_to_segment(points, s, e) for s, e in ((a, b), (b, c), (c, a))], axis=0)
    return np.where(inside, to_plane, to_edges)


def _to_segment(points: Array, start: Array, end: Array) -> Array:
    along = end - start
    squared = np.einsum("ij,ij->i", along, along)
    share = np.einsum("ij,ij->i", points - start, along) / np.where(squared > 0, squared, 1.0)
    foot = start + np.clip(share, 0.0, 1.0)[:, None] * along
    return np.asarray(np.linalg.norm(points - foot, axis=1))


def thin_faces(mesh: MeshData, limit: float) -> NDArray[np.int64]:
    """Triangles whose longest side to the fifth power is more than `limit` (1/m) times their doubled area squared."""
    along = [mesh.corners_along(axis) for axis in range(3)]
    first, second, third = ([c[k] - c[j] for c in along] for j, k in ((0, 1), (0, 2), (1, 2)))
    longest = np.max([_dot(side, side) for side in (first, second, third)], axis=0, initial=0.0)  # squared
    cross = [first[i] * second[j] - first[j] * second[i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return np.flatnonzero(longest**2 * np.sqrt(longest) > limit * _dot(cross, cross))


def _dot(a: Sequence[Array], b: Sequence[Array]) -> Array:
    product: Array = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product
