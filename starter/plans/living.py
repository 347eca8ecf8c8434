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
    "rug@props=all|some": furniture.rug,
    "sofa": furniture.sofa,
    "cushion_left@props=all": lambda: furniture.cushions("left"),
    "cushion_right@props=all|few": lambda: furniture.cushions("right"),
    "sideboard": furniture.sideboard,
    "books@props=all|some": props.books,
    "shelf": props.shelf,
    "boxes@props=all": props.boxes,
    "picture": props.picture,
    "picture_small@props=all|few": props.picture_small,
    "lamp@props=all|few": props.lamp,
    "floor_lamp": props.floor_lamp,
    "plant": props.plant,
    "pot_herb@props=all|some": props.pot_herb,
}
