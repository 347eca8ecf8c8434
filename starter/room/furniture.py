# SPDX-License-Identifier: GPL-3.0-or-later
"""The big pieces of the room, each a list of parts in world coordinates (metres, z up, floor at z = 0)."""

from __future__ import annotations

import numpy as np

from ..objects.boxes import box
from ..objects.shapes import Part, Station, lathe, loft
from .plan import FAR
from .sheets import curtain
from .walls import Opening, on_back, on_left, panel, sash, skirting, slab, view_behind, wall

TABLE_TOP = 0.600
TABLE_SIZE = (0.60, 0.90)
LEFT, RIGHT, FRONT, BACK, HEIGHT = -2.4, 5.0, -4.6, 2.2, 2.6  # inner faces of the room; open at FRONT and RIGHT
WINDOW = Opening(0.02, 1.22, 0.62, 2.20)


def floor() -> list[Part]:
    """Boards under everything, wider than the room."""
    return [panel(*FAR).of("oak_floor")]


def wall_back() -> list[Part]:
    """The wall with the window."""
    return on_back(wall(LEFT - 0.16, RIGHT, HEIGHT, "wall_cream", [WINDOW]), BACK)


def wall_left() -> list[Part]:
    """The painted side wall."""
    return on_left(wall(-4.6, BACK + 0.1, HEIGHT, "wall_sage"), LEFT)


def boards() -> list[Part]:
    """Skirting along both walls."""
    return on_back(skirting(LEFT, RIGHT), BACK) + on_left(skirting(-4.6, BACK), LEFT)


def window() -> list[Part]:
    """Frame, mullion, transom and sill; the view behind it is an object of its own."""
    return on_back(sash(WINDOW, 2, 2, bar=0.055), BACK)


def outside_view() -> list[Part]:
    """A bright picture behind the window, facing the room."""
    return on_back(view_behind(WINDOW), BACK)


def curtain_left() -> list[Part]:
    """Gathered cloth on the window's left."""
    return [curtain(0.30, 2.16, 6, 0.032).moved(WINDOW.x0 - 0.20, BACK - 0.12, 0.03).of("linen")]


def curtain_right() -> list[Part]:
    """Gathered cloth on the window's right."""
    return [curtain(0.30, 2.16, 6, 0.032).moved(WINDOW.x1 - 0.10, BACK - 0.12, 0.03).of("linen")]


def curtain_rod() -> list[Part]:
    """The rod above the window."""
    rod = lathe([(0, -0.95), (0.013, -0.95), (0.013, 0.95), (0, 0.95)], 12).along_x()
    return [rod.moved(0.62, BACK - 0.12, 2.21).of("steel_dark")]


def table() -> list[Part]:
    """A small table: top at exactly TABLE_TOP, thin tapered legs, feet on the floor."""
    x, y = TABLE_SIZE
    parts = [slab(-x / 2, x / 2, -y / 2, y / 2, TABLE_TOP - 0.028, TABLE_TOP, 0.005).of("birch", turn=True)]
    for sx in (-1, 1):
        for sy in (-1, 1):
            leg = loft(
                [Station(0.0, 0.0125, 0.0125, power=6), Station(TABLE_TOP - 0.02, 0.021, 0.021, power=6)], 24, 0.002
            )
            parts.append(leg.moved(sx * (x / 2 - 0.045), sy * (y / 2 - 0.045)).of("birch", turn=True))
    low, high = TABLE_TOP - 0.085, TABLE_TOP - 0.02
    for sy in (-1, 1):
        at = sy * (y / 2 - 0.048)
        parts.append(slab(-x / 2 + 0.05, x / 2 - 0.05, at - 0.009, at + 0.009, low, high).of("birch"))
    for sx in (-1, 1):
        at = sx * (x / 2 - 0.048)
        parts.append(slab(at - 0.009, at + 0.009, -y / 2 + 0.05, y / 2 - 0.05, low, high).of("birch"))
    return parts


def rug() -> list[Part]:
    """In front of the sofa, clear of the person's and the table's feet so that both stand on z = 0."""
    part = slab(-0.75, 1.65, 0.62, 1.77, 0.0, 0.009, 0.004)
    flat = part.vertices[part.faces][:, :, :2] - np.array([-0.75, 0.62])
    return [Part(part.vertices, part.faces, flat, (2.4, 1.15)).of("rug_wool")]


def sofa() -> list[Part]:
    """Two seats under the window."""
    x0, x1, y0, y1 = -0.42, 1.38, 1.32, 2.04
    soft: list[Part] = [
        slab(x0 + 0.02, x1 - 0.02, y0 + 0.04, y1, 0.12, 0.30, 0.02),
        slab(x0 + 0.05, x1 - 0.05, y1 - 0.17, y1, 0.25, 0.76, 0.06),
        slab(x0, x0 + 0.15, y0, y1, 0.11, 0.58, 0.05),
        slab(x1 - 0.15, x1, y0, y1, 0.11, 0.58, 0.05),
    ]
    middle = (x0 + x1) / 2
    for a, b in ((x0 + 0.155, middle - 0.004), (middle + 0.004, x1 - 0.155)):
        soft.append(slab(a, b, y0 - 0.015, y1 - 0.16, 0.285, 0.44, 0.055))
        back = box(b - a - 0.01, 0.15, 0.40, 0.065, 3).turned("x", -10)
        soft.append(back.moved((a + b) / 2, y1 - 0.225, 0.62))
    parts = [p.of("sofa_cloth") for p in soft]
    for x, y in ((x0 + 0.09, y0 + 0.09), (x1 - 0.09, y0 + 0.09), (x0 + 0.09, y1 - 0.08), (x1 - 0.09, y1 - 0.08)):
        leg = lathe([(0, 0), (0.014, 0), (0.022, 0.125), (0, 0.125)], 16)
        parts.append(leg.moved(x, y).of("walnut", turn=True))
    return parts


def cushions(side: str) -> list[Part]:
    """One scatter cushion, 'left' or 'right'."""
    pillow = loft(
        [
            Station(-0.062, 0.10, 0.10, power=3.0),
            Station(-0.045, 0.165, 0.165, power=4.2),
            Station(0.0, 0.205, 0.205, power=6.5),
            Station(0.045, 0.165, 0.165, power=4.2),
            Station(0.062, 0.10, 0.10, power=3.0),
        ],
        48,
    )
    if side == "left":
        return [pillow.turned("x", 68).turned("z", 14).moved(-0.08, 1.66, 0.60).of("cushion_ochre")]
    return [pillow.turned("x", 66).turned("z", -16).moved(1.02, 1.66, 0.60).of("cushion_blue")]


def sideboard() -> list[Part]:
    """A low cabinet along the left wall: doors, gaps, knobs, legs."""
    x0, x1, y0, y1, z0, z1 = LEFT + 0.02, LEFT + 0.40, -0.95, 0.55, 0.14, 0.66
    parts = [
        slab(x0, x1, y0, y1, z0, z1 - 0.02).of("walnut"),
        slab(x0, x1 + 0.012, y0 - 0.01, y1 + 0.01, z1 - 0.022, z1, 0.005).of("walnut", turn=True),
    ]
    count = 3
    step = (y1 - y0 - 0.03) / count
    for n in range(count):
        a = y0 + 0.015 + n * step
        door = slab(x1 - 0.004, x1 + 0.014, a + 0.004, a + step - 0.004, z0 + 0.015, z1 - 0.035, 0.004)
        parts.append(door.of("birch" if n == 1 else "walnut"))
        knob = lathe([(0, 0), (0.006, 0), (0.006, 0.012), (0.013, 0.016), (0.013, 0.022), (0, 0.024)], 16).along_x()
        parts.append(knob.moved(x1 + 0.012, a + step - 0.05, (z0 + z1) / 2 + 0.06).of("brass"))
    for x in (x0 + 0.05, x1 - 0.05):
        for y in (y0 + 0.08, y1 - 0.08):
            leg = lathe([(0, 0), (0.012, 0), (0.02, z0 + 0.01), (0, z0 + 0.01)], 16)
            parts.append(leg.moved(x, y).of("walnut", turn=True))
    return parts
