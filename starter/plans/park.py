# SPDX-License-Identifier: GPL-3.0-or-later
"""A park entrance: a gravel square with lawn, clipped hedges, trees, lamps and benches; a pavilion far behind."""

from __future__ import annotations

from ..objects.shapes import Part
from ..outdoor import green, street
from ..room.plan import Plan
from ..room.walls import Opening, on_back, panel, slab

EDGE_X, EDGE_Y = -4.3, 4.9


def _borders() -> list[Part]:
    return [
        slab(EDGE_X - 0.10, EDGE_X, -12.0, EDGE_Y, -0.05, 0.09, 0.012).of("granite"),
        slab(EDGE_X, 12.0, EDGE_Y, EDGE_Y + 0.10, -0.05, 0.09, 0.012).of("granite"),
    ]


PLAN: Plan = {
    "paving": lambda: [panel(EDGE_X - 0.05, 14.0, -14.0, EDGE_Y + 0.05).of("gravel")],
    "lawn": lambda: [
        panel(-24.0, EDGE_X - 0.05, -16.0, 18.0, 0.05).of("lawn"),
        panel(EDGE_X - 0.05, 14.0, EDGE_Y + 0.05, 18.0, 0.05).of("lawn"),
    ],
    "borders": _borders,
    "hedge_left": lambda: green.hedge(-8.6, -7.7, -9.0, 8.0, 2.3, "park left", 420.0),
    "hedge_back": lambda: green.hedge(-8.3, 9.0, 7.9, 8.9, 2.3, "park back", 420.0),
    "pavilion": lambda: on_back(
        street.front(
            -13.0,
            11.0,
            4.6,
            "render_grey",
            [Opening(-11.5 + 2.4 * n, -10.2 + 2.4 * n, 0.5, 2.5) for n in range(9)],
            (),
            "iron",
        ),
        14.0,
    ),
    "trees": lambda: (
        green.tree(-6.2, 3.2, 3.9, 1.35, "park a")
        + green.tree(-6.4, -3.6, 4.2, 1.5, "park b")
        + green.tree(-1.6, 6.6, 4.0, 1.4, "park c")
        + green.tree(-10.8, 0.5, 4.6, 1.8, "park d")
    ),
    "bench": lambda: street.park_bench(-3.75, -1.0, 90.0) + street.park_bench(-3.75, 2.6, 90.0),
    "bin": lambda: street.bin_(-3.85, 0.75),
    "lamp_posts": lambda: street.lamp_post(-4.75, 4.2) + street.lamp_post(1.8, 5.6),
}
