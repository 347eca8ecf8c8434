# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh cut along a coarse grid, whatever its triangles are like: for meshes of very many pieces. Pure numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..mesh import MeshData
from .statics_coarse import grid_cells

_POINTS_AT_ONCE = 1_000_000
_SAMPLES = 24  # along the mesh's longest side


def cell_points(mesh: MeshData, cells: int, directions: Array) -> list[Array]:
    """For each cell of a grid of so many along the longest side that the mesh runs through: the points (K, 3) of the mesh in
    it that are farthest along one of the directions (D, 3). Of triangles that reach over several cells, points on them count."""
    _, low, step = grid_cells(mesh.vertices, cells)
    farthest: dict[int, tuple[Array, Array]] = {}
    for points in _samples(mesh, step * cells / _SAMPLES):
        cell = np.zeros(len(points), dtype=np.int64)
        for axis in range(3):
            along = np.clip((points[:, axis] - low[axis]) / step, 0, cells - 1)
            cell += along.astype(np.int64) * cells**axis
        for number in np.unique(cell):
            own = points[cell == number]
            reach = np.full(len(directions), -np.inf), np.zeros((len(directions), 3))
            best, where = farthest.setdefault(int(number), reach)
            for some in np.array_split(own, len(own) // 4096 + 1):
                along = directions @ some.T
                first = np.argmax(along, axis=1)
                value = along[np.arange(len(directions)), first]
                better = value > best
                best[better], where[better] = value[better], some[first[better]]
    return [np.unique(farthest[number][1], axis=0) for number in sorted(farthest)]


def _samples(mesh: MeshData, step: float) -> Iterator[Array]:
    """Corners of the triangles, and points on those whose sides are longer than `step`."""
    block = _POINTS_AT_ONCE // 4
    for start in range(0, len(mesh.faces), block):
        corners = mesh.vertices[mesh.faces[start : start + block]]
        longest = (corners.max(axis=1) - corners.min(axis=1)).max(axis=1)
        count = np.clip(np.ceil(longest / step), 1, _SAMPLES).astype(np.int64)
        for parts in np.unique(count):
            chosen, weights = corners[count == parts], _weights(int(parts))
            for some in np.array_split(chosen, len(chosen) * len(weights) // _POINTS_AT_ONCE + 1):
                yield (weights @ some).reshape(-1, 3)


def _weights(parts: int) -> NDArray[np.float64]:
    """Weights (K, 3) of a triangle's corners for the points that cut each of its sides into so many parts."""
    rows = [(i, j, parts - i - j) for i in range(parts + 1) for j in range(parts + 1 - i)]
    return np.array(rows, dtype=np.float64) / parts
