# SPDX-License-Identifier: GPL-3.0-or-later
"""Which triangles of a mesh lie near which points: by their axis-aligned boxes, in double precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .arrays import Array, Ints
from .mesh import MeshData

_TOGETHER = 24
"""Points that are compared with the triangles round all of them at once."""
_SMALL = 0.05  # metres
_MANY_FACES = 20000  # from where on a grid pays
_FEWEST_CELLS, _MOST_CELLS = 16, 100  # along the longest side of such a grid


Pairs = tuple[Ints, Ints]
"""Indices (K,) of two kinds of things."""
_NO_PAIRS: Pairs = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class FaceBoxes:
    """low, high: (3, M) lowest and highest corner of each triangle's box, an axis a row."""

    low: Array
    high: Array

    @classmethod
    def of(cls, mesh: MeshData) -> FaceBoxes:
        """The boxes of a mesh's triangles."""
        low, high = np.empty((3, len(mesh.faces))), np.empty((3, len(mesh.faces)))
        for axis in range(3):
            a, b, c = mesh.corners_along(axis)
            np.minimum(np.minimum(a, b, out=low[axis]), c, out=low[axis])
            np.maximum(np.maximum(a, b, out=high[axis]), c, out=high[axis])
        return cls(low, high)

    def near(self, points: Array, reach: Array) -> Pairs:
        """Pairs (K,) of point and triangle whose box comes within the point's reach along every axis.

        points: (N, 3); reach: (N,) metres.
        """
        boxes = (points - reach[:, None], points + reach[:, None])
        small, among = self._pairs_on_grid(*boxes)
        found = [small, *self._pairs(points, boxes, np.arange(len(points)), among)]
        return np.concatenate([which for which, _ in found]), np.concatenate([faces for _, faces in found])

    def _pairs_on_grid(self, below: Array, above: Array) -> tuple[Pairs, Ints | None]:
        """Pairs (K,) of a box from `below` to `above` (N, 3) and a triangle that meets it, of triangles that are no larger than
        a cell of a grid; and the triangles that are larger, None for all where a grid would not pay."""
        if self.low.shape[1] < _MANY_FACES or not len(below):
            return _NO_PAIRS, None
        origin, end = below.min(axis=0), above.max(axis=0)
        cell = max(float((above - below).max()), float((end - origin).max()) / _MOST_CELLS, 1e-9)
        counts = (
            np.ceil((end - origin) / cell).astype(np.int64) + 3
        )  # one cell before the first, and one after the last
        if counts.max() < _FEWEST_CELLS:
            return _NO_PAIRS, None
        # a box reaches into two cells along each axis, and a triangle into the first of them from the one before
        first, last = (np.floor((corner - origin) / cell).astype(np.int64) + 1 for corner in (below, above))
        places = first[None] - 1 + np.array(list(np.ndindex(3, 3, 3)))[:, None]
        step, box = np.nonzero((places <= last).all(axis=2))
        keys = np.ravel_multi_index(tuple(places[step, box].T), tuple(counts))
        order = np.argsort(keys, kind="stable")
        marked, starts, sizes = np.unique(keys[order], return_index=True, return_counts=True)
        number = np.zeros(int(counts.prod()), dtype=np.int32)
        number[marked] = np.arange(1, len(marked) + 1)
        place = np.zeros(self.low.shape[1], dtype=np.int32)
        is_large = np.zeros(self.low.shape[1], dtype=bool)
        for axis, count in enumerate(counts.tolist()):
            cells = np.clip((self.low[axis] - origin[axis]) / cell, -1.0, count - 2.0)
            place = place * np.int32(count) + np.floor(cells, out=cells).astype(np.int32) + np.int32(1)
            is_large |= self.high[axis] - self.low[axis] > 0.99 * cell
        found = number[place]
        found[is_large] = 0
        faces = np.flatnonzero(found)
        of_cell = found[faces] - 1
        sizes = sizes[of_cell]
        before = np.repeat(starts[of_cell] - (np.cumsum(sizes) - sizes), sizes)
        which, faces = box[order[before + np.arange(len(before))]], np.repeat(faces, sizes)
        return self._meeting(which, faces, below, above), np.flatnonzero(is_large)

    def _meeting(self, which: Ints, faces: Ints, below: Array, above: Array) -> Pairs:
        """Those of the pairs whose triangle meets the box."""
        for axis in range(3):
            meets = (self.low[axis, faces] <= above[which, axis]) & (self.high[axis, faces] >= below[which, axis])
            which, faces = which[meets], faces[meets]
        return which, faces

    def within(self, low: Array, high: Array, among: Ints | None = None) -> Ints:
        """Triangles, of all or of those named, whose boxes meet the box from `low` to `high` (3,)."""
        if among is None:
            found = np.flatnonzero((self.low[0] <= high[0]) & (self.high[0] >= low[0]))
        else:
            found = among[(self.low[0].take(among) <= high[0]) & (self.high[0].take(among) >= low[0])]
        for axis in (1, 2):
            found = found[(self.low[axis].take(found) <= high[axis]) & (self.high[axis].take(found) >= low[axis])]
        return found

    def close_to(self, others: FaceBoxes, margin: float) -> Ints:
        """Triangles, in rising order, among which are all whose boxes come within `margin` metres of one of the other boxes.

        The others are halved until they lie within a few centimetres of each other, where the box round them will do.
        """
        is_close = np.zeros(self.low.shape[1], dtype=bool)
        groups = [(np.arange(others.low.shape[1]), np.arange(self.low.shape[1]))] if others.low.size else []
        while groups:
            some, among = groups.pop()
            lows, highs = others.low[:, some], others.high[:, some]
            low, high = lows.min(axis=1), highs.max(axis=1)
            faces = self.within(low - margin, high + margin, among)
            if len(some) == 1 or (high - low).max() < _SMALL:
                is_close[faces] = True
            elif len(faces):
                groups += [(some[half], faces) for half in _halves((lows + highs).T)]
        return np.flatnonzero(is_close)

    def _pairs(
        self, points: Array, boxes: tuple[Array, Array], some: Ints, among: Ints | None
    ) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of the points `some` and of triangles `among`. boxes: lowest and highest (N, 3) that each point reaches.

        Points are halved along their longest axis, and with them the triangles that any of them can reach.
        """
        below, above = boxes[0][some], boxes[1][some]
        faces = self.within(below.min(axis=0), above.max(axis=0), among) if len(some) else np.zeros(0, dtype=np.int64)
        if not len(faces):
            return
        if len(some) <= _TOGETHER or len(faces) <= _TOGETHER:
            meets = np.ones((len(some), len(faces)), dtype=bool)
            for axis in range(3):
                meets &= self.low[axis, faces] <= above[:, axis, None]
                meets &= self.high[axis, faces] >= below[:, axis, None]
            which, face = np.nonzero(meets)
            yield some[which], faces[face]
            return
        for half in _halves(points[some]):
            yield from self._pairs(points, boxes, some[half], faces)


def _halves(points: Array) -> tuple[Ints, Ints]:
    """Indices of the points (N, 3) in two halves, parted along their longest axis."""
    axis = int(np.argmax(points.max(axis=0) - points.min(axis=0)))
    order = np.argpartition(points[:, axis], len(points) // 2)
    return order[: len(points) // 2], order[len(points) // 2 :]
