# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed pieces of a mesh that are wound inside out, turned so that each counts as solid; hollows stay hollows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..mesh import MeshData

Labels = NDArray[np.int64]


def pieces(faces: NDArray[np.int64], vertex_count: int) -> Labels:
    """Number (M,) of the connected piece of each triangle; pieces share no vertex."""
    label = np.arange(vertex_count, dtype=np.int64)
    while True:
        least = label[faces].min(axis=1)
        lower = label.copy()
        for corner in range(3):
            np.minimum.at(lower, faces[:, corner], least)
        lower = lower[lower]
        if np.array_equal(lower, label):
            break
        label = lower
    number: Labels = np.unique(label[faces[:, 0]], return_inverse=True)[1].astype(np.int64)
    return number


def turned_outwards(mesh: MeshData, welded: NDArray[np.int64]) -> MeshData:
    """The closed `mesh` with its inside-out pieces turned; itself where there are none. welded: its faces by `weld`.

    A piece is inside out if its signed volume is against that of the largest piece, and it lies in no other piece (or
    in two: then it is a body in a hollow). One that lies in one other piece is a hollow of it, and stays.
    """
    number = pieces(welded, int(welded.max()) + 1)
    if number.max(initial=0) == 0:
        return mesh
    points = np.unique(mesh.vertices + 0.0, axis=0)  # what `weld` numbers
    corners = points[welded]
    middle = (mesh.bounds[0] + mesh.bounds[1]) / 2
    a, b, c = (corners[:, k] - middle for k in range(3))
    volumes = np.bincount(number, weights=np.einsum("ij,ij->i", a, np.cross(b, c)))
    against = np.flatnonzero(np.sign(volumes) == -np.sign(volumes[np.argmax(np.abs(volumes))]))
    if not len(against):
        return mesh
    boxes = _boxes(corners, number, len(volumes))
    wrong = [one for one in against if _depth(int(one), corners, number, boxes) % 2 == 0]
    if not wrong:
        return mesh
    faces = welded.astype(np.int32)
    turn = np.isin(number, wrong)
    faces[turn] = faces[turn][:, ::-1]
    return MeshData(points, faces)


def _boxes(corners: Array, number: Labels, count: int) -> tuple[Array, Array]:
    """Lowest and highest corner (P, 3) of each piece."""
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, number, corners.min(axis=1))
    np.maximum.at(high, number, corners.max(axis=1))
    return low, high


def _depth(one: int, corners: Array, number: Labels, boxes: tuple[Array, Array]) -> int:
    """How many other pieces the piece `one` lies in."""
    low, high = boxes
    around = np.flatnonzero((low <= low[one]).all(axis=1) & (high >= high[one]).all(axis=1))
    point = corners[int(np.argmax(number == one)), 0]
    return sum(abs(_winding(corners[number == other] - point)) > 0.5 for other in around if other != one)


def _winding(corners: Array) -> float:
    """Turns of the closed triangles (M, 3, 3) around the origin: 1 or -1 inside, 0 outside."""
    a, b, c = (corners[:, k] for k in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", *pair) for pair in ((a, b), (b, c), (c, a)))
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    return float(np.arctan2(above, la * lb * lc + ab * lc + bc * la + ca * lb).sum() / (2.0 * np.pi))
