# SPDX-License-Identifier: GPL-3.0-or-later
"""A loft: bare brick, tall grid windows on the left, concrete floor, a wide sofa and a long low board."""

from __future__ import annotations

from ..room import fittings, props
from ..room.furniture import BACK, HEIGHT, LEFT, RIGHT
from ..room.plan import FAR, Plan
from ..room.walls import Opening, on_back, on_left, panel, sash, view_behind, wall

TALL = HEIGHT + 0.5
WINDOWS = (Opening(-3.35, -1.95, 0.75, 2.75), Opening(-1.35, 0.05, 0.75, 2.75))

PLAN: Plan = {
    "floor": lambda: [panel(*FAR).of("concrete_floor")],
    "wall_back": lambda: on_back(wall(LEFT - 0.16, RIGHT, TALL, "brick_red"), BACK),
    "wall_left": lambda: on_left(wall(-4.6, BACK + 0.1, TALL, "brick_white", WINDOWS), LEFT),
    "windows": lambda: on_left([p for w in WINDOWS for p in sash(w, 3, 4, "steel_dark", 0.04)], LEFT),
    "outside_view": lambda: on_left(view_behind(Opening(-5.5, 2.2, 0.75, 2.75), "outside_town"), LEFT),
    "heaters": lambda: on_left([p for w in WINDOWS for p in fittings.radiator(w.x0 + 0.1, w.x1 - 0.1)], LEFT),
    "sofa": lambda: on_back(fittings.couch(-0.35, 1.75, 0.80, "sofa_teal", "steel_dark", 3), BACK),
    "sideboard": lambda: on_left(
        fittings.cabinet(0.35, 1.95, 0.42, 0.16, 0.62, 3, "walnut", handle="brass", top="walnut"), LEFT
    ),
    "sideboard_things@props=all": lambda: on_left(
        fittings.vase(0.6, -0.2, 0.65, "loft vase", 0.34, "glaze_blue")
        + fittings.upright_books(0.95, 1.6, 0.65, -0.3, "loft row", 0.27),
        LEFT,
    ),
    "picture@props=all|some": lambda: [p.moved(0.75, 0.0, 0.32) for p in props.picture()],
    "floor_lamp@props=all|few": lambda: [p.moved(0.42) for p in props.floor_lamp()],
    "plant@props=all|some": lambda: [p.moved(-3.55, 0.05) for p in props.plant()],
    "rug@props=all|few": lambda: [p.moved(0.25, 0.15) for p in props.rug_plain()],
}
