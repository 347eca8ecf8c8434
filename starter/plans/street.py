# SPDX-License-Identifier: GPL-3.0-or-later
"""A street along x: asphalt before y = 0, a paved strip and house fronts behind, trees and lamps, more houses far off."""

from __future__ import annotations

from ..objects.shapes import Part
from ..outdoor import green, street
from ..room.plan import Plan
from ..room.walls import Opening, on_back, on_left, panel, slab

FRONT_Y, END_X = 4.6, -12.5


def _windows(start: float, count: int, pitch: float) -> list[Opening]:
    return [Opening(start + n * pitch, start + n * pitch + 1.05, 0.95, 2.45) for n in range(count)]


def _upper(start: float, count: int, pitch: float) -> list[Opening]:
    return [Opening(start + n * pitch, start + n * pitch + 0.9, 3.35, 4.6) for n in range(count)]


def _ground() -> list[Part]:
    # one level surface; the strips lie in it side by side
    return [panel(-30.0, 14.0, -14.0, 2.35).of("asphalt")]


def _pavement() -> list[Part]:
    return [panel(-30.0, 14.0, 2.65, FRONT_Y + 0.2).of("pavers")]


def _gutter() -> list[Part]:
    return [panel(-30.0, 14.0, 2.35, 2.65).of("cobbles")]


def _lines() -> list[Part]:
    dashes = [slab(x, x + 1.6, -3.06, -2.94, -0.01, 0.002, 0.001) for x in range(-26, 8, 4)]
    return [d.of("paint_white") for d in dashes]


def _house(
    x0: float, x1: float, material: str, doors: list[Opening], windows: list[Opening], frame: str, leaf: str
) -> list[Part]:
    return on_back(street.front(x0, x1, 5.6, material, windows, doors, frame, leaf), FRONT_Y)


PLAN: Plan = {
    "road": _ground,
    "gutter": _gutter,
    "pavement": _pavement,
    "lane_marks": _lines,
    "house_a": lambda: _house(
        -5.2,
        2.4,
        "brick_red",
        [Opening(-1.0, -0.05, 0.0, 2.15)],
        [*_windows(-4.6, 2, 1.75), Opening(0.75, 1.8, 0.95, 2.45)],
        "paint_white",
        "door_green",
    ),
    "house_b": lambda: _house(
        -15.6, -5.24, "render_cream", [Opening(-7.2, -6.25, 0.0, 2.15)], _windows(-13.6, 3, 2.0), "iron", "walnut"
    ),
    "house_c": lambda: _house(2.44, 11.0, "render_grey", [], _windows(3.2, 3, 2.1), "paint_white", "door_green"),
    "house_far": lambda: on_left(
        street.front(-14.0, FRONT_Y + 0.1, 5.6, "render_cream", _windows(-12.5, 6, 2.6), (), "paint_white"), END_X - 3.0
    ),
    "trees": lambda: (
        green.tree(-4.1, 3.35, 3.6, 1.25, "street a")
        + green.tree(-8.6, 3.35, 3.8, 1.3, "street b")
        + green.tree(-9.5, -6.0, 4.2, 1.6, "street c")
    ),
    "hedge": lambda: green.hedge(END_X - 2.2, END_X - 1.4, -13.0, 2.2, 1.3, "street hedge", 420.0),
    "lamp_post": lambda: street.lamp_post(-6.4, 3.0),
    "bollards": lambda: [p for n in range(4) for p in street.bollard(-3.1 - 1.5 * n, 2.82)],
    "planters": lambda: (
        green.planter(-1.75, 4.2, 0.5, "street planter a") + green.planter(0.35, 4.2, 0.5, "street planter b")
    ),
    "bin": lambda: street.bin_(-5.3, 4.2),
}
