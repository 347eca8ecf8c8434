# SPDX-License-Identifier: GPL-3.0-or-later
"""The pixels that a mesh covers, in double precision and without a renderer: what masks are held against."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..camera import Camera
from ..mesh import MeshData

_MOST_PAIRS = 500_000


def covered(camera: Camera, world: MeshData) -> NDArray[np.bool_] | None:
    """(H, W), whether a pixel's centre sees the mesh, with nothing before it; None where a part is behind the camera.

    world: the mesh in world coordinates. Both sides of a triangle count.
    """
    pixels, depth = camera.project(world.vertices)
    if (depth <= 0).any():
        return None
    corners = pixels[world.faces]
    # first and last row and column of pixels whose centres can lie inside
    last = np.array([camera.width, camera.height]) - 1
    low = np.clip(np.ceil(corners.min(axis=1) - 0.5), 0, last + 1).astype(np.int64)
    high = np.clip(np.floor(corners.max(axis=1) - 0.5), -1, last).astype(np.int64)
    size = np.maximum(high - low + 1, 0)
    mask = np.zeros((camera.height, camera.width), dtype=bool)
    for some in _groups(size[:, 0] * size[:, 1]):
        _fill(mask, corners[some], low[some], size[some])
    return mask


def _groups(areas: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Indices of the triangles with pixels, few enough at a time that their pixels fit into memory."""
    some = np.flatnonzero(areas)
    if len(some):
        yield from np.split(some, np.flatnonzero(np.diff(np.cumsum(areas[some]) // _MOST_PAIRS)) + 1)


def _fill(mask: NDArray[np.bool_], corners: Array, low: NDArray[np.int64], size: NDArray[np.int64]) -> None:
    """Set the pixels of triangles; corners (M, 3, 2), low and size (M, 2): box of pixels of each."""
    areas = size[:, 0] * size[:, 1]
    which = np.repeat(np.arange(len(areas)), areas)
    place = np.arange(len(which)) - np.repeat(np.cumsum(areas) - areas, areas)
    column, row = low[which, 0] + place % size[which, 0], low[which, 1] + place // size[which, 0]
    sides = []
    for k in range(3):
        start, end = corners[which, k], corners[which, (k + 1) % 3]
        along = end - start
        sides.append(along[:, 0] * (row + 0.5 - start[:, 1]) - along[:, 1] * (column + 0.5 - start[:, 0]))
    inside = (np.min(sides, axis=0) >= 0) | (np.max(sides, axis=0) <= 0)
    mask[row[inside], column[inside]] = True
