# SPDX-License-Identifier: GPL-3.0-or-later
"""Connected pieces of a mesh, and crossings of two meshes' edges as seen from above. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Ints
from ..mesh import MeshData
from .statics_com import weld
from .statics_grid import MOST_CELLS, boxes_in_cells, same_number
from .statics_pieces import pieces as piece_of_each

_PAIRS_AT_ONCE = 2_000_000
_CELLS_AT_ONCE = 50_000


def pieces(mesh: MeshData) -> list[MeshData]:
    """The mesh cut into parts that share no vertex position, in the order of their lowest vertex; welded."""
    points = np.unique(mesh.vertices + 0.0, axis=0)  # `weld` numbers positions the same way
    faces = weld(mesh)
    if len(faces) == 0:
        return []
    number = piece_of_each(faces, len(points))
    order = np.argsort(number, kind="stable")
    found = []
    for own in np.split(faces[order], np.cumsum(np.bincount(number))[:-1]):
        used, local = np.unique(own, return_inverse=True)
        found.append(MeshData(points[used], local.reshape(own.shape).astype(np.int32)))
    return found


def edges_of(faces: NDArray[np.int32]) -> Ints:
    """Each edge of the triangles (M, 3) once, as vertex pairs (E, 2)."""
    corners = faces.astype(np.int64)
    ends = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    count = int(corners.max(initial=0)) + 1
    key = np.unique(ends.min(axis=1) * count + ends.max(axis=1))  # one number an edge: rows take ten times as long
    edges: Ints = np.stack([key // count, key % count], axis=1)
    return edges


def crossings(upper: Array, lower: Array, below: float) -> tuple[Array, Array]:
    """Where segments `upper` (E, 2, 3) cross over segments `lower` (F, 2, 3) seen along z.

    Returns xy (K, 2) of the crossings and height (K,) of upper above lower there (negative: it runs below), only
    those of at most `below`. Parallel pairs are left out: their ends are seen by vertex tests.
    """
    if len(upper) == 0 or len(lower) == 0:
        return np.zeros((0, 2)), np.zeros(0)
    i, j = _near(upper, lower, below)
    rows = max(1, _PAIRS_AT_ONCE // 8)
    starts = range(0, max(len(i), 1), rows)
    parts = [_cross_pairs(upper, lower, i[k : k + rows], j[k : k + rows], below) for k in starts]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _near(upper: Array, lower: Array, below: float) -> tuple[Ints, Ints]:
    """Pairs of segments (indices, in order) whose boxes overlap as seen along z, the upper one not too high over the lower."""
    (ua, ub), (la, lb) = (upper.min(axis=1), upper.max(axis=1)), (lower.min(axis=1), lower.max(axis=1))
    high = np.flatnonzero(ua[:, 2] - lb[:, 2].max() <= below)
    low = np.flatnonzero(
        (lb[:, :2] >= ua[:, :2].min(axis=0)).all(axis=1) & (la[:, :2] <= ub[:, :2].max(axis=0)).all(axis=1)
    )
    if len(high) == 0 or len(low) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    origin = la[low, :2].min(axis=0)
    widest = float(max(np.ptp(lower[low, :, :2], axis=(0, 1)).max(), 1e-300))
    sides = [float(np.sqrt(np.square(size[:, :2]).mean())) for size in ((ub - ua)[high], (lb - la)[low])]
    step = max(sum(sides), widest / MOST_CELLS)
    first = boxes_in_cells(ua[high, :2], ub[high, :2], origin, step)
    second = boxes_in_cells(la[low, :2], lb[low, :2], origin, step)
    found = []
    for part in np.array_split(np.arange(len(first[0])), len(first[0]) // _CELLS_AT_ONCE + 1):
        a, b = same_number(first[1][part], second[1])
        i, j = high[first[0][part[a]]], low[second[0][b]]
        near = (
            (ua[i, :2] <= lb[j, :2]).all(axis=1) & (ub[i, :2] >= la[j, :2]).all(axis=1) & (ua[i, 2] - lb[j, 2] <= below)
        )
        found.append(i[near] * len(lower) + j[near])
    pair = np.unique(np.concatenate(found))
    return pair // len(lower), pair % len(lower)


def _cross_pairs(upper: Array, lower: Array, i: Ints, j: Ints, below: float) -> tuple[Array, Array]:
    p, r = upper[i, 0], upper[i, 1] - upper[i, 0]
    q, s = lower[j, 0], lower[j, 1] - lower[j, 0]
    det = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
    safe = np.where(det == 0.0, 1.0, det)
    d = q - p
    t = (d[:, 0] * s[:, 1] - d[:, 1] * s[:, 0]) / safe
    u = (d[:, 0] * r[:, 1] - d[:, 1] * r[:, 0]) / safe
    height = p[:, 2] + t * r[:, 2] - q[:, 2] - u * s[:, 2]
    hit = (det != 0.0) & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1) & (height <= below)
    xy: Array = p[hit, :2] + t[hit, None] * r[hit, :2]
    return xy, height[hit]
