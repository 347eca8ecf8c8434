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


def grid_cells(points: Array) -> tuple[Ints, Array, float]:
    """Number (N,) of the cell that each point is in (x + CELLS y + CELLS^2 z), lowest corner (3,) of the grid, and a
    cell's side."""
    low = points.min(axis=0)
    step = max(float((points.max(axis=0) - low).max()), 1e-300) / CELLS
    key = np.zeros(len(points), dtype=np.int64)
    for axis in range(3):
        along = np.minimum((points[:, axis] - low[axis]) / step, CELLS - 1)
        key += along.astype(np.int64) * CELLS**axis
    return key, low, step


def coarse(mesh: MeshData) -> MeshData:
    """The stand-in; each vertex is the mean of those in its cell. Triangles with less than three corners are left out."""
    key, _, _ = grid_cells(mesh.vertices)
    count = np.bincount(key, minlength=CELLS**3)
    taken = np.flatnonzero(count)
    number = np.cumsum(count > 0, dtype=np.int32) - np.int32(1)
    points = np.empty((len(taken), 3))
    for axis in range(3):
        sums = np.bincount(key, weights=mesh.vertices[:, axis], minlength=CELLS**3)
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
    vertices = mesh.vertices - middle
    for start in _starts(mesh):
        a, b, c = (vertices[mesh.faces[start : start + _BLOCK, k]] for k in range(3))
        six = np.einsum("ij,ij->i", a, np.cross(b, c))
        total += float(six.sum())
        moment += six @ (a + b + c)
    return total, moment
