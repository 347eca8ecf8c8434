# SPDX-License-Identifier: GPL-3.0-or-later
"""Painted building surfaces that repeat without a seam: (H, W, 3) sRGB 0..1, row 0 at v = 0, and the size in metres."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from ..objects.canvas import Array, rgb
from .textures import Texture


def _generator(seed: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(seed.encode())))


def _lattice(shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> Array:
    values = rng.uniform(-1.0, 1.0, cells)

    def blend(rows: Array, count: int) -> Array:
        at = np.arange(count) / count * len(rows)
        low = np.floor(at).astype(int)
        f = (at - low)[:, None]
        f = f * f * (3 - 2 * f)
        return np.asarray(rows[low] * (1 - f) + rows[(low + 1) % len(rows)] * f)

    return blend(blend(values, shape[0]).T, shape[1]).T


def noise(shape: tuple[int, int], cells: int | tuple[int, int], seed: str, octaves: int = 4) -> Array:
    """Noise (H, W), about -1..1, that repeats in both directions. cells: (along v, along u) of the coarsest octave."""
    rng = _generator(seed)
    v, u = (cells, cells) if isinstance(cells, int) else cells
    total = np.zeros(shape)
    for i in range(octaves):
        total += _lattice(shape, (v * 2**i, u * 2**i), rng) * 0.5**i
    return total / (2 - 0.5 ** (octaves - 1))


def courses(
    codes: Sequence[str],
    unit: tuple[float, float],
    joint: float,
    joint_code: str,
    seed: str,
    *,
    shift: float = 0.5,
    count: tuple[int, int] = (8, 12),
    spread: float = 0.10,
    pixels: int = 1024,
) -> Texture:
    """Masonry: units (u, v) in metres with joints, every other course shifted by `shift` of a unit.

    count: units along u and courses along v before it repeats; spread: how much units differ in brightness.
    """
    size = (unit[0] * count[0], unit[1] * count[1])
    shape = (int(pixels * size[1] / size[0]), pixels)
    u = (np.arange(shape[1]) + 0.5) / shape[1] * size[0]
    v = (np.arange(shape[0]) + 0.5) / shape[0] * size[1]
    uu, vv = np.meshgrid(u, v)
    row = np.floor(vv / unit[1]).astype(int)
    moved = uu + (row % 2) * shift * unit[0]
    column = np.floor(moved / unit[0]).astype(int) % count[0]
    rng = _generator(seed)
    palette = np.array([rgb(code) for code in codes])
    which = rng.integers(0, len(palette), (count[1], count[0]))
    light = rng.uniform(1 - spread, 1 + spread, (count[1], count[0]))
    color = palette[which[row, column]] * light[row, column][..., None]
    color = color * (1 + 0.10 * noise(shape, 24, seed + "fine", 3) + 0.07 * noise(shape, 5, seed + "wide"))[..., None]
    edge = np.minimum(
        np.minimum(moved % unit[0], unit[0] - moved % unit[0]), np.minimum(vv % unit[1], unit[1] - vv % unit[1])
    )
    edge = edge + 0.12 * joint * noise(shape, 60, seed + "edge", 2)
    soft = 1.2 * size[0] / shape[1]
    cover = np.clip((edge - joint / 2) / soft + 0.5, 0, 1)[..., None]
    mortar = np.array(rgb(joint_code)) * (1 + 0.10 * noise(shape, 40, seed + "mortar", 2))[..., None]
    rim = 1 - 0.16 * np.clip(1 - (edge - joint / 2) / (0.6 * joint + soft), 0, 1)[..., None]
    return np.clip(mortar + cover * (color * rim - mortar), 0, 1), size


def concrete(code: str, seed: str, size: float = 2.4, contrast: float = 0.10) -> Texture:
    """Cast or trowelled: clouds, fine grain, some dark pores."""
    shape = (768, 768)
    clouds = noise(shape, 3, seed, 5)
    grain = noise(shape, 96, seed + "grain", 2)
    pores = np.clip(noise(shape, 60, seed + "pores", 1) - 0.80, 0, 1) * 2.0
    color = np.array(rgb(code)) * (1 + contrast * clouds + 0.06 * grain - 0.6 * pores)[..., None]
    return np.clip(color, 0, 1), (size, size)


def asphalt() -> Texture:
    """A street's surface, 1.6 m square: dark binder, light stones, worn lanes."""
    shape = (1024, 1024)
    stones = noise(shape, 160, "asphalt stones", 2)
    grain = noise(shape, 330, "asphalt grain", 1)
    wear = noise(shape, 3, "asphalt wear", 4)
    level = 0.36 + 0.11 * np.clip(stones, -0.4, 1) + 0.05 * grain + 0.035 * wear
    color = level[..., None] * np.array([1.0, 0.985, 0.96])
    return np.clip(color, 0, 1), (1.6, 1.6)


def gravel() -> Texture:
    """Rolled fine gravel, 1.4 m square."""
    shape = (1024, 1024)
    stones = noise(shape, 130, "gravel stones", 2)
    patches = noise(shape, 4, "gravel patches", 4)
    warm = noise(shape, 90, "gravel warm", 1)[..., None]
    color = np.array(rgb("b3a488")) * (1 + 0.24 * stones + 0.06 * patches)[..., None]
    return np.clip(color + warm * np.array([0.03, 0.0, -0.03]), 0, 1), (1.4, 1.4)


def grass() -> Texture:
    """Mown lawn from above, 1.2 m square."""
    shape = (768, 768)
    blades = noise(shape, (120, 60), "grass blades", 2) + 0.6 * noise(shape, (60, 150), "grass blades across", 2)
    tufts = noise(shape, 9, "grass tufts", 4)
    dry = np.clip(noise(shape, 14, "grass dry", 3), 0, 1)[..., None]
    green = np.array(rgb("4c6b2c")) * (1 + 0.34 * blades + 0.20 * tufts)[..., None]
    straw = np.array(rgb("8a8449")) * (1 + 0.3 * blades)[..., None]
    return np.clip(green + 0.35 * dry * (straw - green), 0, 1), (1.2, 1.2)


def carpet_plain(code: str, seed: str) -> Texture:
    """Fitted carpet: loops and a little tread, 0.8 m square."""
    shape = (640, 640)
    loops = noise(shape, 150, seed, 1)
    tread = noise(shape, 4, seed + "tread", 4)
    return np.clip(np.array(rgb(code)) * (1 + 0.20 * loops + 0.07 * tread)[..., None], 0, 1), (0.8, 0.8)


def wallpaper(code: str, line: str, seed: str, pitch: float = 0.10) -> Texture:
    """Vertical stripes in two near tones."""
    shape = (256, 512)
    u = (np.arange(shape[1]) + 0.5) / shape[1] * 8
    stripe = np.clip((np.abs((u % 1) - 0.5) - 0.25) * 24 + 0.5, 0, 1)[None, :, None]
    base = np.array(rgb(code)) + stripe * (np.array(rgb(line)) - np.array(rgb(code)))
    grain = 1 + 0.025 * noise(shape, 40, seed, 2)
    return np.clip(base * grain[..., None], 0, 1), (8 * pitch, 4 * pitch)


def facade_view(seed: str, wall: str, sky: str = "c9d8e4") -> Texture:
    """What a window shows in a town: a house opposite, out of focus, under a strip of sky, 3 x 2.4 m."""
    shape = (360, 450)
    v = (np.arange(shape[0]) + 0.5) / shape[0] * 2.4
    u = (np.arange(shape[1]) + 0.5) / shape[1] * 3.0
    uu, vv = np.meshgrid(u, v)
    image = np.array(rgb(wall)) * (1 + 0.06 * noise(shape, 6, seed))[..., None]
    pane = (np.abs(uu % 0.75 - 0.38) < 0.15) & (np.abs(vv % 0.85 - 0.45) < 0.26)
    image = np.where(
        pane[..., None], np.array(rgb("5b6a76")) * (1 + 0.2 * noise(shape, 9, seed + "panes"))[..., None], image
    )
    image = np.where((vv > 2.0)[..., None], np.array(rgb(sky)), image)
    for axis in (0, 1):  # out of focus
        image = sum(np.roll(image, s, axis=axis) for s in range(-4, 5)) / 9
    return np.clip(image, 0, 1), (3.0, 2.4)
