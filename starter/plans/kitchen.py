# SPDX-License-Identifier: GPL-3.0-or-later
"""A kitchen: units along the back under a window, a tall fridge, tiles, open boards and a dresser on the left."""

from __future__ import annotations

from ..objects.shapes import Part, fillet, lathe
from ..room import fittings
from ..room.furniture import BACK, HEIGHT, LEFT, RIGHT
from ..room.plan import FAR, Plan
from ..room.walls import Opening, door, on_back, on_left, panel, sash, skirting, slab, view_behind, wall

WINDOW = Opening(-0.15, 1.15, 1.02, 2.1)
DOOR = Opening(-3.1, -2.25, 0.0, 2.05)


def _units() -> list[Part]:
    x0, x1, depth = -1.55, RIGHT, 0.58
    parts = [
        *fittings.plinth(x0, x1, depth),
        *fittings.cabinet(x0, x1, depth, 0.10, 0.86, 12, "front_white", "front_green", handle="brass"),
    ]
    parts.append(slab(x0 - 0.01, x1, -depth - 0.02, 0.0, 0.86, 0.90, 0.004).of("birch"))
    parts += [
        slab(0.15, 0.75, -0.50, -0.10, 0.872, 0.9035, 0.004).of("steel"),
        slab(0.18, 0.72, -0.47, -0.13, 0.89, 0.9045, 0.002).of("steel_dark"),
    ]
    tap = lathe(fillet([(0, 0), (0.02, 0), (0.012, 0.03), (0.011, 0.24), (0, 0.25)], 0.004, 3), 16)
    parts += [tap.moved(0.45, -0.07, 0.90).of("steel"), slab(0.44, 0.46, -0.26, -0.06, 1.135, 1.15, 0.006).of("steel")]
    return parts


def _uppers() -> list[Part]:
    return [
        *fittings.cabinet(-1.55, -0.30, 0.34, 1.40, 2.15, 3, "front_white", "front_green", handle="brass"),
        *fittings.cabinet(1.30, RIGHT, 0.34, 1.40, 2.15, 9, "front_white", "front_green", handle="brass"),
    ]


def _fridge() -> list[Part]:
    x0, x1 = -2.30, -1.62
    parts = [slab(x0, x1, -0.62, -0.03, 0.02, 1.80, 0.012)]
    parts += [
        slab(x0 + 0.003, x1 - 0.003, -0.66, -0.62, 0.03, 0.62, 0.008),
        slab(x0 + 0.003, x1 - 0.003, -0.66, -0.62, 0.63, 1.795, 0.008),
    ]
    handles = [
        slab(x1 - 0.07, x1 - 0.05, -0.70, -0.66, a, b, 0.006).of("steel") for a, b in ((0.40, 0.58), (0.70, 1.10))
    ]
    return [*[p.of("enamel_white") for p in parts], *handles]


def _ware() -> list[Part]:
    parts = fittings.vase(-1.25, -0.25, 0.90, "kitchen a", 0.22, "ceramic") + fittings.vase(
        -1.02, -0.20, 0.90, "kitchen b", 0.15, "glaze_blue"
    )
    board = slab(1.35, 1.62, -0.09, -0.06, 0.90, 1.27, 0.008).of("walnut")
    kettle = lathe(fillet([(0, 0), (0.085, 0), (0.09, 0.08), (0.06, 0.17), (0.025, 0.19), (0, 0.21)], 0.02, 4), 32)
    return [
        *parts,
        board,
        kettle.moved(-0.60, -0.28, 0.90).of("steel"),
        lathe([(0, 0), (0.012, 0.0), (0.012, 0.02), (0, 0.022)], 12).moved(-0.60, -0.28, 1.108).of("plastic_black"),
    ]


def _boards() -> list[Part]:
    parts = []
    for n, z in enumerate((1.20, 1.55)):
        parts.append(slab(-1.2, 0.9, -0.24, 0.0, z, z + 0.028, 0.003).of("birch"))
        x = -1.05
        rng = fittings.generator(f"boards{n}")
        while x < 0.8:
            tall = rng.uniform(0.10, 0.22)
            parts += fittings.vase(x, -0.12, z + 0.028, f"jar{n}{x:.2f}", tall)
            x += rng.uniform(0.16, 0.26)
    return parts


def _dresser() -> list[Part]:
    return fittings.cabinet(
        -1.3, 1.0, 0.44, 0.06, 0.84, 4, "front_white", "front_green", rows=3, handle="brass", top="birch"
    )


PLAN: Plan = {
    "floor": lambda: [panel(*FAR).of("floor_tiles")],
    "wall_back": lambda: on_back(wall(LEFT - 0.16, RIGHT, HEIGHT, "wall_mint", [WINDOW]), BACK),
    "wall_left": lambda: on_left(wall(-4.6, BACK + 0.1, HEIGHT, "wall_mint", [DOOR]), LEFT),
    "splashback": lambda: on_back(
        wall(-1.56, RIGHT, 1.40, "tiles_white", [Opening(WINDOW.x0, WINDOW.x1, WINDOW.z0, 1.39)]), BACK - 0.0055
    ),
    "skirting": lambda: on_left(skirting(-2.2, BACK), LEFT),
    "window": lambda: on_back(sash(WINDOW, 2, 1), BACK),
    "outside_view": lambda: on_back(view_behind(WINDOW), BACK),
    "door": lambda: on_left(door(DOOR), LEFT),
    "units": lambda: on_back(_units(), BACK - 0.006),
    "uppers": lambda: on_back(_uppers(), BACK - 0.006),
    "fridge": lambda: on_back(_fridge(), BACK),
    "ware@props=all|some": lambda: on_back(_ware(), BACK - 0.006),
    "boards@props=all|few": lambda: on_left(_boards(), LEFT),
    "dresser": lambda: on_left(_dresser(), LEFT),
}
