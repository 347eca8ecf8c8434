# SPDX-License-Identifier: GPL-3.0-or-later
"""Hedges, trees and planters: leaves as many small cards. Metres, z up."""

from __future__ import annotations

import numpy as np

from ..objects.shapes import Array, Part, curve, fillet, lathe, sweep
from ..room.fittings import generator
from ..room.walls import slab

SHADES = ("hedge_dark", "hedge_mid", "hedge_mid", "hedge_light")


def cards(points: Array, size: tuple[float, float], rng: np.random.Generator) -> Part:
    """A leaf at each point (N, 3), turned any way; size: lowest and highest length in metres."""
    n = len(points)
    along = rng.normal(size=(n, 3))
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, rng.normal(size=(n, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    length = rng.uniform(*size, (n, 1))
    tip, side = along * length / 2, across * length * 0.28
    vertices = np.stack([points - tip, points + side, points + tip, points - side], axis=1).reshape(-1, 3)
    first = np.arange(n)[:, None] * 4
    faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])]).astype(np.int32)
    corner = np.array([[0.0, 0.0], [0.03, 0.02], [0.06, 0.0], [0.03, -0.02]])
    uv = np.concatenate([np.tile(corner[[0, 1, 2]], (n, 1, 1)), np.tile(corner[[0, 2, 3]], (n, 1, 1))])
    return Part(vertices, faces, uv, (0.1, 0.1), crease=10.0)


def _foliage(points: Array, size: tuple[float, float], rng: np.random.Generator) -> list[Part]:
    """Leaves in four shades."""
    kind = rng.integers(0, len(SHADES), len(points))
    return [cards(points[kind == n], size, rng).of(shade) for n, shade in enumerate(SHADES)]


def hedge(x0: float, x1: float, y0: float, y1: float, height: float, seed: str, density: float = 900.0) -> list[Part]:
    """A clipped hedge; density: leaves per square metre of its sides."""
    rng = generator(seed)
    low, high = np.array([x0, y0, 0.03]), np.array([x1, y1, height])
    span = high - low
    areas = np.array([span[1] * span[2], span[1] * span[2], span[0] * span[2], span[0] * span[2], span[0] * span[1]])
    count = int(areas.sum() * density)
    side = rng.choice(5, count, p=areas / areas.sum())
    points = low + rng.uniform(size=(count, 3)) * span
    depth = 0.09 * rng.uniform(size=count) ** 1.6 - 0.03
    for face, (axis, at_low) in enumerate(((0, True), (0, False), (1, True), (1, False), (2, False))):
        chosen = side == face
        points[chosen, axis] = low[axis] + depth[chosen] if at_low else high[axis] - depth[chosen]
    core = slab(x0 + 0.07, x1 - 0.07, y0 + 0.07, y1 - 0.07, 0.0, height - 0.07, 0.03).of("hedge_dark")
    return [core, *_foliage(points, (0.035, 0.075), rng)]


def tree(x: float, y: float, height: float, crown: float, seed: str) -> list[Part]:
    """A broad-leaved tree: bent trunk, a few limbs, a crown of leaf balls. crown: its radius."""
    rng = generator(seed)
    fork = 0.42 * height
    bend = rng.uniform(-0.10, 0.10, 2)
    trunk = curve(
        [
            (0, 0, -0.03),
            (0.4 * bend[0], 0.4 * bend[1], 0.5 * fork),
            (bend[0], bend[1], fork),
            (bend[0], bend[1], 0.75 * height),
        ],
        6,
    )
    radii = np.linspace(0.055, 0.022, len(trunk)) * height / 3.0
    parts = [sweep(trunk, radii, 14).of("bark")]
    points = []
    for n in range(9):
        turn = n * 2.4 + rng.uniform(0, 0.6)
        out = crown * rng.uniform(0.30, 0.68)
        tip = np.array([bend[0] + out * np.cos(turn), bend[1] + out * np.sin(turn), height * rng.uniform(0.58, 0.92)])
        root = np.array([bend[0], bend[1], fork * rng.uniform(0.95, 1.35)])
        parts.append(
            sweep(
                curve([root, (root + tip) / 2 + [0, 0, 0.05], tip], 4), np.linspace(0.02, 0.008, 9) * height / 3.0, 8
            ).of("bark")
        )
        ball = rng.normal(size=(420, 3))
        ball /= np.linalg.norm(ball, axis=1, keepdims=True)
        points.append(tip + ball * crown * 0.42 * rng.uniform(0.55, 1.0, (420, 1)) * [1, 1, 0.8])
    parts += _foliage(np.concatenate(points), (0.06, 0.13), rng)
    return [p.moved(x, y) for p in parts]


def planter(x: float, y: float, size: float, seed: str, material: str = "concrete_wall") -> list[Part]:
    """A square tub with a bush."""
    rng = generator(seed)
    half, high = size / 2, 0.75 * size
    tub = [
        slab(x - half, x + half, y - half, y + half, 0.0, high, 0.012).of(material),
        slab(x - half + 0.03, x + half - 0.03, y - half + 0.03, y + half - 0.03, high - 0.02, high + 0.004, 0.004).of(
            "soil"
        ),
    ]
    ball = rng.normal(size=(900, 3))
    ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    bush = np.array([x, y, high + 0.42 * size]) + ball * [0.52 * size, 0.52 * size, 0.48 * size] * rng.uniform(
        0.6, 1.0, (900, 1)
    )
    return [*tub, *_foliage(bush, (0.04, 0.09), rng)]


def round_pot(x: float, y: float, size: float, seed: str) -> list[Part]:
    """A round pot with a bush."""
    rng = generator(seed)
    pot = fillet(
        [
            (0, 0),
            (0.30 * size, 0),
            (0.46 * size, 0.7 * size),
            (0.42 * size, 0.7 * size),
            (0.38 * size, 0.64 * size),
            (0, 0.64 * size),
        ],
        0.02,
        3,
    )
    ball = rng.normal(size=(700, 3))
    ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    bush = np.array([x, y, 1.02 * size]) + ball * 0.46 * size * rng.uniform(0.6, 1.0, (700, 1))
    return [lathe(pot, 40).moved(x, y).of("terracotta"), *_foliage(bush, (0.04, 0.09), rng)]
