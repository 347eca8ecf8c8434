# SPDX-License-Identifier: GPL-3.0-or-later
"""Painters for upholstery."""

from __future__ import annotations

from .canvas import Canvas, rgb
from .shapes import Painter


def fabric(code: str, seed: str, contrast: float = 0.12) -> Painter:
    """Woven cloth: yarns both ways, a little wear."""

    def paint(c: Canvas) -> None:
        c.fill(rgb(code), 0.9)
        c.grain(contrast, (0.010, 0.0022), seed + "weft")
        c.grain(contrast, (0.0022, 0.010), seed + "warp")
        c.grain(0.06, 0.15, seed)

    return paint


def hide(code: str, seed: str) -> Painter:
    """Leather: fine grain, lighter where it is sat on."""

    def paint(c: Canvas) -> None:
        c.fill(rgb(code), 0.48)
        c.grain(0.10, 0.0035, seed, 0.06)
        c.grain(0.10, 0.12, seed + "wear", 0.08)

    return paint
