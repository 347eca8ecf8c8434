# SPDX-License-Identifier: GPL-3.0-or-later
"""A bedroom: the bed's head at the back wall, a wardrobe and drawers on the left, carpet."""

from __future__ import annotations

from ..objects.shapes import Part, fillet, lathe
from ..room import fittings, props
from ..room.furniture import BACK, HEIGHT, LEFT, RIGHT
from ..room.plan import FAR, Plan
from ..room.sheets import curtain
from ..room.walls import Opening, on_back, on_left, panel, sash, skirting, view_behind, wall

# the wall stands further back than in the other plans, so that a whole bed fits behind the free zone
DEEP = BACK + 1.05
WINDOW = Opening(1.55, 2.75, 0.85, 2.15)


def _lamp(x: float) -> list[Part]:
    base = lathe(fillet([(0, 0), (0.06, 0), (0.06, 0.02), (0.012, 0.035), (0.012, 0.2), (0, 0.2)], 0.008, 3), 24)
    shade = lathe([(0, 0.18), (0.095, 0.18), (0.098, 0.185), (0.075, 0.33), (0, 0.33)], 32)
    return [base.moved(x, -0.2, 0.50).of("brass"), shade.moved(x, -0.2, 0.50).of("lamp_shade")]


def _curtains() -> list[Part]:
    left, right = (curtain(0.34, 2.25, 6, 0.035).moved(x, -0.12, 0.02) for x in (WINDOW.x0 - 0.30, WINDOW.x1 - 0.06))
    rod = lathe([(0, -0.95), (0.012, -0.95), (0.012, 0.95), (0, 0.95)], 12).along_x().moved(2.15, -0.12, 2.29)
    return [left.of("linen"), right.of("linen"), rod.of("brass")]


PLAN: Plan = {
    "floor": lambda: [panel(*FAR[:3], 3.6).of("carpet_sand")],
    "wall_back": lambda: on_back(wall(LEFT - 0.16, RIGHT + 0.8, HEIGHT, "wall_navy", [WINDOW]), DEEP),
    "wall_left": lambda: on_left(wall(-4.6, DEEP + 0.1, HEIGHT, "wall_white"), LEFT),
    "skirting": lambda: on_back(skirting(LEFT, RIGHT + 0.8), DEEP) + on_left(skirting(-4.6, DEEP), LEFT),
    "window": lambda: on_back(sash(WINDOW, 2, 2), DEEP),
    "outside_view": lambda: on_back(view_behind(WINDOW), DEEP),
    "curtains": lambda: on_back(_curtains(), DEEP),
    "bed": lambda: on_back(fittings.bed(-0.85, 0.65, 1.85, "walnut", "duvet_blue"), DEEP),
    "nightstand": lambda: on_back(
        fittings.cabinet(-1.42, -0.98, 0.38, 0.08, 0.47, 1, "walnut", rows=2, top="walnut")
        + fittings.cabinet(0.80, 1.22, 0.38, 0.08, 0.47, 1, "walnut", rows=2, top="walnut"),
        DEEP,
    ),
    "night_lamps@props=all|some": lambda: on_back(_lamp(-1.2) + _lamp(1.01), DEEP),
    "picture@props=all": lambda: [p.moved(0.76, DEEP - BACK, 0.28) for p in props.picture()],
    "wardrobe": lambda: on_left(
        fittings.cabinet(-2.6, -0.75, 0.58, 0.06, 2.1, 4, "front_white", handle="steel_dark"), LEFT
    ),
    "drawers": lambda: on_left(fittings.cabinet(-0.35, 1.0, 0.44, 0.08, 0.78, 2, "birch", rows=3, top="birch"), LEFT),
    "drawer_things@props=all|some": lambda: on_left(
        fittings.vase(0.0, -0.22, 0.81, "bedroom vase", 0.28)
        + fittings.upright_books(0.40, 0.78, 0.81, -0.3, "bedroom row", 0.22),
        LEFT,
    ),
    "mirror@props=all|few": lambda: [p.moved(0.0, 0.05, 0.25) for p in props.picture_small()],
}
