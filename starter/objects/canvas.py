# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting a part's chart: base colour, roughness and metal, in metres, anti-aliased, numpy only.

Colours are sRGB 0..1. v runs up; arrays are kept with row 0 at v = 0 and flipped when written.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .letters import strokes

Array = NDArray[np.float64]
Rgb = tuple[float, float, float]


def rgb(code: str) -> Rgb:
    """'1a7f86' -> (r, g, b) in 0..1 (sRGB)."""
    return (int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255)


def value_noise(x: Array, y: Array, seed: str) -> Array:
    """Smooth noise (H, W) in -1..1 over a grid of lattice coordinates x (W,), y (H,); the same numbers for each `seed`."""
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(seed.encode())))
    lattice = rng.uniform(-1.0, 1.0, (256, 256))

    def blend(values: Array, at: Array) -> Array:
        low = np.floor(at).astype(np.int64)
        f = (at - low)[:, None]
        f = f * f * (3 - 2 * f)
        return np.asarray(values[low % 256] * (1 - f) + values[(low + 1) % 256] * f)

    return blend(blend(lattice.T, x).T, y)


def fractal(x: Array, y: Array, seed: str, octaves: int = 4) -> Array:
    """Sum (H, W) of `octaves` noises, each twice as fine and half as strong; about -1..1. Arguments: `value_noise`."""
    total = np.zeros((len(y), len(x)))
    for i in range(octaves):
        total += value_noise(x * 2**i, y * 2**i, f"{seed}/{i}") * 0.5**i
    return total / (2 - 0.5 ** (octaves - 1))


class Canvas:
    """A rectangle of pixels over a chart of `size` (2,) metres, with a painted margin of `pad` pixels all round."""

    def __init__(self, size: tuple[float, float], density: float, pad: int = 3) -> None:
        self.size, self.density = size, density
        shape = tuple(int(np.ceil(s * density)) + 2 * pad for s in (size[1], size[0]))
        self.color = np.full((*shape, 3), 0.5)
        self.rough = np.full(shape, 0.5)
        self.metal = np.zeros(shape)
        self.u = (np.arange(shape[1]) - pad + 0.5) / density
        self.v = (np.arange(shape[0]) - pad + 0.5) / density

    def fill(self, color: Rgb, rough: float = 0.5, metal: float = 0.0) -> None:
        """One finish everywhere."""
        self.color[:], self.rough[:], self.metal[:] = color, rough, metal

    def grain(self, amount: float, cell: float | tuple[float, float], seed: str, rough: float = 0.0) -> None:
        """Vary brightness by +-amount (share) in cells of `cell` metres (one size, or (u, v)), roughness by +-rough."""
        cu, cv = (cell, cell) if isinstance(cell, float | int) else cell
        noise = fractal(self.u / cu, self.v / cv, seed)
        self.color = np.clip(self.color * (1 + amount * noise[..., None]), 0, 1)
        self.rough = np.clip(self.rough + rough * noise, 0.03, 1)

    def _blend(
        self, box: tuple[float, float, float, float], distance: object, color: Rgb, rough: float | None, metal: float | None,
        strength: float = 1.0,
    ) -> None:  # fmt: skip
        """Paint where distance(u, v) < 0 inside the box (u0, v0, u1, v1), with a one pixel soft edge."""
        edge = 1.5 / self.density
        i0, i1 = np.searchsorted(self.u, [box[0] - edge, box[2] + edge])
        j0, j1 = np.searchsorted(self.v, [box[1] - edge, box[3] + edge])
        if i0 >= i1 or j0 >= j1:
            return
        u, v = np.meshgrid(self.u[i0:i1], self.v[j0:j1])
        cover = np.clip(0.5 - distance(u, v) * self.density, 0, 1) * strength  # type: ignore[operator]
        part = (slice(j0, j1), slice(i0, i1))
        self.color[part] += cover[..., None] * (np.array(color) - self.color[part])
        if rough is not None:
            self.rough[part] += cover * (rough - self.rough[part])
        if metal is not None:
            self.metal[part] += cover * (metal - self.metal[part])

    def rect(
        self, u0: float, v0: float, u1: float, v1: float, color: Rgb, rough: float | None = None,
        metal: float | None = None, radius: float = 0.0, strength: float = 1.0,
    ) -> None:  # fmt: skip
        """A rectangle with rounded corners."""
        cu, cv, hu, hv = (u0 + u1) / 2, (v0 + v1) / 2, abs(u1 - u0) / 2 - radius, abs(v1 - v0) / 2 - radius

        def distance(u: Array, v: Array) -> Array:
            du, dv = np.abs(u - cu) - hu, np.abs(v - cv) - hv
            return np.hypot(np.maximum(du, 0), np.maximum(dv, 0)) + np.minimum(np.maximum(du, dv), 0) - radius

        self._blend((min(u0, u1), min(v0, v1), max(u0, u1), max(v0, v1)), distance, color, rough, metal, strength)

    def disc(
        self, u: float, v: float, radius: float, color: Rgb, rough: float | None = None, metal: float | None = None,
        inner: float = 0.0,
    ) -> None:  # fmt: skip
        """A disc, or a ring when `inner` > 0."""

        def distance(x: Array, y: Array) -> Array:
            r = np.hypot(x - u, y - v)
            return np.maximum(r - radius, inner - r) if inner > 0 else r - radius

        self._blend((u - radius, v - radius, u + radius, v + radius), distance, color, rough, metal)

    def band(self, v0: float, v1: float, color: Rgb, rough: float | None = None, metal: float | None = None) -> None:
        """Everything between two heights, all the way round."""
        self.rect(-1.0, v0, self.size[0] + 1.0, v1, color, rough, metal)

    def line(
        self, points: Sequence[tuple[float, float]], width: float, color: Rgb, rough: float | None = None,
        metal: float | None = None,
    ) -> None:  # fmt: skip
        """A polyline with round ends and joints."""
        p = np.asarray(points, dtype=np.float64)

        def distance(u: Array, v: Array) -> Array:
            best = np.full(u.shape, np.inf)
            for (au, av), (bu, bv) in pairwise(p):
                du, dv = bu - au, bv - av
                t = np.clip(((u - au) * du + (v - av) * dv) / max(du * du + dv * dv, 1e-18), 0, 1)
                best = np.minimum(best, np.hypot(u - au - t * du, v - av - t * dv))
            return best - width / 2

        h = width / 2
        low, high = p.min(axis=0) - h, p.max(axis=0) + h
        self._blend((low[0], low[1], high[0], high[1]), distance, color, rough, metal)

    def text(
        self, words: str, u: float, v: float, height: float, color: Rgb, turn: float = 0.0, weight: float = 0.16,
        rough: float | None = None,
    ) -> None:  # fmt: skip
        """Capital letters and digits centred on (u, v); `turn` degrees counter-clockwise in the chart."""
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        for stroke in strokes(words):
            moved = [(u + height * (c * x - s * y), v + height * (s * x + c * y)) for x, y in stroke]
            self.line(moved, weight * height, color, rough)


def png_bytes(pixels: Array) -> bytes:
    """An 8-bit PNG of (H, W), (H, W, 3) values 0..1, row 0 at the bottom."""
    data = (np.clip(pixels[::-1], 0, 1) * 255 + 0.5).astype(np.uint8)
    height, width = data.shape[:2]
    kind = 2 if data.ndim == 3 else 0
    flat = data.reshape(height, -1)
    rows = np.zeros((height, flat.shape[1] + 1), dtype=np.uint8)
    rows[:, 0] = 2  # "up": each row as the difference to the one above, which packs smooth paint well
    rows[:, 1:] = flat
    rows[1:, 1:] -= flat[:-1]

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows.tobytes(), 4)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def write_png(path: Path, pixels: Array) -> None:
    """Write `pixels` as `png_bytes` does."""
    path.write_bytes(png_bytes(pixels))
