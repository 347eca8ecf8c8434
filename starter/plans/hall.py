# SPDX-License-Identifier: GPL-3.0-or-later
"""A public hall: stone floor, concrete wall with wooden panels, tall windows, columns, a counter, benches and plants."""

from __future__ import annotations

from ..objects.shapes import Part, fillet, lathe
from ..outdoor import green
from ..room import props
from ..room.plan import Plan
from ..room.walls import Opening, on_back, on_left, panel, sash, skirting, slab, view_behind, wall

BACK_Y, LEFT_X, TALL = 5.2, -5.4, 4.6
WINDOWS = tuple(Opening(y, y + 1.5, 0.5, 3.9) for y in (-5.6, -3.4, -1.2, 1.0))


def _panels() -> list[Part]:
    """Upright wooden boards on the back wall."""
    return [
        slab(x / 100, x / 100 + 0.105, -0.03, 0.0, 0.12, 3.0, 0.004).of("birch", turn=True)
        for x in range(-520, 900, 12)
    ]


def _columns() -> list[Part]:
    rise = [(0.22 - 0.01 * n / 9, 0.14 + (TALL - 0.14) * n / 9) for n in range(10)]
    shaft = fillet([(0, 0), (0.30, 0), (0.30, 0.10), *rise, (0, TALL)], 0.02, 3)
    return [lathe(shaft, 48).moved(x, y).of("wall_white") for x, y in ((-4.0, 4.1), (-4.0, 0.6), (0.9, 4.1))]


def _counter() -> list[Part]:
    return [
        slab(-3.1, -0.4, 4.05, 4.55, 0.10, 1.02, 0.01).of("walnut"),
        slab(-3.2, -0.3, 3.98, 4.65, 1.02, 1.06, 0.006).of("stone_top"),
        slab(-3.05, -0.45, 4.10, 4.5, 0.0, 0.11, 0.004).of("steel_dark"),
    ]


def _seats() -> list[Part]:
    parts = []
    for y in (-2.4, 2.35):
        parts += [slab(-4.9, -4.35, y - 0.75, y + 0.75, 0.36, 0.45, 0.03).of("leather")]
        parts += [slab(-4.86, -4.39, a, a + 0.05, 0.0, 0.37, 0.004).of("steel_dark") for a in (y - 0.65, y + 0.60)]
    return parts


PLAN: Plan = {
    "floor": lambda: [panel(LEFT_X - 0.6, 12.0, -14.0, BACK_Y + 0.4).of("hall_floor")],
    "wall_back": lambda: on_back(wall(LEFT_X - 0.16, 11.0, TALL, "concrete_wall"), BACK_Y),
    "wall_left": lambda: on_left(wall(-13.0, BACK_Y + 0.1, TALL, "wall_white", WINDOWS), LEFT_X),
    "skirting": lambda: on_left(skirting(-13.0, BACK_Y, "steel_dark", 0.12), LEFT_X),
    "panels": lambda: on_back(_panels(), BACK_Y),
    "windows": lambda: on_left([p for w in WINDOWS for p in sash(w, 2, 3, "steel_dark", 0.05)], LEFT_X),
    "outside_view": lambda: on_left(view_behind(Opening(WINDOWS[0].x0, WINDOWS[-1].x1, 0.5, 3.9)), LEFT_X),
    "columns": _columns,
    "counter": _counter,
    "seats": _seats,
    "tubs": lambda: (
        green.planter(-4.6, 3.2, 0.62, "hall planter")
        + green.planter(-4.75, -0.5, 0.55, "hall planter b")
        + green.planter(2.3, 4.5, 0.62, "hall planter c")
    ),
    "picture": lambda: [p.scaled(1.6).moved(2.2, BACK_Y - 0.034 - 1.6 * 2.2, -0.25) for p in props.picture()],
}
