# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradient noise in numpy: mathutils' vector noise gives other values in each process, this gives the same everywhere."""

from __future__ import annotations

import numpy as np

from grail_addon.core.streams import stream


def _tables(seed: str) -> tuple[np.ndarray, np.ndarray]:
    rng = stream("kid", "noise", seed)
    order = rng.permutation(256)
    slopes = rng.normal(size=(256, 3))
    return np.concatenate([order, order]), slopes / np.linalg.norm(slopes, axis=1, keepdims=True)


def noise(points: np.ndarray, seed: str) -> np.ndarray:
    """Perlin noise at `points` (N,3), about -0.7..0.7, feature size one unit."""
    order, slopes = _tables(seed)
    cell = np.floor(points).astype(np.int64)
    inside = points - cell
    fade = inside**3 * (inside * (inside * 6 - 15) + 10)
    cell &= 255
    total = np.zeros(len(points))
    for corner in range(8):
        offset = np.array([corner & 1, corner >> 1 & 1, corner >> 2 & 1])
        key = (cell + offset) & 255
        slope = slopes[order[order[order[key[:, 0]] + key[:, 1]] + key[:, 2]]]
        share = np.where(offset == 1, fade, 1 - fade).prod(axis=1)
        total += share * (slope * (inside - offset)).sum(axis=1)
    return total


def ridges(points: np.ndarray, seed: str) -> np.ndarray:
    """Ridged noise, about -0.5..0.6: narrow crests between wide hollows, like cloth under light compression."""
    return 0.6 - 1.8 * np.abs(noise(points, seed))
