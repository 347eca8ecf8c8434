# SPDX-License-Identifier: GPL-3.0-or-later
"""Connected pieces of a mesh, and crossings of two meshes' edges as seen from above. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Ints
from ..mesh import MeshData
from .statics_com import weld

_PAIRS_AT_ONCE = 2_000_000


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
    rows = max(1, _PAIRS_AT_ONCE // len(lower))
    parts = [_cross_block(upper[i : i + rows], lower, below) for i in range(0, len(upper), rows)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _cross_block(upper: Array, lower: Array, below: float) -> tuple[Array, Array]:
    (ua, ub), (la, lb) = (upper.min(axis=1), upper.max(axis=1)), (lower.min(axis=1), lower.max(axis=1))
    near = (ua[:, None, :2] <= lb[None, :, :2]).all(axis=2) & (ub[:, None, :2] >= la[None, :, :2]).all(axis=2)
    near &= ua[:, None, 2] - lb[None, :, 2] <= below
    i, j = np.nonzero(near)
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
