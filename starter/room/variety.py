# SPDX-License-Identifier: GPL-3.0-or-later
"""Other colours for what rooms are made of, and tables: what variants of a scene may show instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..objects.shapes import Part, Station, fillet, lathe, loft
from .walls import slab

WALL_PAINTS = ("8ea3b3", "b4c7b8", "cfb0a8", "d9d7d1", "97a694", "c9b48a", "6f7f8c", "b98a6e", "a9a3b5", "59675f")
WOODEN_FLOORS = ("9a7048", "5d4230", "b9a17c", "7c6a58", "8a8278")
CLOTHS = ("857c70", "3f6668", "a5694a", "35566e", "8b8f9a", "c2913f", "6d4a52", "5f6f4e", "c4bbaa", "2f3b45")
WOODS = ("c79c68", "6f4c33", "d9cdb8", "4c3a2f", "a7744a")

TINTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("wall_cream", "wall_sage", "wall_mint", "wall_blue", "wall_navy", "wall_white"), ("walls", WALL_PAINTS)
    ),
    "brick_red": ("walls", ("93523c", "c9c3b6", "6a4a40", "b08d63")),
    "brick_white": ("walls", ("cfcac0", "a8866f", "8b8f94")),
    "concrete_wall": ("walls", ("a5a29b", "c2b8a6", "84888c")),
    **dict.fromkeys(("oak_floor", "dark_floor", "pale_floor"), ("floor", WOODEN_FLOORS)),
    "floor_tiles": ("floor", ("a8a49b", "c7c1b4", "7f8388", "b59c80")),
    "carpet_sand": ("floor", ("a8967b", "8b8a88", "6e7f8a", "8a6f5c", "5f6a60")),
    "concrete_floor": ("floor", ("8f8c86", "6f6c68", "a89f92")),
    "hall_floor": ("floor", ("b5b0a6", "8e9296", "c4b294")),
    **dict.fromkeys(
        ("sofa_cloth", "sofa_teal", "cushion_ochre", "cushion_blue", "duvet_blue", "leather"), ("textiles", CLOTHS)
    ),
    "linen": ("textiles", ("c9c1ae", "9fb0b8", "b9a08a", "8f9a86")),
    **dict.fromkeys(("walnut", "birch"), ("wood", WOODS)),
    **dict.fromkeys(
        ("front_green", "front_white"), ("wood", ("6b7d66", "4f6b80", "d5d3cc", "7a4b42", "c7b48c", "454a50"))
    ),
    "plastic_grey": ("wood", ("74777a", "3f5a4c", "8a5a3c")),
    **dict.fromkeys(("render_cream", "render_grey"), ("walls", ("cdbd9f", "a9aaa6", "b9907a", "8fa3a8", "d3cdbf"))),
    "door_green": ("wood", ("2f4a3c", "5a2f2a", "2d3f57", "6b5436")),
    "pavers": ("floor", ("a29d94", "b59f88", "84868a")),
    "gravel": ("floor", ("b3a488", "9c9891", "a98a6c")),
}
"""Finish -> factor, and colours that it may have instead."""

VIEWS = ("outside", "outside_town")


def _four_legs(x: float, y: float, height: float, half: float, material: str, inset: float = 0.05) -> list[Part]:
    return [
        slab(
            sx * (x / 2 - inset) - half,
            sx * (x / 2 - inset) + half,
            sy * (y / 2 - inset) - half,
            sy * (y / 2 - inset) + half,
            0.0,
            height,
            0.004,
        ).of(material)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]


def table_steel() -> list[Part]:
    """A dark top on a steel frame, 62 cm high."""
    x, y, top = 0.62, 0.96, 0.62
    parts = [slab(-x / 2, x / 2, -y / 2, y / 2, top - 0.03, top, 0.004).of("walnut", turn=True)]
    parts += _four_legs(x, y, top - 0.029, 0.016, "steel_dark", 0.04)
    for s in (-1, 1):
        at = s * (y / 2 - 0.04)
        parts.append(
            slab(-x / 2 + 0.03, x / 2 - 0.03, at - 0.016, at + 0.016, top - 0.06, top - 0.029).of("steel_dark")
        )
        parts.append(slab(-x / 2 + 0.03, x / 2 - 0.03, at - 0.016, at + 0.016, 0.0, 0.03).of("steel_dark"))
    return parts


def table_farm() -> list[Part]:
    """A thick top on turned legs, 57 cm high."""
    x, y, top = 0.62, 0.96, 0.57
    parts = [slab(-x / 2, x / 2, -y / 2, y / 2, top - 0.045, top, 0.005).of("birch", turn=True)]
    leg = fillet(
        [
            (0, 0),
            (0.022, 0),
            (0.03, 0.08),
            (0.022, 0.16),
            (0.036, 0.30),
            (0.024, 0.40),
            (0.034, 0.43),
            (0.034, 0.53),
            (0, 0.53),
        ],
        0.02,
        4,
    )
    for sx in (-1, 1):
        for sy in (-1, 1):
            parts.append(lathe(leg, 32).moved(sx * (x / 2 - 0.06), sy * (y / 2 - 0.06)).of("birch"))
    for sy in (-1, 1):
        at = sy * (y / 2 - 0.06)
        parts.append(slab(-x / 2 + 0.06, x / 2 - 0.06, at - 0.011, at + 0.011, top - 0.12, top - 0.044).of("birch"))
    for sx in (-1, 1):
        at = sx * (x / 2 - 0.06)
        parts.append(slab(at - 0.011, at + 0.011, -y / 2 + 0.06, y / 2 - 0.06, top - 0.12, top - 0.044).of("birch"))
    return parts


def table_round() -> list[Part]:
    """A round top on a pedestal, 63 cm high."""
    top, radius = 0.63, 0.36
    disc = fillet(
        [
            (0, top - 0.026),
            (radius - 0.012, top - 0.026),
            (radius, top - 0.014),
            (radius, top - 0.006),
            (radius - 0.006, top),
            (0.2, top),
            (0, top),
        ],
        0.004,
        3,
    )
    stem = fillet(
        [
            (0, 0.0),
            (0.20, 0.0),
            (0.20, 0.018),
            (0.06, 0.032),
            (0.032, 0.06),
            (0.03, 0.56),
            (0.11, top - 0.025),
            (0, top - 0.025),
        ],
        0.02,
        4,
    )
    return [lathe(disc, 96).of("enamel_white"), lathe(stem, 48).of("enamel_white")]


def table_white() -> list[Part]:
    """A white laminate top on tapered legs, 61 cm high."""
    x, y, top = 0.60, 0.84, 0.61
    parts = [slab(-x / 2, x / 2, -y / 2, y / 2, top - 0.022, top, 0.006).of("enamel_white")]
    for sx in (-1, 1):
        for sy in (-1, 1):
            leg = loft([Station(0.0, 0.012, 0.012), Station(top - 0.02, 0.022, 0.022)], 20, 0.002)
            parts.append(leg.moved(sx * (x / 2 - 0.07), sy * (y / 2 - 0.07)).of("birch", turn=True))
    parts.append(
        slab(-x / 2 + 0.06, x / 2 - 0.06, -y / 2 + 0.06, y / 2 - 0.06, top - 0.07, top - 0.021, 0.003).of(
            "enamel_white"
        )
    )
    return parts


TABLES: Mapping[str, Callable[[], list[Part]]] = {
    "steel": table_steel,
    "farm": table_farm,
    "round": table_round,
    "white": table_white,
}
"""Option of the factor `table` -> its parts, beside the plain one that every scene has."""
