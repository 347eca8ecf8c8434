# SPDX-License-Identifier: GPL-3.0-or-later
"""A living room: a sofa under the window, a sideboard on the left, rug, lamps, plants."""

from __future__ import annotations

from ..room import furniture, props
from ..room.plan import Plan

PLAN: Plan = {
    "floor": furniture.floor,
    "wall_back": furniture.wall_back,
    "wall_left": furniture.wall_left,
    "skirting": furniture.boards,
    "window": furniture.window,
    "outside_view": furniture.outside_view,
    "curtain_left": furniture.curtain_left,
    "curtain_right": furniture.curtain_right,
    "curtain_rod": furniture.curtain_rod,
    "rug": furniture.rug,
    "sofa": furniture.sofa,
    "cushion_left": lambda: furniture.cushions("left"),
    "cushion_right": lambda: furniture.cushions("right"),
    "sideboard": furniture.sideboard,
    "books": props.books,
    "shelf": props.shelf,
    "boxes": props.boxes,
    "picture": props.picture,
    "picture_small": props.picture_small,
    "lamp": props.lamp,
    "floor_lamp": props.floor_lamp,
    "plant": props.plant,
    "pot_herb": props.pot_herb,
}
