# SPDX-License-Identifier: GPL-3.0-or-later
"""Connected pieces of a mesh, and crossings of two meshes' edges as seen from above. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Ints
from ..mesh import MeshData
from .statics_com import weld

_PAIRS_AT_ONCE = 2_000_000
_MOST_CELLS = 512  # along each side of the grid in which segments are looked for
_CELLS_AT_ONCE = 50_000


def pieces(mesh: MeshData) -> list[MeshData]:
    """The mesh cut into parts that share no vertex position, in the order of their lowest vertex; welded."""
    points = np.unique(mesh.vertices + 0.0, axis=0)  # `weld` numbers positions the same way
    faces = weld(mesh)
    label = np.arange(len(points))
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    while True:  # each round every vertex takes the lowest label among its neighbours, then that label's own label
        before = label.copy()
        low = np.minimum(label[edges[:, 0]], label[edges[:, 1]])
        np.minimum.at(label, edges[:, 0], low)
        np.minimum.at(label, edges[:, 1], low)
        label = label[label]
        if np.array_equal(before, label):
            break
    found = []
    for name in np.unique(label[faces[:, 0]]):
        own = faces[label[faces[:, 0]] == name]
        used, local = np.unique(own, return_inverse=True)
        found.append(MeshData(points[used], local.reshape(own.shape).astype(np.int32)))
    return found


def edges_of(faces: NDArray[np.int32]) -> Ints:
    """Each edge of the triangles (M, 3) once, as vertex pairs (E, 2)."""
    all_edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    unique: Ints = np.unique(np.sort(all_edges, axis=1), axis=0).astype(np.int64)
    return unique


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
    step = max(float((ub - ua)[high, :2].mean() + (lb - la)[low, :2].mean()), widest / _MOST_CELLS)
    first = _cells(ua[high, :2], ub[high, :2], origin, step)
    second = _cells(la[low, :2], lb[low, :2], origin, step)
    found = []
    for part in np.array_split(np.arange(len(first[0])), len(first[0]) // _CELLS_AT_ONCE + 1):
        a, b = _same(first[1][part], second[1])
        i, j = high[first[0][part[a]]], low[second[0][b]]
        near = (
            (ua[i, :2] <= lb[j, :2]).all(axis=1) & (ub[i, :2] >= la[j, :2]).all(axis=1) & (ua[i, 2] - lb[j, 2] <= below)
        )
        found.append(i[near] * len(lower) + j[near])
    pair = np.unique(np.concatenate(found))
    return pair // len(lower), pair % len(lower)


def _cells(low: Array, high: Array, origin: Array, step: float) -> tuple[Ints, Ints]:
    """Each box (low, high (N, 2)) in each cell of a grid that it touches: index of the box, number of the cell; those outside
    the grid are put at its border, which only makes more pairs to look at."""
    a = np.clip(np.floor((low - origin) / step), 0, _MOST_CELLS).astype(np.int64)
    b = np.clip(np.floor((high - origin) / step), 0, _MOST_CELLS).astype(np.int64)
    across, along = (b - a + 1).T
    count = across * along
    box = np.repeat(np.arange(len(low)), count)
    local = np.arange(len(box)) - np.repeat(np.cumsum(count) - count, count)
    x, y = a[box, 0] + local // along[box], a[box, 1] + local % along[box]
    return box, x * (_MOST_CELLS + 1) + y


def _same(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """All pairs of indices at which the two have the same number."""
    order = np.argsort(second, kind="stable")
    start, end = (np.searchsorted(second[order], first, side) for side in ("left", "right"))
    count = end - start
    a = np.repeat(np.arange(len(first)), count)
    return a, order[np.repeat(start, count) + np.arange(len(a)) - np.repeat(np.cumsum(count) - count, count)]


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
