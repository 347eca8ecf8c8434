# SPDX-License-Identifier: GPL-3.0-or-later
"""A workshop: a bench with tools on the left, storage racks at the back, a roller door, concrete all round."""

from __future__ import annotations

from ..objects.shapes import Part
from ..room import fittings
from ..room.furniture import BACK, HEIGHT, LEFT, RIGHT
from ..room.plan import FAR, Plan
from ..room.walls import Opening, on_back, on_left, panel, sash, slab, view_behind, wall

GATE = Opening(0.95, 3.2, 0.0, 2.25)
WINDOW = Opening(-3.4, -2.2, 1.1, 2.0)


def _roller() -> list[Part]:
    parts = []
    z = 0.01
    while z < GATE.z1 - 0.01:
        parts.append(slab(GATE.x0 - 0.02, GATE.x1 + 0.02, 0.03, 0.055, z, z + 0.094, 0.012).of("plastic_grey"))
        z += 0.092
    parts += [slab(x - 0.04, x + 0.04, -0.01, 0.06, 0.0, GATE.z1, 0.004).of("steel_dark") for x in (GATE.x0, GATE.x1)]
    return parts


def _bench() -> list[Part]:
    x0, x1, deep = -1.9, 1.3, 0.56
    parts = [slab(x0, x1, -deep, -0.01, 0.78, 0.84, 0.004).of("birch")]
    parts += [
        slab(x - 0.04, x + 0.04, y - 0.04, y + 0.04, 0.0, 0.78).of("walnut")
        for x in (x0 + 0.1, (x0 + x1) / 2, x1 - 0.1)
        for y in (-0.07, -deep + 0.07)
    ]
    parts.append(slab(x0 + 0.05, x1 - 0.05, -deep + 0.05, -0.05, 0.22, 0.25).of("birch"))
    parts += fittings.cabinet(x0 + 0.2, x0 + 0.75, deep - 0.03, 0.25, 0.77, 1, "plastic_red", rows=4)
    return parts


def _on_bench() -> list[Part]:
    vice = [
        slab(0.62, 0.86, -0.62, -0.38, 0.84, 0.90, 0.01),
        slab(0.66, 0.82, -0.60, -0.52, 0.90, 0.98, 0.01),
        slab(0.66, 0.82, -0.48, -0.40, 0.90, 0.98, 0.01),
    ]
    tins = [
        slab(x, x + w, -0.30, -0.30 + w, 0.84, 0.84 + h, 0.006).of(m)
        for x, w, h, m in (
            (-1.6, 0.16, 0.2, "plastic_blue"),
            (-1.38, 0.2, 0.14, "cardboard"),
            (-0.5, 0.12, 0.16, "plastic_red"),
            (0.1, 0.24, 0.11, "plastic_grey"),
        )
    ]
    return [*[p.of("iron") for p in vice], *tins]


PLAN: Plan = {
    "floor": lambda: [panel(*FAR).of("concrete_floor")],
    "wall_back": lambda: on_back(wall(LEFT - 0.16, RIGHT, HEIGHT + 0.3, "concrete_wall", [GATE]), BACK),
    "wall_left": lambda: on_left(wall(-4.6, BACK + 0.1, HEIGHT + 0.3, "wall_white", [WINDOW]), LEFT),
    "roller_door": lambda: on_back(_roller(), BACK),
    "window": lambda: on_left(sash(WINDOW, 2, 1, "steel_dark"), LEFT),
    "outside_view": lambda: on_left(view_behind(WINDOW), LEFT),
    "racks": lambda: on_back(
        fittings.rack(-2.2, -0.75, 2.0, 5, "rack a") + fittings.rack(-0.70, 0.75, 2.0, 5, "rack b"), BACK
    ),
    "bench": lambda: on_left(_bench(), LEFT),
    "bench_things@props=all|some": lambda: on_left(_on_bench(), LEFT),
    "pegboard@props=all|few": lambda: on_left(fittings.pegboard(-1.8, 1.0, 1.05, 1.75, "workshop pegs"), LEFT),
}
