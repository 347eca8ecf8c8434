# SPDX-License-Identifier: GPL-3.0-or-later
"""Furniture that stands or hangs at a wall, built in the wall's frame of `walls`: along x, the wall's face at y = 0,
the furniture before it at y < 0. Metres, z up."""

from __future__ import annotations

import zlib

import numpy as np

from ..objects.boxes import box
from ..objects.shapes import Part, fillet, lathe, sweep
from .walls import slab

BOOK_COLORS = ("book_red", "book_blue", "book_green", "book_ochre", "book_grey", "linen", "paper")


def generator(name: str) -> np.random.Generator:
    """The generator of a piece of furniture: the same numbers for the same name."""
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))


def cabinet(
    x0: float,
    x1: float,
    depth: float,
    z0: float,
    z1: float,
    columns: int,
    body: str,
    front: str | None = None,
    *,
    rows: int = 1,
    handle: str = "steel_dark",
    top: str | None = None,
) -> list[Part]:
    """A closed box with `columns` x `rows` fronts, bar handles, and a slightly wider top where one is named."""
    parts = [slab(x0, x1, -depth + 0.018, 0.0, z0, z1).of(body)]
    wide, high = (x1 - x0) / columns, (z1 - z0) / rows
    for i in range(columns):
        for j in range(rows):
            a, c = x0 + i * wide, z0 + j * high
            leaf = slab(a + 0.002, a + wide - 0.002, -depth, -depth + 0.017, c + 0.002, c + high - 0.002, 0.002)
            parts.append(leaf.of(front or body))
            if rows > 1:
                bar = slab(
                    a + wide / 2 - 0.06,
                    a + wide / 2 + 0.06,
                    -depth - 0.024,
                    -depth - 0.014,
                    c + high - 0.05,
                    c + high - 0.04,
                    0.004,
                )
            else:
                side = a + wide - 0.045 if i % 2 == 0 else a + 0.035
                level = c + high - 0.22 if z0 < 1.0 else c + 0.06
                bar = slab(side, side + 0.01, -depth - 0.024, -depth - 0.014, level, level + 0.14, 0.004)
            parts.append(bar.of(handle))
    if 0.0 < z0 < 0.3:
        feet = [(x, y) for x in (x0 + 0.05, x1 - 0.05) for y in (-depth + 0.07, -0.05)]
        parts += [slab(x - 0.018, x + 0.018, y - 0.018, y + 0.018, 0.0, z0 + 0.005).of(body) for x, y in feet]
    if top is not None:
        parts.append(slab(x0 - 0.01, x1 + 0.01, -depth - 0.02, 0.0, z1, z1 + 0.03, 0.004).of(top))
    return parts


def plinth(x0: float, x1: float, depth: float, material: str = "steel_dark") -> list[Part]:
    """The set-back base under floor units."""
    return [slab(x0, x1, -depth + 0.06, -0.01, 0.0, 0.105).of(material)]


def upright_books(x0: float, x1: float, z: float, front: float, seed: str, tallest: float = 0.27) -> list[Part]:
    """A row of books on a board at height z, their spines at y = front, filled up to about x1."""
    rng = generator(seed)
    parts: list[Part] = []
    x = x0
    while x < x1 - 0.05:
        thick, deep = rng.uniform(0.016, 0.045), rng.uniform(0.13, 0.18)
        tall = tallest * rng.uniform(0.68, 0.97)
        color = BOOK_COLORS[int(rng.integers(0, len(BOOK_COLORS)))]
        cover = slab(x, x + thick, front, front + deep, z, z + tall, 0.0025, 1)
        pages = slab(x + 0.003, x + thick - 0.003, front + 0.006, front + deep, z, z + tall + 0.0005, 0.001, 1)
        parts += [cover.of(color), pages.of("paper")]
        x += thick + 0.001
        if rng.uniform() < 0.12:
            x += rng.uniform(0.04, 0.12)
    return parts


def bookcase(x0: float, x1: float, height: float, shelves: int, material: str, seed: str) -> list[Part]:
    """An open case with a back, boards, books, and here and there a vase or a box."""
    deep, board = 0.30, 0.022
    parts = [
        slab(x0, x1, -0.012, 0.0, 0.0, height),
        slab(x0, x0 + board, -deep, 0.0, 0.0, height),
        slab(x1 - board, x1, -deep, 0.0, 0.0, height),
    ]
    step = (height - 0.08 - board) / shelves
    levels = [0.08 + n * step for n in range(shelves + 1)]
    parts += [slab(x0, x1, -deep, 0.0, z - board, z) for z in levels]
    out = [p.of(material) for p in parts]
    rng = generator(seed)
    for n, z in enumerate(levels[:-1]):
        end = x1 - board - rng.uniform(0.0, 0.35) * (x1 - x0)
        out += upright_books(x0 + board + 0.005, end, z, -deep + 0.02, f"{seed}{n}", min(0.30, step - 0.05))
        if x1 - end > 0.20:
            out += vase((end + x1) / 2, -deep / 2, z, seed + f"vase{n}", min(0.22, step - 0.07))
    return out


def vase(x: float, y: float, z: float, seed: str, height: float = 0.2, material: str = "") -> list[Part]:
    """A turned pot."""
    rng = generator(seed)
    r = height * rng.uniform(0.26, 0.40)
    profile = [
        (0, 0),
        (0.6 * r, 0),
        (r, 0.45 * height),
        (0.45 * r, 0.85 * height),
        (0.55 * r, height),
        (0.42 * r, height),
        (0, 0.86 * height),
    ]
    kind = material or ("ceramic", "terracotta", "glaze_blue")[int(rng.integers(0, 3))]
    return [lathe(fillet(profile, 0.25 * r, 5), 32).moved(x, y, z).of(kind)]


def desk(x0: float, x1: float, depth: float, height: float, top: str, legs: str) -> list[Part]:
    """A plain desk against the wall."""
    parts = [slab(x0, x1, -depth, -0.02, height - 0.026, height, 0.004).of(top)]
    for x in (x0 + 0.04, x1 - 0.04):
        parts += [
            slab(x - 0.02, x + 0.02, y - 0.02, y + 0.02, 0.0, height - 0.025).of(legs) for y in (-depth + 0.05, -0.07)
        ]
        parts.append(slab(x - 0.015, x + 0.015, -depth + 0.05, -0.07, height - 0.06, height - 0.026).of(legs))
    return parts


def monitor(x: float, z: float, y: float = -0.24) -> list[Part]:
    """A screen on a foot, switched off."""
    return [
        slab(x - 0.11, x + 0.11, y - 0.07, y + 0.07, z, z + 0.01, 0.003).of("steel_dark"),
        slab(x - 0.025, x + 0.025, y - 0.008, y + 0.02, z + 0.008, z + 0.2).of("steel_dark"),
        slab(x - 0.30, x + 0.30, y - 0.03, y - 0.008, z + 0.11, z + 0.47, 0.004).of("plastic_black"),
        slab(x - 0.29, x + 0.29, y - 0.0315, y - 0.028, z + 0.122, z + 0.46, 0.0005).of("screen"),
        slab(x - 0.21, x + 0.21, y - 0.32, y - 0.20, z, z + 0.014, 0.004).of("plastic_black"),
    ]


def bed(x0: float, x1: float, length: float, frame: str, cover: str) -> list[Part]:
    """A bed, its head at the wall: frame, mattress, cover, two pillows, a folded blanket."""
    parts = [
        slab(x0 - 0.03, x1 + 0.03, -0.05, -0.01, 0.0, 0.86, 0.01).of(frame),
        slab(x0 - 0.02, x1 + 0.02, -length, -0.04, 0.13, 0.29, 0.01).of(frame),
        slab(x0, x1, -length + 0.02, -0.06, 0.27, 0.45, 0.06).of("linen"),
        slab(x0 - 0.012, x1 + 0.012, -length + 0.005, -0.55, 0.26, 0.475, 0.06).of(cover),
        slab(x0 - 0.016, x1 + 0.016, -length + 0.28, -length + 0.75, 0.25, 0.497, 0.06).of("cushion_ochre"),
    ]
    parts += [
        slab(x - 0.03, x + 0.03, y - 0.03, y + 0.03, 0.0, 0.14).of(frame)
        for x in (x0 + 0.04, x1 - 0.04)
        for y in (-length + 0.05, -0.15)
    ]
    half = (x1 - x0) / 2
    for n in range(2):
        pillow = box(half - 0.10, 0.38, 0.15, 0.07, 4).turned("x", -24).moved(x0 + half * (n + 0.5), -0.30, 0.545)
        parts.append(pillow.of("linen"))
    return parts


def rack(x0: float, x1: float, height: float, shelves: int, seed: str) -> list[Part]:
    """A metal storage rack with boxes, tins and crates."""
    deep = 0.42
    parts = [
        slab(x - 0.018, x + 0.018, y - 0.018, y + 0.018, 0.0, height, 0.002).of("steel_dark")
        for x in (x0 + 0.02, x1 - 0.02)
        for y in (-0.03, -deep)
    ]
    rng = generator(seed)
    for n in range(shelves):
        z = 0.16 + (height - 0.2) * n / (shelves - 1)
        parts.append(slab(x0, x1, -deep - 0.015, -0.015, z - 0.02, z).of("birch"))
        x = x0 + 0.05
        room = (height - 0.2) / (shelves - 1) - 0.06
        while x < x1 - 0.2:
            w, h, d = rng.uniform(0.14, 0.34), rng.uniform(0.10, 0.30), rng.uniform(0.22, 0.36)
            w, h = min(w, x1 - 0.04 - x), min(h, room)
            kind = ("cardboard", "cardboard", "plastic_blue", "wicker", "plastic_grey")[int(rng.integers(0, 5))]
            parts.append(slab(x, x + w, -deep + 0.02, -deep + 0.02 + d, z, z + h, 0.006).of(kind))
            if kind == "cardboard":
                tape = slab(
                    x + w / 2 - 0.025,
                    x + w / 2 + 0.025,
                    -deep + 0.0195,
                    -deep + 0.0205 + d,
                    z + 0.001,
                    z + h + 0.0006,
                    0.0004,
                )
                parts.append(tape.of("tape"))
            x += w + rng.uniform(0.01, 0.09)
    return parts


def pegboard(x0: float, x1: float, z0: float, z1: float, seed: str) -> list[Part]:
    """A board with hand tools in silhouette: hammers, saws, spanners."""
    parts = [slab(x0, x1, -0.018, 0.0, z0, z1, 0.003).of("pegboard")]
    rng = generator(seed)
    x = x0 + 0.12
    while x < x1 - 0.12:
        top, tall = z1 - rng.uniform(0.06, 0.14), rng.uniform(0.20, 0.34)
        grip = sweep([(x, -0.03, top - tall), (x, -0.03, top - 0.4 * tall)], 0.013, 12)
        shaft = sweep([(x, -0.03, top - 0.45 * tall), (x, -0.03, top)], 0.006, 8)
        parts += [grip.of(("plastic_red", "plastic_blue", "birch")[int(rng.integers(0, 3))]), shaft.of("steel")]
        if rng.uniform() < 0.6:
            parts.append(slab(x - 0.05, x + 0.05, -0.045, -0.018, top - 0.03, top + 0.005, 0.004).of("steel"))
        x += rng.uniform(0.11, 0.17)
    return parts


def couch(x0: float, x1: float, depth: float, cloth: str, legs: str, seats: int) -> list[Part]:
    """A sofa with its back at the wall (6 cm off)."""
    back = -0.06
    front = back - depth
    soft = [
        slab(x0 + 0.02, x1 - 0.02, front + 0.03, back, 0.12, 0.30, 0.02),
        slab(x0 + 0.04, x1 - 0.04, back - 0.18, back, 0.25, 0.76, 0.06),
        slab(x0, x0 + 0.15, front, back, 0.11, 0.57, 0.05),
        slab(x1 - 0.15, x1, front, back, 0.11, 0.57, 0.05),
    ]
    wide = (x1 - x0 - 0.31) / seats
    for n in range(seats):
        a = x0 + 0.155 + n * wide
        soft.append(slab(a + 0.003, a + wide - 0.003, front - 0.015, back - 0.15, 0.285, 0.44, 0.055))
        cushion = box(wide - 0.012, 0.15, 0.40, 0.065, 3).turned("x", -10)
        soft.append(cushion.moved(a + wide / 2, back - 0.225, 0.62))
    parts = [p.of(cloth) for p in soft]
    for x in (x0 + 0.08, x1 - 0.08):
        for y in (front + 0.08, back - 0.08):
            parts.append(lathe([(0, 0), (0.014, 0), (0.022, 0.125), (0, 0.125)], 16).moved(x, y).of(legs, turn=True))
    return parts


def radiator(x0: float, x1: float) -> list[Part]:
    """A ribbed heater below a window."""
    parts = [slab(x0, x1, -0.09, -0.03, 0.14, 0.56, 0.012)]
    count = int((x1 - x0) / 0.06)
    step = (x1 - x0 - 0.04) / count
    parts += [
        slab(x0 + 0.02 + n * step, x0 + 0.02 + (n + 0.6) * step, -0.10, -0.085, 0.16, 0.54, 0.006) for n in range(count)
    ]
    parts += [slab(x - 0.012, x + 0.012, -0.075, -0.05, 0.0, 0.15, 0.004) for x in (x0 + 0.08, x1 - 0.08)]
    return [p.of("trim_white") for p in parts]
