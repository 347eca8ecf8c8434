# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour of a lamp from its colour temperature."""

from __future__ import annotations

import numpy as np

# XYZ to linear Rec. 709 primaries, D65 white (IEC 61966-2-1)
_XYZ_TO_RGB = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)


def kelvin_to_rgb(kelvin: float) -> tuple[float, float, float]:
    """Linear RGB of a black body at `kelvin` (1667 to 25000), luminance 1.

    Chromaticity by the cubic approximation of the Planckian locus of Kim et al. (US patent 7024034, 2002).
    """
    if not 1667.0 <= kelvin <= 25000.0:
        raise ValueError(f"colour temperature must be 1667 to 25000 K, got {kelvin:g}")
    t = 1000.0 / kelvin
    if kelvin <= 4000.0:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin <= 2222.0:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin <= 4000.0:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    r, g, b = np.maximum(_XYZ_TO_RGB @ np.array([x / y, 1.0, (1 - x - y) / y]), 0.0)
    return float(r), float(g), float(b)
