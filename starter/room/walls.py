# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell of a room: walls with openings, skirting, windows, doors, floors. Metres, z up, floor at z = 0.

A wall is built in a frame of its own: along x, its inner face at y = 0, seen from -y; `on_left` turns it into a wall
on the room's left side, seen from +x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..objects.boxes import box
from ..objects.shapes import Array, Part, lathe
from .sheets import sheet

THICK = 0.16
LONGEST = 0.5
"""Metres after which the side of a slab or panel is cut into pieces: see `objects.boxes.box`."""


@dataclass(frozen=True)
class Opening:
    """A hole in a wall: x0, x1 along it, z0, z1 above the floor."""

    x0: float
    x1: float
    z0: float
    z1: float


def slab(
    x0: float, x1: float, y0: float, y1: float, z0: float, z1: float, radius: float = 0.003, steps: int = 2
) -> Part:
    """A box given by its sides. steps: pieces of half a rounding."""
    part = box(x1 - x0, y1 - y0, z1 - z0, radius, steps, LONGEST)
    return part.moved((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2)


def panel(x0: float, x1: float, y0: float, y1: float, z: float = 0.0) -> Part:
    """A flat rectangle facing up."""
    x, y = np.meshgrid(_cut(x0, x1), _cut(y0, y1))
    return world_uv(sheet(np.stack([x, y, np.full_like(x, z)], axis=2)))


def _cut(low: float, high: float, longest: float = 1.0) -> Array:
    return np.linspace(low, high, max(int(np.ceil((high - low) / longest)), 1) + 1)


def block(x0: float, x1: float, y0: float, y1: float, z0: float, z1: float) -> Part:
    """A closed box with sharp edges, its chart in world metres; for walls, whose rounding nobody would see."""
    low, high = np.array([x0, y0, z0]), np.array([x1, y1, z1])
    cuts = [_cut(a, b) for a, b in zip(low, high, strict=True)]
    vertices: list[Array] = []
    faces: list[Array] = []
    count = 0
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for side in (0, 1):
            uu, vv = np.meshgrid(cuts[u], cuts[v])
            grid = np.empty((*uu.shape, 3))
            grid[..., axis], grid[..., u], grid[..., v] = (low, high)[side][axis], uu, vv
            piece = sheet(grid)
            faces.append((piece.faces if side else piece.faces[:, ::-1]) + count)
            vertices.append(piece.vertices)
            count += len(piece.vertices)
    merged, index = np.unique(np.concatenate(vertices).round(9), axis=0, return_inverse=True)
    shape = Part(merged, index.reshape(-1)[np.concatenate(faces)].astype(np.int32), np.zeros((1, 3, 2)), (1.0, 1.0))
    return world_uv(shape)


def world_uv(part: Part) -> Part:
    """The part with its chart laid out in world metres, so that a pattern runs on from piece to piece."""
    corners = part.vertices[part.faces]
    normal = np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    axis = normal.argmax(axis=1)
    pairs = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    uv = np.take_along_axis(corners, np.repeat(pairs[:, None, :], 3, axis=1), axis=2)
    return replace(part, uv=uv)


def wall(x0: float, x1: float, height: float, material: str, openings: Sequence[Opening] = ()) -> list[Part]:
    """A wall from x0 to x1 with its openings (not side by side in one column) left free."""
    pieces: list[tuple[float, float, float, float]] = []
    at = x0
    for hole in sorted(openings, key=lambda o: o.x0):
        pieces.append((at, hole.x0, 0.0, height))
        # 5 mm into its neighbours, or light comes in between
        if hole.z0 > 0:
            pieces.append((hole.x0 - 0.005, hole.x1 + 0.005, 0.0, hole.z0))
        pieces.append((hole.x0 - 0.005, hole.x1 + 0.005, hole.z1, height))
        at = hole.x1
    pieces.append((at, x1, 0.0, height))
    return [block(a, b, 0.0, THICK, c, d).of(material) for a, b, c, d in pieces]


def skirting(x0: float, x1: float, material: str = "trim_white", height: float = 0.095) -> list[Part]:
    """A board along the foot of a wall."""
    return [slab(x0, x1, -0.016, 0.01, 0.0, height, 0.004).of(material)]


def sash(hole: Opening, columns: int, rows: int, material: str = "trim_white", bar: float = 0.05) -> list[Part]:
    """A window frame with bars and a sill in an opening."""
    y0, y1 = 0.03, 0.09
    parts = [
        slab(hole.x0, hole.x0 + bar, y0, y1, hole.z0, hole.z1),
        slab(hole.x1 - bar, hole.x1, y0, y1, hole.z0, hole.z1),
        slab(hole.x0, hole.x1, y0, y1, hole.z0, hole.z0 + bar),
        slab(hole.x0, hole.x1, y0, y1, hole.z1 - bar, hole.z1),
        slab(hole.x0 - 0.05, hole.x1 + 0.05, -0.07, 0.05, hole.z0 - 0.03, hole.z0 + 0.005, 0.004),
    ]
    thin = 0.4 * bar
    for n in range(1, columns):
        x = hole.x0 + (hole.x1 - hole.x0) * n / columns
        parts.append(slab(x - thin, x + thin, y0 + 0.005, y1 - 0.005, hole.z0, hole.z1))
    for n in range(1, rows):
        z = hole.z0 + (hole.z1 - hole.z0) * n / rows
        parts.append(slab(hole.x0, hole.x1, y0 + 0.008, y1 - 0.008, z - thin, z + thin))
    return [p.of(material) for p in parts]


def view_behind(hole: Opening, material: str = "outside") -> list[Part]:
    """A bright picture behind a window, larger than it."""
    wide, high = 1.2, 0.9
    x, z = np.meshgrid(_cut(hole.x0 - wide, hole.x1 + wide), _cut(hole.z0 - high, hole.z1 + high))
    return [sheet(np.stack([x, np.full_like(x, 0.75), z], axis=2)).of(material)]


def door(hole: Opening, leaf: str = "trim_white", metal: str = "steel_dark") -> list[Part]:
    """A panelled leaf, its frame and a handle in an opening that reaches the floor."""
    x0, x1, top = hole.x0, hole.x1, hole.z1
    parts = [
        slab(x0, x1, 0.02, 0.06, 0.004, top).of(leaf),
        slab(x0 - 0.07, x0 + 0.005, -0.014, 0.03, 0.0, top + 0.07, 0.004).of(leaf),
        slab(x1 - 0.005, x1 + 0.07, -0.014, 0.03, 0.0, top + 0.07, 0.004).of(leaf),
        slab(x0 - 0.07, x1 + 0.07, -0.014, 0.03, top - 0.005, top + 0.07, 0.004).of(leaf),
    ]
    for low, high in ((0.16, 0.45 * top), (0.53 * top, top - 0.14)):
        parts.append(slab(x0 + 0.13, x1 - 0.13, 0.008, 0.03, low, high, 0.008).of(leaf))
    knob = lathe([(0, 0), (0.022, 0), (0.022, 0.006), (0.009, 0.010), (0.009, 0.04), (0, 0.045)], 20).turned("x", 90)
    lever = slab(x1 - 0.18, x1 - 0.055, -0.035, -0.02, 0.985, 1.005, 0.006)
    return [*parts, knob.moved(x1 - 0.065, 0.02, 0.995).of(metal), lever.of(metal)]


def on_back(parts: Sequence[Part], y: float) -> list[Part]:
    """A wall's parts put at the room's back."""
    return [p.moved(y=y) for p in parts]


def on_left(parts: Sequence[Part], x: float) -> list[Part]:
    """A wall's parts put at the room's left side; what was along x runs along y."""
    return [p.turned("z", 90).moved(x=x) for p in parts]
