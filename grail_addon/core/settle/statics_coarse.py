# SPDX-License-Identifier: GPL-3.0-or-later
"""A coarse stand-in for a mesh of millions of triangles: vertices that share a cell of a fine grid are made one.

No point moves by more than a cell's diagonal. An edge that had as many triangles on either side still has, as those that
shrink to an edge or a point take both of its runs away; so what was closed stays closed, also where seams were split.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Ints
from ..mesh import MeshData

FINE_FACES = 500_000
"""Meshes of more triangles than this are looked at by their stand-in."""
CELLS = 256
"""Cells along the longest side: a point moves by at most 0.7 % of the size, the centre of mass by far less."""
MOST_FACES = 4 * FINE_FACES
"""A stand-in of more triangles, as of loose bits or of triangles that meet nowhere, is made coarser."""
LEAST_CELLS = 32
_BLOCK = 500_000


def stand_in(mesh: MeshData) -> MeshData:
    """The mesh itself, or its stand-in where it is fine."""
    if len(mesh.faces) <= FINE_FACES:
        return mesh
    small, cells = coarse(mesh), CELLS
    while len(small.faces) > MOST_FACES and cells > LEAST_CELLS:
        cells //= 2
        small = coarse(small, cells)
    return small


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
    """The stand-in on a grid of so many cells along the longest side; each vertex is the mean of those in its cell. Triangles
    with less than three corners are left out."""
    return joined(mesh, grid_cells(mesh.vertices, cells)[0], cells)[0]


def joined(mesh: MeshData, key: Ints, cells: int) -> tuple[MeshData, Ints]:
    """The stand-in where `key` (N,) is the cell of each vertex, and which of its vertices each vertex (N,) has become."""
    is_taken = np.zeros(cells**3, dtype=bool)
    is_taken[key] = True
    number = np.cumsum(is_taken, dtype=np.int32) - np.int32(1)
    own = number[key]
    count = np.bincount(own)
    points = np.empty((len(count), 3))
    for axis in range(3):
        points[:, axis] = np.bincount(own, weights=mesh.vertices[:, axis]) / count
    faces = np.concatenate([_with_area(own[mesh.faces[i : i + _BLOCK]]) for i in _starts(mesh)])
    return MeshData(points, faces), own


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


def is_dust(small: MeshData) -> bool:
    """Whether most of the stand-in's vertices are in no triangle: the mesh's pieces are smaller than a cell."""
    is_used = np.zeros(len(small.vertices), dtype=bool)
    is_used[small.faces.ravel()] = True
    return 2 * int(is_used.sum()) < len(small.vertices)


def point_keys(points: Array) -> NDArray[np.uint64]:
    """A number (N,) for each point (N, 3): the same for points that are equal, others for all others but by a rare chance."""
    bits = [np.ascontiguousarray(column + 0.0).view(np.uint64) for column in points.T]  # + 0.0 makes -0.0 equal 0.0
    return _mixed(_mixed(_mixed(bits[0]) + bits[1]) + bits[2])


def is_balanced(faces: NDArray[Any], keys: NDArray[np.uint64] | None = None) -> bool:
    """Whether every edge is run equally often in either direction, as `statics_com.is_closed` tells it, without a sort: a sum
    over all edges of numbers that cancel then. keys (N,): what stands for each vertex; its index where there are none."""
    total = 0
    for start in range(0, len(faces), _BLOCK):
        block = faces[start : start + _BLOCK]
        corners = [block[:, k].astype(np.uint64) if keys is None else keys[block[:, k]] for k in range(3)]
        own = [_mixed(corner) for corner in corners]
        for k in range(3):
            one, other = corners[k], own[(k + 1) % 3]
            back, forth = corners[(k + 1) % 3], own[k]
            total += int(_mixed(one + other).sum(dtype=np.uint64)) - int(_mixed(back + forth).sum(dtype=np.uint64))
    return len(faces) > 0 and total % (1 << 64) == 0


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The last step of the generator SplitMix64: every bit of the result depends on every bit of the value."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
