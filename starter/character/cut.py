# SPDX-License-Identifier: GPL-3.0-or-later
"""Cut a sheet along the zero line of a function, without slivers."""

from __future__ import annotations

import numpy as np

from .surface import Sheet, corners, edges, scatter_mean, select

# a crossing this close to an edge's end (as part of the edge) moves that end onto the line instead
_SNAP = 0.3


def _snap(sheet: Sheet, level: np.ndarray) -> tuple[Sheet, np.ndarray]:
    """Move vertices that lie just off the zero line onto it: no slivers, and a hem as straight as its plane."""
    pairs, _, _ = edges(sheet.faces)
    low, high = level[pairs[:, 0]], level[pairs[:, 1]]
    crossing = low * high < 0
    a, b = pairs[crossing].T
    part = (low / np.where(crossing, low - high, 1.0))[crossing]
    near_a, near_b = part < _SNAP, part > 1 - _SNAP
    values = np.concatenate([sheet.vertices, sheet.weights], axis=1)
    where = values[a] + part[:, None] * (values[b] - values[a])
    index = np.concatenate([a[near_a], b[near_b]])
    target = scatter_mean(index, np.concatenate([where[near_a], where[near_b]]), len(values))
    touched = np.unique(index)
    values[touched] = target[touched]
    level = level.copy()
    level[touched] = 0.0
    return Sheet(values[:, :3], sheet.faces, values[:, 3:], sheet.slot), level


def _fan(ring: list[int]) -> list[list[int]]:
    """A convex polygon as quads and at most one triangle."""
    if len(ring) <= 4:
        return [ring + [-1] * (4 - len(ring))]
    return [ring[:4], *_fan([ring[0], *ring[3:]])]


def split(sheet: Sheet, level: np.ndarray) -> tuple[Sheet, np.ndarray]:
    """Insert the line level = 0 (level: (N,), linear along edges) as edges.

    Returns the sheet and a mask (M,) of the faces on the positive side.
    """
    sheet, level = _snap(sheet, level)
    start, end, _ = corners(sheet.faces)
    count = len(sheet.vertices)
    crossing = level[start] * level[end] < 0
    keys = np.stack([np.minimum(start, end), np.maximum(start, end)], axis=1)[crossing]
    cuts = np.unique(keys, axis=0)
    part = level[cuts[:, 0]] / (level[cuts[:, 0]] - level[cuts[:, 1]]) if len(cuts) else np.zeros(0)
    new_vertex = {(a, b): count + k for k, (a, b) in enumerate(cuts.tolist())}

    def between(channel: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [channel, channel[cuts[:, 0]] + part[:, None] * (channel[cuts[:, 1]] - channel[cuts[:, 0]])]
        )

    signs = np.where(sheet.faces >= 0, np.sign(level[sheet.faces]), 0)
    mixed = (signs.max(axis=1) > 0) & (signs.min(axis=1) < 0)
    faces = [sheet.faces[~mixed]]
    slots = [sheet.slot[~mixed]]
    side = [signs[~mixed].sum(axis=1) > 0]
    for index in np.flatnonzero(mixed):
        ring = [int(v) for v in sheet.faces[index] if v >= 0]
        upper: list[int] = []
        lower: list[int] = []
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            if level[a] >= 0:
                upper.append(a)
            if level[a] <= 0:
                lower.append(a)
            if level[a] * level[b] < 0:
                middle = new_vertex[min(a, b), max(a, b)]
                upper.append(middle)
                lower.append(middle)
        for polygon, positive in ((upper, True), (lower, False)):
            if len(polygon) >= 3:
                rows = _fan(polygon)
                faces.append(np.array(rows))
                slots.append(np.full(len(rows), sheet.slot[index]))
                side.append(np.full(len(rows), positive))
    out = Sheet(between(sheet.vertices), np.concatenate(faces), between(sheet.weights), np.concatenate(slots))
    return out, np.concatenate(side)


def keep(sheet: Sheet, level: np.ndarray) -> Sheet:
    """The part of the sheet where level >= 0."""
    out, positive = split(sheet, level)
    return select(out, positive)


def paint(sheet: Sheet, level: np.ndarray, slot: int) -> Sheet:
    """Give the part where level >= 0 the material `slot`, with a clean edge."""
    out, positive = split(sheet, level)
    return Sheet(out.vertices, out.faces, out.weights, np.where(positive, slot, out.slot))
