# SPDX-License-Identifier: GPL-3.0-or-later
"""Painted surfaces for terrain, in metres: (H, W, 3) sRGB 0..1, row 0 at v = 0; the same picture for the same stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..arrays import Array
from .solids import Solid

Generator = np.random.Generator


def noise(u: Array, v: Array, cell: float | tuple[float, float], rng: Generator, octaves: int = 4) -> Array:
    """Smooth noise (len(v), len(u)), about -1..1; cell: metres of the coarsest octave along (u, v) or both."""
    cu, cv = cell if isinstance(cell, tuple) else (cell, cell)
    total = np.zeros((len(v), len(u)))
    for octave in range(octaves):
        lattice = rng.uniform(-1.0, 1.0, (64, 64))
        total += _sample(lattice, u / cu * 2**octave, v / cv * 2**octave) * 0.5**octave
    return total / (2 - 0.5 ** (octaves - 1))


def _sample(lattice: Array, x: Array, y: Array) -> Array:
    def rows(values: Array, at: Array) -> Array:
        low = np.floor(at).astype(np.int64)
        f = (at - low)[:, None]
        f = f * f * (3 - 2 * f)
        return np.asarray(values[low % 64] * (1 - f) + values[(low + 1) % 64] * f)

    return rows(rows(lattice.T, x).T, y)


def _rgb(code: str) -> Array:
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)])


def _shade(color: Array, factor: Array) -> Array:
    return np.asarray(color * factor[..., None])


def _concrete(u: Array, v: Array, rng: Generator) -> Array:
    base = _rgb(("a09d96", "8f8d88", "aca79b")[int(rng.integers(3))])
    pores = np.clip(noise(u, v, 0.012, rng, 1) - 0.78, 0, 1) * 2.2
    clouds = 0.10 * noise(u, v, 0.7, rng, 5) + 0.05 * noise(u, v, 0.008, rng, 2)
    return _shade(np.broadcast_to(base, (len(v), len(u), 3)), 1 + clouds - 0.5 * pores)


def _stone(u: Array, v: Array, rng: Generator) -> Array:
    base = _rgb(("9a9186", "b0a48e", "7f807e")[int(rng.integers(3))])
    veins = np.abs(noise(u, v, (0.5, 0.22), rng, 5))
    speck = noise(u, v, 0.006, rng, 2)
    return _shade(np.broadcast_to(base, (len(v), len(u), 3)), 0.94 + 0.22 * veins + 0.09 * speck)


def _oak(u: Array, v: Array, rng: Generator) -> Array:
    base = _rgb(("a9794a", "8a5f3b", "b98d5d")[int(rng.integers(3))])
    grain = 0.16 * noise(u, v, (0.5, 0.02), rng, 4) + 0.10 * noise(u, v, (0.12, 0.004), rng, 2)
    rings = 0.05 * np.sin(v[:, None] * 120 + 7 * noise(u, v, (0.9, 0.10), rng, 3))
    return _shade(np.broadcast_to(base, (len(v), len(u), 3)), 1 + grain + rings)


def _terrazzo(u: Array, v: Array, rng: Generator) -> Array:
    color = np.broadcast_to(_rgb("c9c3b6"), (len(v), len(u), 3)).copy()
    for code in ("7c6a58", "8f948f", "e3ded2", "54575a"):
        chips = noise(u, v, 0.018, rng, 2) > 0.52
        color[chips] = _rgb(code)
    return _shade(color, 1 + 0.03 * noise(u, v, 0.4, rng, 3))


def _masonry(codes: Sequence[str], unit: tuple[float, float], joint: float, mortar: str) -> Callable[..., Array]:
    def paint(u: Array, v: Array, rng: Generator) -> Array:
        uu, vv = np.meshgrid(u, v)
        row = np.floor(vv / unit[1]).astype(int)
        moved = uu + (row % 2) * unit[0] / 2
        column = np.floor(moved / unit[0]).astype(int)
        shades = np.array([_rgb(code) for code in codes])
        which = rng.integers(0, len(codes), (97, 89))
        light = rng.uniform(0.92, 1.08, (97, 89))
        color = _shade(shades[which[row % 97, column % 89]], light[row % 97, column % 89])
        color = _shade(color, 1 + 0.09 * noise(u, v, 0.02, rng, 3) + 0.05 * noise(u, v, 0.5, rng, 3))
        edge = np.minimum.reduce([moved % unit[0], unit[0] - moved % unit[0], vv % unit[1], unit[1] - vv % unit[1]])
        cover = np.clip((edge - joint / 2) * 800, 0, 1)[..., None]
        return np.asarray(_rgb(mortar) + cover * (color - _rgb(mortar)))

    return paint


def _kerbstone(u: Array, v: Array, rng: Generator) -> Array:
    color = _shade(
        np.broadcast_to(_rgb("a5a29b"), (len(v), len(u), 3)),
        1 + 0.10 * noise(u, v, 0.006, rng, 2) + 0.07 * noise(u, v, 0.4, rng, 4),
    )
    joint = np.clip(1.0 - np.abs((u + 0.37) % 0.9 - 0.45) / 0.004, 0, 1)[None, :, None]
    return np.asarray(color * (1 - 0.55 * joint))


def _steel(u: Array, v: Array, rng: Generator) -> Array:
    return _shade(np.broadcast_to(_rgb("55585b"), (len(v), len(u), 3)), 1 + 0.06 * noise(u, v, 0.05, rng, 3))


_PAINTS: dict[str, Callable[..., Array]] = {
    "concrete": _concrete,
    "stone": _stone,
    "oak": _oak,
    "terrazzo": _terrazzo,
    "pavers": _masonry(("a6a198", "9b968d", "aeaa9f"), (0.30, 0.30), 0.006, "716c64"),
    "brick": _masonry(("9a5f49", "a86a52", "8c5442"), (0.20, 0.10), 0.006, "857b6e"),
    "kerbstone": _kerbstone,
    "steel": _steel,
}


def painted(solid: Solid, density: float, pad: int, rng: Generator) -> Array:
    """The chart of a shell at `density` pixels per metre with `pad` pixels round it; used edges a little worn."""
    width, height = (int(np.ceil(s * density)) + 2 * pad for s in solid.size)
    u = (np.arange(width) - pad + 0.5) / density
    v = (np.arange(height) - pad + 0.5) / density
    color = np.array(_PAINTS[solid.finish](u, v, rng))
    for mark in solid.marks[1:]:
        worn = np.clip(1 - np.abs(v - mark) / 0.012, 0, 1)[:, None]
        color = _shade(color, 1 + (0.10 * worn) * (1 + 0.6 * noise(u, v, 0.05, rng, 2)))
    return np.clip(color, 0.0, 1.0)
