# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the camera moved: corner patches of the background are found again in later frames (normalised correlation),
and one shift-zoom-turn is fitted to their movements.

The fit is robust: patches that something else walks through, or whose light changes, do not move it; they count as
lost. What is reported is the movement of the picture's corners, so a zoom or a turn about the centre shows as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.arrays import Array, Mask
from ..core.video.verdict import Motion

Grey = NDArray[np.float32]

PATCH = 24
"""Side of a patch, pixels of the measured picture (640 across)."""

MAX_SHIFT = 20
"""Farthest shift that is looked for, pixels; a patch that went farther is lost."""

SPACING = 16
MOST_PATCHES = 80
MIN_CORNER = 2e-4
"""Least eigenvalue of the mean gradient tensor (grey 0..1 per pixel, squared): below it a patch slides along an edge."""

MIN_CORRELATION = 0.75
LOST_FROM = 1.5
"""Pixels from the fitted movement from which a patch counts as lost."""

FIT_ROUNDS = 15
MIN_FOUND = 4


def camera_motion(shots: list[tuple[float, Grey]], free: Mask) -> Motion:
    """Movement over the clip. shots: (seconds, grey (h, w) 0..1), the first is the reference; free: background (h, w)."""
    first = shots[0][1]
    if min(first.shape) < PATCH + 2 * MAX_SHIFT:
        return Motion(0.0, 0.0, 0.0, 0)
    corners = background_corners(first, free)
    diagonal = float(np.hypot(first.shape[0], first.shape[1]))
    largest, at, lost = 0.0, 0.0, 0.0
    path = [(shots[0][0], 0.0)]
    for seconds, shot in shots[1:] if len(corners) >= MIN_FOUND else []:
        found = np.array([_find(first, shot, y, x) for y, x in corners])
        good = found[:, 2] >= MIN_CORRELATION
        if int(good.sum()) < MIN_FOUND:
            lost = 1.0
            continue
        places = np.array(corners, np.float64) + PATCH / 2 - np.array(first.shape) / 2
        model = _fit(places[good], found[good, :2])
        off = np.linalg.norm(found[:, :2] - _moved(model, places), axis=1) > LOST_FROM
        lost = max(lost, float(np.mean(off | ~good)))
        moved = _corner_shift(model, first.shape) / diagonal
        path.append((seconds, moved))
        if moved > largest:
            largest, at = moved, seconds
    return Motion(largest, at, lost, len(corners), tuple(path))


def background_corners(first: Grey, free: Mask) -> list[tuple[int, int]]:
    """Top left corners of the patches that lie in the background and can be found again, best first."""
    dy, dx = np.gradient(first.astype(np.float64))
    sums = [_box_mean(values) for values in (dy * dy, dx * dx, dy * dx)]
    half = (sums[0] + sums[1]) / 2
    weakest = half - np.sqrt((sums[0] - sums[1]) ** 2 / 4 + sums[2] ** 2)
    clear = _box_mean(free.astype(np.float64)) > 0.999
    # a patch needs room for its shift, or half of the search would lie outside the picture
    rows = range(MAX_SHIFT, first.shape[0] - PATCH - MAX_SHIFT + 1, SPACING)
    columns = range(MAX_SHIFT, first.shape[1] - PATCH - MAX_SHIFT + 1, SPACING)
    ranked = sorted(
        ((float(weakest[y, x]), y, x) for y in rows for x in columns if clear[y, x] and weakest[y, x] > MIN_CORNER),
        reverse=True,
    )
    return [(y, x) for _, y, x in ranked[:MOST_PATCHES]]


def _box_mean(values: Array) -> Array:
    """Mean over the PATCH x PATCH box whose top left corner is each pixel: (h - PATCH + 1, w - PATCH + 1)."""
    total = np.pad(values.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    box = total[PATCH:, PATCH:] - total[:-PATCH, PATCH:] - total[PATCH:, :-PATCH] + total[:-PATCH, :-PATCH]
    return np.asarray(box / PATCH**2)


def _find(first: Grey, later: Grey, y: int, x: int) -> tuple[float, float, float]:
    """(dy, dx, correlation) of a patch between two frames."""
    patch = first[y : y + PATCH, x : x + PATCH].astype(np.float64)
    area = later[y - MAX_SHIFT : y + PATCH + MAX_SHIFT, x - MAX_SHIFT : x + PATCH + MAX_SHIFT].astype(np.float64)
    patch = patch - patch.mean()
    size = area.shape
    spectrum = np.fft.rfft2(area) * np.conj(np.fft.rfft2(patch, s=size))
    products = np.fft.irfft2(spectrum, s=size)[: 2 * MAX_SHIFT + 1, : 2 * MAX_SHIFT + 1]
    mean = _box_mean(area)
    spread = np.sqrt(np.maximum(_box_mean(area * area) - mean * mean, 1e-9)) * PATCH
    surface = products / (spread * np.linalg.norm(patch))
    row, column = np.unravel_index(int(np.argmax(surface)), surface.shape)
    dy = _peak(surface[:, column], int(row)) - MAX_SHIFT
    dx = _peak(surface[row, :], int(column)) - MAX_SHIFT
    return dy, dx, float(surface[row, column])


def _peak(line: Array, top: int) -> float:
    """Position of a maximum to a fraction of a pixel."""
    if not 0 < top < len(line) - 1:
        return float(top)
    before, here, after = line[top - 1], line[top], line[top + 1]
    curve = before - 2 * here + after
    return float(top + (0.5 * (before - after) / curve if curve < 0 else 0.0))


def _rows(places: Array) -> Array:
    """(2N, 4) design of shift y, shift x, zoom, turn for places (N, 2) about the picture's centre."""
    count = len(places)
    design = np.zeros((count, 2, 4))
    design[:, 0, 0] = design[:, 1, 1] = 1.0
    design[:, :, 2] = places
    design[:, 0, 3], design[:, 1, 3] = places[:, 1], -places[:, 0]
    return design.reshape(2 * count, 4)


def _moved(model: Array, places: Array) -> Array:
    return np.asarray((_rows(places) @ model).reshape(-1, 2))


def _fit(places: Array, shifts: Array) -> Array:
    """(shift y, shift x, zoom, turn) by reweighted least squares that lets far-off patches count less and less."""
    design, wanted = _rows(places), shifts.reshape(-1)
    # the median is a start that a minority cannot pull away
    model = np.array([*np.median(shifts, axis=0), 0.0, 0.0])
    for _ in range(FIT_ROUNDS):
        error = np.linalg.norm((wanted - design @ model).reshape(-1, 2), axis=1)
        weight = np.repeat(1.0 / (1.0 + error**2), 2)
        root = np.sqrt(weight)[:, None]
        # a light pull to no zoom and no turn keeps a few patches in a row from inventing one
        pull = np.diag([0.0, 0.0, 20.0, 20.0])
        model = np.linalg.lstsq(
            np.vstack([design * root, pull]), np.append(wanted * root[:, 0], np.zeros(4)), rcond=None
        )[0]
    return model


def _corner_shift(model: Array, shape: tuple[int, ...]) -> float:
    """Largest movement of the four corners of the picture, pixels."""
    half = np.array(shape[:2], np.float64) / 2
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) * half
    return float(np.linalg.norm(_moved(model, corners), axis=1).max())
