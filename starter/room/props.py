# SPDX-License-Identifier: GPL-3.0-or-later
"""The small things of the room, each a list of parts in world coordinates (metres, z up, floor at z = 0)."""

from __future__ import annotations

import zlib

import numpy as np

from ..objects.boxes import box
from ..objects.shapes import Part, curve, fillet, lathe, sweep
from .furniture import BACK, LEFT
from .sheets import leaf, sheet
from .walls import slab

BOOK_COLORS = ("book_red", "book_blue", "book_green", "book_ochre", "book_grey", "linen")


def _rng(name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))


def _book(thick: float, deep: float, tall: float, color: str) -> list[Part]:
    """An upright book, spine towards +x, centred over the origin."""
    cover = box(deep, thick, tall, 0.0025, 2).moved(z=tall / 2)
    pages = box(deep - 0.004, thick - 0.006, tall - 0.002, 0.001, 1).moved(x=-0.004, z=tall / 2 + 0.0025)
    return [cover.of(color), pages.of("paper")]


def books() -> list[Part]:
    """A row of books on the sideboard, the last one leaning."""
    rng = _rng("books")
    parts: list[Part] = []
    y = -0.80
    for n in range(13):
        thick, deep, tall = rng.uniform(0.018, 0.042), rng.uniform(0.14, 0.19), rng.uniform(0.19, 0.27)
        for part in _book(thick, deep, tall, BOOK_COLORS[int(rng.integers(0, 6)) if n else 1]):
            parts.append(part.moved(LEFT + 0.24, y + thick / 2, 0.66))
        y += thick + 0.001
    for part in _book(0.03, 0.17, 0.23, "book_ochre"):
        parts.append(part.moved(y=0.015).turned("x", 14).moved(LEFT + 0.24, y + 0.052, 0.66))
    return parts


def shelf() -> list[Part]:
    """A wall board above the sideboard."""
    return [slab(LEFT, LEFT + 0.20, -0.9, -0.1, 1.18, 1.205).of("walnut", turn=True)]


def boxes() -> list[Part]:
    """Storage boxes and a basket on the wall board."""
    parts = []
    for y, w, h, material in ((-0.72, 0.26, 0.15, "linen"), (-0.40, 0.24, 0.19, "wicker")):
        parts.append(slab(LEFT + 0.015, LEFT + 0.185, y - w / 2, y + w / 2, 1.205, 1.205 + h, 0.008).of(material))
        parts.append(
            slab(LEFT + 0.011, LEFT + 0.189, y - w / 2 - 0.004, y + w / 2 + 0.004, 1.175 + h, 1.212 + h, 0.006).of(
                material
            )
        )
    return parts


def _framed(width: float, height: float, canvas: str) -> list[Part]:
    """A picture in the xz plane, seen from -y, its back at y = 0."""
    bar = 0.022
    rails = [
        slab(-width / 2, width / 2, -0.022, 0.0, -height / 2, -height / 2 + bar),
        slab(-width / 2, width / 2, -0.022, 0.0, height / 2 - bar, height / 2),
        slab(-width / 2, -width / 2 + bar, -0.022, 0.0, -height / 2, height / 2),
        slab(width / 2 - bar, width / 2, -0.022, 0.0, -height / 2, height / 2),
    ]

    def flat(w: float, h: float, y: float) -> Part:
        x, z = np.meshgrid([-w / 2, w / 2], [-h / 2, h / 2])
        return sheet(np.stack([x, np.full_like(x, y), z], axis=2))

    art = flat(width - 0.14, height - 0.14, -0.010)
    stretched = art.uv * np.array([0.6 / art.size[0], 0.45 / art.size[1]])
    art = Part(art.vertices, art.faces, stretched, (0.6, 0.45))
    return [*[r.of("steel_dark") for r in rails], flat(width, height, -0.008).of("paper"), art.of(canvas)]


def picture() -> list[Part]:
    """On the back wall, between corner and window."""
    return [p.moved(-0.86, BACK, 1.22) for p in _framed(0.66, 0.52, "picture_hills")]


def picture_small() -> list[Part]:
    """On the left wall."""
    return [p.turned("z", 90).moved(LEFT, 0.33, 1.20) for p in _framed(0.42, 0.36, "picture_dunes")]


def lamp() -> list[Part]:
    """A table lamp on the sideboard."""
    base = fillet([(0, 0), (0.065, 0), (0.075, 0.03), (0.055, 0.10), (0.016, 0.15), (0.012, 0.20), (0, 0.20)], 0.02, 5)
    shade = [(0, 0.185), (0.105, 0.185), (0.108, 0.19), (0.078, 0.345), (0.074, 0.345), (0, 0.34)]
    at = (LEFT + 0.21, 0.36, 0.66)
    return [lathe(base, 40).moved(*at).of("terracotta"), lathe(shade, 40).moved(*at).of("lamp_shade")]


def floor_lamp() -> list[Part]:
    """A standing lamp right of the sofa."""
    foot = fillet([(0, 0), (0.13, 0), (0.13, 0.018), (0.013, 0.028), (0.010, 1.32), (0, 1.32)], 0.006, 3)
    shade = [(0, 1.26), (0.17, 1.26), (0.174, 1.265), (0.125, 1.52), (0.12, 1.52), (0, 1.515)]
    at = (1.66, 1.86, 0.0)
    return [lathe(foot, 32).moved(*at).of("steel_dark"), lathe(shade, 40).moved(*at).of("lamp_shade")]


def plant() -> list[Part]:
    """A tall pot plant right of the floor lamp."""
    rng = _rng("plant")
    x, y = 2.25, 1.62
    pot = fillet([(0, 0), (0.13, 0), (0.18, 0.30), (0.165, 0.30), (0.15, 0.26), (0, 0.26)], 0.01, 3)
    parts = [lathe(pot, 40).of("terracotta"), lathe([(0, 0.26), (0.153, 0.262), (0, 0.27)], 32).of("soil")]
    for n in range(16):
        turn = n * 137.5
        height = 0.34 + 0.045 * n
        lean = 0.30 - 0.013 * n
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        tip = (c * lean, s * lean, height + 0.1)
        stem = sweep(curve([(0.02 * c, 0.02 * s, 0.25), (0.3 * tip[0], 0.3 * tip[1], height * 0.8), tip], 4), 0.006, 6)
        parts.append(stem.of("leaf_light"))
        blade = leaf(
            rng.uniform(0.28, 0.38), rng.uniform(0.13, 0.17), rng.uniform(0.08, 0.16), rng.uniform(15, 45), turn
        )
        parts.append(blade.moved(*tip).of("leaf" if n % 3 else "leaf_light"))
    return [p.moved(x, y) for p in parts]


def pot_herb() -> list[Part]:
    """A small plant at the near end of the sideboard."""
    rng = _rng("herb")
    at = (LEFT + 0.22, 0.02, 0.66)
    pot = fillet([(0, 0), (0.045, 0), (0.062, 0.10), (0.056, 0.10), (0.05, 0.085), (0, 0.085)], 0.006, 3)
    parts = [lathe(pot, 32).of("ceramic"), lathe([(0, 0.085), (0.051, 0.086), (0, 0.09)], 24).of("soil")]
    for n in range(22):
        blade = leaf(rng.uniform(0.13, 0.21), 0.035, rng.uniform(0.01, 0.08), rng.uniform(35, 80), n * 137.5)
        parts.append(blade.moved(z=0.085).of("leaf_light" if n % 3 else "leaf"))
    return [p.moved(*at) for p in parts]


def rug_plain() -> list[Part]:
    """A plain rug behind the free zone."""
    return [slab(-0.75, 1.65, 0.62, 1.77, 0.0, 0.009, 0.004).of("sofa_cloth")]
