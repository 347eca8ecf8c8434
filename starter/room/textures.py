# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's painted textures, numpy only. Each returns (H, W, 3) sRGB 0..1, row 0 at v = 0, and its size in metres."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from ..objects.canvas import Array, Canvas, fractal, rgb

Texture = tuple[Array, tuple[float, float]]


OAK = ("9a7048", "8d6540", "a67c52", "94693f", "a2744a")


def planks(codes: Sequence[str] = OAK, seed: str = "plank") -> Texture:
    """Floor boards, 0.14 m wide, laid along u; repeats seamlessly (boards wrap round)."""
    size, pixels, rows = 2.52, 1536, 18
    image = np.zeros((pixels, pixels, 3))
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(f"{seed}s".encode())))
    shades = np.array([rgb(code) for code in codes])
    height = pixels // rows
    width = pixels // 2
    for row in range(rows):
        top = round(row * pixels / rows)
        bottom = round((row + 1) * pixels / rows)
        shift = int(rng.integers(0, pixels))
        for half in range(2):
            shade = shades[rng.integers(0, len(shades))] * rng.uniform(0.90, 1.08)
            across, along = np.arange(bottom - top), np.arange(width)
            x, y = np.meshgrid(along, across)
            name = f"{seed}{row}.{half}"
            wave = fractal(along / 180, across / 12, name) + 0.5 * fractal(along / 60, across / 3.2, name + "f")
            rings = np.sin((y / height - 0.5) * 9 + 4.5 * fractal(along / 420, across / 70, name + "r"))
            board = shade * (1 + 0.13 * wave + 0.07 * rings)[..., None]
            near = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, bottom - top - 1 - y))
            board *= (1 - 0.62 * np.clip(1.6 - near, 0, 1))[..., None]  # the dark joint
            columns = (np.arange(width) + shift + half * width) % pixels
            image[top:bottom, columns] = board
    return np.clip(image, 0, 1), (size, size)


def wood(code: str, seed: str) -> Texture:
    """Furniture wood, grain along u, 1.2 x 0.6 m (mirrored beyond)."""
    canvas = Canvas((1.2, 0.6), 640, 0)
    canvas.fill(rgb(code))
    canvas.grain(0.16, (0.4, 0.03), seed)
    canvas.grain(0.12, (0.10, 0.004), seed + "f")
    rings = np.sin(canvas.v[:, None] * 95 + 7 * fractal(canvas.u / 0.7, canvas.v / 0.12, seed + "r"))
    return np.clip(canvas.color * (1 + 0.055 * rings)[..., None], 0, 1), canvas.size


def paint(code: str, seed: str) -> Texture:
    """Rolled wall paint: nearly even, with the faint clouds of a roller; 2.4 m square."""
    canvas = Canvas((2.4, 2.4), 320, 0)
    canvas.fill(rgb(code))
    canvas.grain(0.020, 0.6, seed)
    canvas.grain(0.022, 0.012, seed + "f")
    return canvas.color, canvas.size


def cloth(code: str, seed: str, size: float = 0.6, contrast: float = 0.16) -> Texture:
    """Woven upholstery: heathered yarns both ways."""
    canvas = Canvas((size, size), 720 / size * 0.6, 0)
    canvas.fill(rgb(code))
    canvas.grain(contrast, (0.012, 0.0024), seed + "weft")
    canvas.grain(contrast, (0.0024, 0.012), seed + "warp")
    canvas.grain(0.06, 0.15, seed)
    return canvas.color, canvas.size


def carpet() -> Texture:
    """The rug, 2.4 x 1.15 m: cream field with a diamond lattice and a double border."""
    canvas = Canvas((2.4, 1.15), 420, 0)
    ink, clay, cream = rgb("3d5568"), rgb("a85f45"), rgb("d8cbb2")
    canvas.fill(cream)
    step = 0.23
    for i in range(-8, 16):
        canvas.line([(i * step, 0.0), (i * step + 1.15, 1.15)], 0.013, ink)
        canvas.line([(i * step, 1.15), (i * step + 1.15, 0.0)], 0.013, ink)
    for i in range(-1, 12):
        for j in range(-1, 6):
            canvas.disc(i * step + 0.115 * (j % 2), (j * step) / 2 + 0.0, 0.022, clay)
    for inset, width, color in ((0.0, 0.075, ink), (0.075, 0.02, cream), (0.095, 0.018, clay)):
        w, h = canvas.size
        for box in (
            (inset, inset, w - inset, inset + width),
            (inset, h - inset - width, w - inset, h - inset),
            (inset, inset, inset + width, h - inset),
            (w - inset - width, inset, w - inset, h - inset),
        ):
            canvas.rect(*box, color)
    canvas.grain(0.20, 0.006, "carpet pile")
    canvas.grain(0.08, 0.2, "carpet wear")
    return canvas.color, canvas.size


def landscape(seed: str, sky: str, hills: tuple[str, ...], sun: str) -> Texture:
    """An abstract landscape for a picture frame, 0.6 x 0.45 m."""
    canvas = Canvas((0.6, 0.45), 900, 0)
    canvas.fill(rgb(sky))
    canvas.disc(0.42, 0.31, 0.055, rgb(sun))
    for n, code in enumerate(hills):
        ridge = 0.26 - 0.085 * n + 0.05 * fractal(canvas.u / 0.22, np.array([n * 7.3]), seed + str(n), 3)
        cover = np.clip((ridge - canvas.v[:, None]) * 900, 0, 1)[..., None]
        canvas.color += cover * (np.array(rgb(code)) - canvas.color)
    canvas.grain(0.10, (0.02, 0.006), seed + "brush")
    return canvas.color, canvas.size


def outdoors() -> Texture:
    """What the window shows: pale sky over soft, out of focus trees, 3 x 2.4 m."""
    canvas = Canvas((3.0, 2.4), 160, 0)
    up = np.clip(canvas.v / 2.4, 0, 1)[:, None, None]
    color = np.array(rgb("e6eef2")) * (1 - up) + np.array(rgb("a9cbe6")) * up
    color = np.broadcast_to(color, canvas.color.shape)
    for n, (code, level) in enumerate((("a9bfa6", 1.15), ("86a57c", 0.92), ("6d8f62", 0.62))):
        ridge = level + 0.22 * fractal(canvas.u / 0.45, np.array([n * 3.1]), f"trees{n}", 3)
        cover = np.clip((ridge - canvas.v[:, None]) * 9 + 0.5, 0, 1)[..., None]
        leaf = np.array(rgb(code)) * (1 + 0.16 * fractal(canvas.u / 0.16, canvas.v / 0.16, f"leaves{n}", 3))[..., None]
        color = color + cover * (leaf - color)
    return np.clip(color, 0, 1), canvas.size
