# SPDX-License-Identifier: GPL-3.0-or-later
"""A paved courtyard: a rendered house behind, a brick garden wall with a hedge on the left, a tree, tubs and a bench."""

from __future__ import annotations

from ..objects.shapes import Part
from ..outdoor import green, street
from ..room.plan import Plan
from ..room.walls import Opening, on_back, on_left, panel, slab, wall

BACK_Y, LEFT_X = 5.4, -5.6
DOOR = Opening(-2.9, -1.9, 0.0, 2.15)
WINDOWS = (
    Opening(-4.9, -3.7, 0.9, 2.4),
    Opening(-0.9, 0.4, 0.9, 2.4),
    Opening(1.6, 2.9, 0.9, 2.4),
    Opening(4.2, 5.5, 0.9, 2.4),
)


def _garden_wall() -> list[Part]:
    body = on_left(wall(-9.0, BACK_Y + 0.1, 1.55, "brick_red"), LEFT_X)
    cope = [slab(LEFT_X - 0.22, LEFT_X + 0.05, -9.0, BACK_Y, 1.55, 1.62, 0.01).of("granite")]
    return body + cope


PLAN: Plan = {
    "paving": lambda: [panel(LEFT_X - 0.2, 12.0, -12.0, BACK_Y + 0.2).of("pavers")],
    "lawn": lambda: [panel(-20.0, LEFT_X - 0.2, -14.0, 9.0).of("lawn")],
    "house": lambda: on_back(street.front(-8.0, 9.0, 5.4, "render_cream", WINDOWS, (DOOR,)), BACK_Y),
    "garden_wall": _garden_wall,
    "hedge_behind": lambda: green.hedge(LEFT_X - 1.0, LEFT_X - 0.3, -9.0, BACK_Y - 0.2, 2.3, "court hedge", 420.0),
    "tree": lambda: green.tree(-4.1, 2.9, 3.7, 1.25, "court tree"),
    "tree_bed": lambda: [
        slab(-4.75, -3.45, 2.25, 3.55, 0.0, 0.16, 0.012).of("granite"),
        slab(-4.65, -3.55, 2.35, 3.45, 0.15, 0.175, 0.004).of("soil"),
    ],
    "tubs": lambda: (
        green.round_pot(-3.3, 5.0, 0.55, "court pot a")
        + green.round_pot(-1.5, 5.0, 0.55, "court pot b")
        + green.planter(-5.1, -2.6, 0.6, "court planter")
    ),
    "bench": lambda: street.park_bench(-5.05, -0.4, 90.0),
    "lamp_post": lambda: street.lamp_post(-5.2, 4.6),
}
