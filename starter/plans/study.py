# SPDX-License-Identifier: GPL-3.0-or-later
"""A study: bookcases along the left, a desk with a screen under a wide window, a reading corner."""

from __future__ import annotations

from ..objects.shapes import Part
from ..room import fittings, props
from ..room.furniture import BACK, HEIGHT, LEFT, RIGHT
from ..room.plan import FAR, Plan
from ..room.walls import Opening, on_back, on_left, panel, sash, skirting, slab, view_behind, wall

WINDOW = Opening(0.35, 2.15, 0.95, 2.15)


def _chair_back() -> list[Part]:
    """An office chair pushed under the desk, seen from behind."""
    x, y = 1.25, -0.86
    parts = [
        slab(x - 0.23, x + 0.23, y - 0.05, y + 0.0, 0.50, 0.98, 0.02),
        slab(x - 0.24, x + 0.24, y, y + 0.46, 0.42, 0.49, 0.03),
    ]
    column = [
        slab(x - 0.025, x + 0.025, y + 0.2, y + 0.25, 0.08, 0.42, 0.01),
        slab(x - 0.28, x + 0.28, y + 0.2, y + 0.25, 0.05, 0.09, 0.01),
        slab(x - 0.025, x + 0.025, y - 0.06, y + 0.5, 0.05, 0.09, 0.01),
    ]
    return [*[p.of("cushion_blue") for p in parts], *[p.of("steel_dark") for p in column]]


def _desk_things() -> list[Part]:
    parts = fittings.monitor(1.15, 0.72)
    parts += fittings.upright_books(1.75, 2.2, 0.72, -0.26, "desk books", 0.24)
    return parts + fittings.vase(0.62, -0.22, 0.72, "pen pot", 0.12, "terracotta")


PLAN: Plan = {
    "floor": lambda: [panel(*FAR).of("dark_floor")],
    "wall_back": lambda: on_back(wall(LEFT - 0.16, RIGHT, HEIGHT, "wall_blue", [WINDOW]), BACK),
    "wall_left": lambda: on_left(wall(-4.6, BACK + 0.1, HEIGHT, "wall_blue"), LEFT),
    "skirting": lambda: on_back(skirting(LEFT, RIGHT), BACK) + on_left(skirting(-4.6, BACK), LEFT),
    "window": lambda: on_back(sash(WINDOW, 3, 1), BACK),
    "outside_view": lambda: on_back(view_behind(WINDOW, "outside_town"), BACK),
    "bookcase_a": lambda: on_left(fittings.bookcase(-2.9, -1.35, 2.1, 6, "walnut", "study a"), LEFT),
    "bookcase_b": lambda: on_left(fittings.bookcase(-1.30, 0.25, 2.1, 6, "walnut", "study b"), LEFT),
    "bookcase_c": lambda: on_left(fittings.bookcase(0.30, 1.85, 2.1, 6, "walnut", "study c"), LEFT),
    "desk": lambda: on_back(fittings.desk(0.30, 2.35, 0.66, 0.72, "birch", "steel_dark"), BACK),
    "desk_things@props=all|some": lambda: on_back(_desk_things(), BACK),
    "desk_chair@props=all|some": lambda: on_back(_chair_back(), BACK),
    "picture@props=all|few": lambda: [p.moved(0.28) for p in props.picture()],
    "cabinet": lambda: on_back(
        fittings.cabinet(-1.3, -0.05, 0.40, 0.08, 0.66, 2, "walnut", top="walnut", rows=2), BACK
    ),
    "cabinet_things@props=all": lambda: on_back(
        fittings.vase(-1.0, -0.2, 0.69, "study vase", 0.26, "ceramic")
        + fittings.upright_books(-0.62, -0.15, 0.69, -0.25, "study row", 0.25),
        BACK,
    ),
}
