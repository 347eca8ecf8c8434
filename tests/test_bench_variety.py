# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench of variety measures: nothing between equal pictures, colours and edges apart from each other."""

from __future__ import annotations

import numpy as np
import pytest

from bench.variety import color_histogram, edge_histogram, mean_distance


def stripes(across: bool, light: tuple[int, int, int]) -> np.ndarray:
    wave = np.tile(np.repeat([0, 1], 8), 6)[:96]
    mask = np.broadcast_to(wave[None, :] if across else wave[:, None], (96, 96))
    return (mask[..., None] * np.array(light)).astype(np.uint8)


def test_equal_pictures_have_no_distance() -> None:
    picture = stripes(True, (200, 100, 50))
    for of in (color_histogram, edge_histogram):
        assert of(picture).sum() == pytest.approx(1.0)
        assert mean_distance([of(picture)] * 3) == 0.0


def test_colours_do_not_count_as_edges_nor_edges_as_colours() -> None:
    red, turned, blue = stripes(True, (210, 0, 0)), stripes(False, (210, 0, 0)), stripes(True, (0, 0, 210))
    assert mean_distance([color_histogram(red), color_histogram(turned)]) == pytest.approx(0.0)
    assert mean_distance([edge_histogram(red), edge_histogram(turned)]) > 0.9
    assert mean_distance([color_histogram(red), color_histogram(blue)]) == pytest.approx(np.sqrt(0.5))
    assert mean_distance([edge_histogram(red), edge_histogram(blue)]) == pytest.approx(0.0, abs=1e-6)


def test_pictures_without_a_common_colour_are_one_apart() -> None:
    white, black = np.full((8, 8, 3), 255, np.uint8), np.zeros((8, 8, 3), np.uint8)
    assert mean_distance([color_histogram(white), color_histogram(black)]) == pytest.approx(1.0)
