# SPDX-License-Identifier: GPL-3.0-or-later
"""Ready finishes: painters for parts in one plain material."""

from __future__ import annotations

from .canvas import Canvas, rgb
from .shapes import Painter


def plastic(code: str, rough: float = 0.42, seed: str = "plastic") -> Painter:
    """Moulded plastic: almost even, fine mould grain, faint handling marks."""

    def paint(c: Canvas) -> None:
        c.fill(rgb(code), rough)
        c.grain(0.05, 0.02, seed, 0.05)
        c.grain(0.05, 0.0012, seed + "fine", 0.03)

    return paint


def rubber(code: str = "232527", seed: str = "rubber") -> Painter:
    """Matt rubber with a little dust."""

    def paint(c: Canvas) -> None:
        c.fill(rgb(code), 0.78)
        c.grain(0.16, 0.012, seed, 0.08)
        c.grain(0.14, 0.001, seed + "fine")

    return paint


def steel(code: str = "b9bcc0", rough: float = 0.3, seed: str = "steel") -> Painter:
    """Brushed metal, brushed along u."""

    def paint(c: Canvas) -> None:
        c.fill(rgb(code), rough, 1.0)
        c.grain(0.10, (0.03, 0.0006), seed, 0.10)
        c.grain(0.10, 0.015, seed + "wear", 0.08)

    return paint


def wood(code: str = "b98552", rough: float = 0.5, along_v: bool = True, seed: str = "wood") -> Painter:
    """Turned wood: long streaks and a few darker years."""

    def paint(c: Canvas) -> None:
        c.fill(rgb(code), rough)
        c.grain(0.22, (0.006, 0.12) if along_v else (0.12, 0.006), seed, 0.08)
        c.grain(0.18, (0.0013, 0.05) if along_v else (0.05, 0.0013), seed + "fine")

    return paint
