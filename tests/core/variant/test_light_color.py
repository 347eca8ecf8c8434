# SPDX-License-Identifier: GPL-3.0-or-later
"""Lamp colours against published colour temperatures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.core.variant.light_color import kelvin_to_rgb

# linear Rec. 709 to XYZ, from the primaries' published chromaticities
PRIMARIES = np.array([[0.64, 0.30, 0.15], [0.33, 0.60, 0.06], [0.03, 0.10, 0.79]])
WHITE = np.array([0.3127 / 0.3290, 1.0, (1 - 0.3127 - 0.3290) / 0.3290])
TO_XYZ = PRIMARIES * np.linalg.solve(PRIMARIES, WHITE)


def chromaticity(kelvin: float) -> tuple[float, float, float]:
    """x, y and luminance."""
    xyz = TO_XYZ @ kelvin_to_rgb(kelvin)
    return xyz[0] / xyz.sum(), xyz[1] / xyz.sum(), xyz[1]


@given(st.floats(2900, 7500))
def test_colour_temperature_reads_back(kelvin: float) -> None:
    """By McCamy's formula (1992), good to a few kelvin there."""
    x, y, _ = chromaticity(kelvin)
    n = (x - 0.3320) / (0.1858 - y)
    assert 449 * n**3 + 3525 * n**2 + 6823.3 * n + 5520.33 == pytest.approx(kelvin, rel=0.01)


@pytest.mark.parametrize(
    ("kelvin", "x", "y"),
    [
        (2000, 0.5267, 0.4133),
        (2856, 0.4476, 0.4074),
        (4000, 0.3805, 0.3768),
        (6500, 0.3135, 0.3237),
        (10000, 0.2807, 0.2884),
    ],
)
def test_on_the_planckian_locus(kelvin: float, x: float, y: float) -> None:
    assert chromaticity(kelvin)[:2] == pytest.approx((x, y), abs=0.0015)


@given(st.floats(2000, 25000))
def test_brightness_does_not_change_with_colour(kelvin: float) -> None:
    assert chromaticity(kelvin)[2] == pytest.approx(1.0, abs=2e-3)
    assert min(kelvin_to_rgb(kelvin)) >= 0.0


@given(st.floats(1700, 24000), st.floats(50, 900))
def test_hotter_is_bluer(kelvin: float, more: float) -> None:
    red, _, blue = kelvin_to_rgb(kelvin)
    hot_red, _, hot_blue = kelvin_to_rgb(kelvin + more)
    assert hot_red < red and hot_blue >= blue


@pytest.mark.parametrize("kelvin", [1666.9, 25000.1, 0.0, float("nan")])
def test_outside_the_formula(kelvin: float) -> None:
    with pytest.raises(ValueError, match="1667 to 25000"):
        kelvin_to_rgb(kelvin)
