# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements on the picture alone: exposure, contrast, clipping, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .types import Measurement

_WHITE, _BLACK = 253, 2  # levels from which a pixel counts as burnt out or black
# Rec. 709 weights in 256ths, so that brightness stays in integers
_WEIGHTS = (54, 183, 19)


def brightness(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) uint8 display-referred brightness of an (H, W, 3) uint8 picture, Rec. 709 weights."""
    total = np.zeros(frame.shape[:2], dtype=np.uint16)
    for channel, weight in enumerate(_WEIGHTS):
        total += frame[:, :, channel].astype(np.uint16) * np.uint16(weight)
    return (total >> 8).astype(np.uint8)


def noise_sigma(light: NDArray[np.uint8]) -> float:
    """Standard deviation of the noise in levels, from (H, W) brightness; 0 for a picture under 3 x 3.

    The mask of Immerkaer (Fast Noise Variance Estimation, CVIU 1996) cancels flat and sloped areas; the median of its
    absolute response, instead of the mean, keeps edges and texture from counting as noise.
    """
    if min(light.shape) < 3:
        return 0.0
    y = light.astype(np.int16)
    rows = y[:-2] - 2 * y[1:-1] + y[2:]
    response = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    counts = np.bincount(response.ravel())
    middle = _median_of_counts(counts)
    return middle / 0.6745 / 6.0


def _median_of_counts(counts: NDArray[np.int64]) -> float:
    """Median of whole numbers given how often each occurs, interpolated inside its bin (so that it is not stepped)."""
    below = np.cumsum(counts)
    half = float(counts.sum()) / 2
    index = int(np.searchsorted(below, half))
    before = float(below[index - 1]) if index else 0.0
    share = (half - before) / float(counts[index])
    return max(0.0, index - 0.5 + share) if index else 0.5 * share


def measure_picture(frame: NDArray[np.uint8]) -> list[Measurement]:
    """All numbers of the picture; frame: (H, W, 3) uint8."""
    light = brightness(frame)
    counts = np.bincount(light.ravel(), minlength=256)
    total = light.size
    below = np.cumsum(counts) / total
    dark, bright = (int(np.searchsorted(below, share)) for share in (0.01, 0.99))
    return [
        Measurement("exposure", float(counts @ np.arange(256)) / total, "level"),
        Measurement("contrast", float(bright - dark), "level"),
        Measurement("brightness_p01", float(dark), "level"),
        Measurement("brightness_p50", float(np.searchsorted(below, 0.5)), "level"),
        Measurement("brightness_p99", float(bright), "level"),
        Measurement("clipped_high_share", float(counts[_WHITE:].sum()) / total, "ratio"),
        Measurement("clipped_low_share", float(counts[: _BLACK + 1].sum()) / total, "ratio"),
        Measurement("noise", noise_sigma(light), "level"),
    ]
