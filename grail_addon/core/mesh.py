# SPDX-License-Identifier: GPL-3.0-or-later
"""A triangle mesh as plain arrays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest corner, (3,) each."""
        return self.vertices.min(axis=0), self.vertices.max(axis=0)

    @property
    def size(self) -> float:
        """Longest side of the axis-aligned box."""
        low, high = self.bounds
        return float((high - low).max())

    def digest(self) -> str:
        """Hex SHA-256 of the exact vertex and face data."""
        h = hashlib.sha256()
        h.update(np.ascontiguousarray(self.vertices).tobytes())
        h.update(np.ascontiguousarray(self.faces, dtype=np.int32).tobytes())
        return h.hexdigest()
