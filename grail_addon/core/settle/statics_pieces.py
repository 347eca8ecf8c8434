# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed pieces of a mesh that are wound inside out, turned so that each counts as solid; hollows stay hollows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..mesh import MeshData
from .statics_grid import MOST_CELLS, boxes_in_cells

Labels = NDArray[np.int64]
_WEIGHTS = np.array([0.41, 0.34, 0.25])  # of a triangle's corners, for a point that is over no edge
_PAIRS_AT_ONCE = 1_000_000
_MOST_PAIRS = 50_000_000


def pieces(faces: NDArray[np.int64], vertex_count: int) -> Labels:
    """Number (M,) of the connected piece of each triangle, in the order of their lowest vertices; pieces share no vertex."""
    label = np.arange(vertex_count, dtype=np.int64)
    while True:
        own = label[faces]
        least = own.min(axis=1)
        lower = label.copy()
        for corner in range(3):
            # what the vertex pointed to takes the lower number, too: else a long strip would take a round for each triangle
            np.minimum.at(lower, own[:, corner], least)
            np.minimum.at(lower, faces[:, corner], least)
        lower = lower[lower]
        if np.array_equal(lower, label):
            break
        label = lower
    number: Labels = np.unique(label[faces[:, 0]], return_inverse=True)[1].astype(np.int64)
    return number


def turned_outwards(mesh: MeshData) -> MeshData:
    """The closed and welded `mesh` with its inside-out pieces turned; itself where there are none.

    A piece is inside out if its signed volume is against that of the largest piece, and it lies in no other piece (or
    in two: then it is a body in a hollow). One that lies in one other piece is a hollow of it, and stays.
    """
    number = pieces(mesh.faces.astype(np.int64), len(mesh.vertices))
    if number.max(initial=0) == 0:
        return mesh
    corners = mesh.vertices[mesh.faces]
    middle = (mesh.bounds[0] + mesh.bounds[1]) / 2
    a, b, c = (corners[:, k] - middle for k in range(3))
    volumes = np.bincount(number, weights=np.einsum("ij,ij->i", a, np.cross(b, c)))
    against = np.flatnonzero(np.sign(volumes) == -np.sign(volumes[np.argmax(np.abs(volumes))]))
    if not len(against):
        return mesh
    wrong = against[_depths(against, corners, number) % 2 == 0]
    if not len(wrong):
        return mesh
    faces = mesh.faces.astype(np.int32)
    turn = np.isin(number, wrong)
    faces[turn] = faces[turn][:, ::-1]
    return MeshData(mesh.vertices, faces)


def _depths(chosen: Labels, corners: Array, number: Labels) -> Labels:
    """How many other pieces each of the `chosen` pieces lies in: those that turn round a point of it, told by the triangles
    straight above that point."""
    first = np.unique(number, return_index=True)[1][chosen]
    points = _WEIGHTS @ corners[first]
    low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
    origin, far = low.min(axis=0), high.max(axis=0)
    step = max(float(np.sqrt(np.square(high - low).mean())), float((far - origin).max()) / MOST_CELLS, 1e-300)
    face, cell = boxes_in_cells(low, high, origin, step)
    depths = np.zeros(len(chosen), dtype=np.int64)
    under = boxes_in_cells(points[:, :2], points[:, :2], origin, step)[1]
    order = np.argsort(cell, kind="stable")
    face, cell = face[order], cell[order]
    start, end = (np.searchsorted(cell, under, side) for side in ("left", "right"))
    ends = np.cumsum(end - start)
    if ends[-1] > _MOST_PAIRS:
        return depths  # thousands of pieces over one another are a heap, not hollows
    cuts = np.unique(np.searchsorted(ends, np.arange(_PAIRS_AT_ONCE, ends[-1], _PAIRS_AT_ONCE)))
    for some in np.split(np.arange(len(chosen)), cuts):
        count = (end - start)[some]
        point = np.repeat(some, count)
        above = face[np.repeat(start[some], count) + np.arange(len(point)) - np.repeat(np.cumsum(count) - count, count)]
        crossing = _crossings_above(points[point], corners[above])
        crossing[number[above] == chosen[point]] = 0
        met = np.flatnonzero(crossing)
        pair, index = np.unique(point[met] * (int(number.max()) + 1) + number[above[met]], return_inverse=True)
        turned = np.bincount(index.reshape(-1), weights=crossing[met], minlength=len(pair)) != 0
        np.add.at(depths, pair[turned] // (int(number.max()) + 1), 1)
    return depths


def _crossings_above(points: Array, corners: Array) -> Labels:
    """Whether each ray from a point (N, 3) straight up meets its triangle (N, 3, 3): 1 or -1 by the way it faces, else 0.

    A corner that lies straight above counts as beyond the point on either axis, so a ray through an edge that two triangles
    share meets one of them."""
    local = corners - points[:, None]
    sides = []
    for k in range(3):
        a, b = local[:, k], local[:, (k + 1) % 3]
        crosses = (a[:, 1] >= 0.0).astype(np.int64) - (b[:, 1] >= 0.0)  # 1 downwards, -1 upwards over the x axis
        area = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        sides.append(np.where(crosses > 0, crosses * (area < 0.0), crosses * (area > 0.0)))
    around = -np.sum(sides, axis=0)
    a, b, c = (local[:, k] for k in range(3))
    height = np.einsum(
        "ij,ij->i", a, np.cross(b, c)
    )  # the plane over the origin has the sign of this over the normal's
    normal = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    result: Labels = np.where((normal != 0.0) & (height * np.sign(normal) > 0.0), around, 0)
    return result
