# SPDX-License-Identifier: GPL-3.0-or-later
"""Boxes in the cells of a flat grid, to find which of them may meet. Pure numpy."""

from __future__ import annotations

import numpy as np

from ..arrays import Array, Ints

MOST_CELLS = 512  # along each side of the grid


def boxes_in_cells(low: Array, high: Array, origin: Array, step: float) -> tuple[Ints, Ints]:
    """Each box (low, high (N, 2)) in each cell of a grid that it touches: index of the box, number of the cell; those outside
    the grid are put at its border, which only makes more pairs to look at."""
    a = np.clip(np.floor((low - origin) / step), 0, MOST_CELLS).astype(np.int64)
    b = np.clip(np.floor((high - origin) / step), 0, MOST_CELLS).astype(np.int64)
    across, along = (b - a + 1).T
    count = across * along
    box = np.repeat(np.arange(len(low)), count)
    local = np.arange(len(box)) - np.repeat(np.cumsum(count) - count, count)
    x, y = a[box, 0] + local // along[box], a[box, 1] + local % along[box]
    return box, x * (MOST_CELLS + 1) + y


def same_number(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """All pairs of indices at which the two have the same number."""
    order = np.argsort(second, kind="stable")
    start, end = (np.searchsorted(second[order], first, side) for side in ("left", "right"))
    count = end - start
    a = np.repeat(np.arange(len(first)), count)
    return a, order[np.repeat(start, count) + np.arange(len(a)) - np.repeat(np.cumsum(count) - count, count)]
