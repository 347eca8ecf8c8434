# SPDX-License-Identifier: GPL-3.0-or-later
"""A coarse stand-in for a mesh of millions of triangles: vertices that share a cell of a fine grid are made one.

No point moves by more than a cell's diagonal. An edge that had as many triangles on either side still has, as those that
shrink to an edge or a point take both of its runs away; so what was closed stays closed, also where seams were split.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array, Ints
from ..mesh import MeshData

FINE_FACES = 500_000
"""Meshes of more triangles than this are looked at by their stand-in."""
CELLS = 256
"""Cells along the longest side: a point moves by at most 0.7 % of the size, the centre of mass by far less."""
_BLOCK = 500_000


def stand_in(mesh: MeshData) -> MeshData:
    """The mesh itself, or its stand-in where it is fine."""
    return coarse(mesh) if len(mesh.faces) > FINE_FACES else mesh


def corners_of(points: Array) -> tuple[Array, Array]:
    """Lowest and highest corner (3,) of the points (N, 3), column by column: along rows it takes ten times as long."""
    return np.array([column.min() for column in points.T]), np.array([column.max() for column in points.T])


def grid_cells(points: Array, cells: int) -> tuple[Ints, Array, float]:
    """Number (N,) of the cell that each point is in (x + cells y + cells^2 z), lowest corner (3,) of the grid, and a
    cell's side."""
    low, high = corners_of(points)
    step = max(float((high - low).max()), 1e-300) / cells
    key = np.zeros(len(points), dtype=np.int64)
    for axis in range(3):
        along = np.minimum((points[:, axis] - low[axis]) / step, cells - 1)
        key += along.astype(np.int64) * cells**axis
    return key, low, step


def coarse(mesh: MeshData, cells: int = CELLS) -> MeshData:
    """The stand-in on a grid of so many cells along the longest side; each vertex is the mean of those in its cell. Triangles with less than three corners are left out."""
    key, _, _ = grid_cells(mesh.vertices, cells)
    count = np.bincount(key, minlength=cells**3)
    taken = np.flatnonzero(count)
    number = np.cumsum(count > 0, dtype=np.int32) - np.int32(1)
    points = np.empty((len(taken), 3))
    for axis in range(3):
        sums = np.bincount(key, weights=mesh.vertices[:, axis], minlength=cells**3)
        points[:, axis] = sums[taken] / count[taken]
    own = number[key]
    return MeshData(points, np.concatenate([_with_area(own[mesh.faces[i : i + _BLOCK]]) for i in _starts(mesh)]))


def _with_area(faces: Ints) -> Ints:
    a, b, c = faces.T
    kept: Ints = faces[(a != b) & (b != c) & (c != a)]
    return kept


def _starts(mesh: MeshData) -> range:
    return range(0, len(mesh.faces), _BLOCK)


def volume_moments(mesh: MeshData, middle: Array) -> tuple[float, Array]:
    """Six times the signed volume, and 24 times its first moment (3,), both about `middle`, a block at a time."""
    total, moment = 0.0, np.zeros(3)
    columns = [
        mesh.vertices[:, axis] - middle[axis] for axis in range(3)
    ]  # each in one piece, which is quick to pick from
    for start in _starts(mesh):
        a, b, c = mesh.faces[start : start + _BLOCK].T
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = ([column.take(corner) for column in columns] for corner in (a, b, c))
        six = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
        total += float(six.sum())
        moment += [six @ (ax + bx + cx), six @ (ay + by + cy), six @ (az + bz + cz)]
    return total, moment
