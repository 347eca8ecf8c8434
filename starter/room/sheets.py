# SPDX-License-Identifier: GPL-3.0-or-later
"""Open surfaces for the room: flat panels, cloth and leaves. UV in metres."""

from __future__ import annotations

import numpy as np

from ..objects.shapes import Array, Part


def sheet(grid: Array) -> Part:
    """Skin a grid of points (R, C, 3); front face towards (along columns) x (along rows)."""
    rows, columns = grid.shape[:2]
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (i * columns + j).ravel()
    b, c, d = a + 1, a + columns + 1, a + columns
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    u = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(grid, axis=1), axis=2).mean(axis=0))])
    v = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(grid, axis=0), axis=2).mean(axis=1))])
    uu, vv = np.meshgrid(u, v)
    uv = np.stack([uu.ravel(), vv.ravel()], 1)
    return Part(grid.reshape(-1, 3), faces, uv[faces], (float(u[-1]), float(v[-1])))


def curtain(width: float, height: float, folds: int, depth: float) -> Part:
    """Hanging cloth from x = 0 to `width`, y = +-depth, z from 0 to `height`; folds open slightly towards the hem."""
    x = np.linspace(0, width, folds * 8 + 1)
    z = np.linspace(0, height, 9)
    xx, zz = np.meshgrid(x, z)
    loose = 1.0 - 0.35 * zz / height
    phase = 2 * np.pi * folds * xx / width + 0.5 * np.sin(3.1 * zz + 7 * xx)
    return sheet(np.stack([xx, depth * loose * np.sin(phase), zz], axis=2))


def leaf(length: float, width: float, droop: float, lift_degrees: float, turn_degrees: float) -> Part:
    """A leaf from the origin: rises at `lift_degrees`, bends down by `droop` metres at its tip."""
    t = np.linspace(0, 1, 8)
    lift = np.radians(lift_degrees)
    along = length * t * np.cos(lift)
    up = length * t * np.sin(lift) - droop * t**2.2
    half = width / 2 * np.sin(np.pi * np.clip(t * 0.96 + 0.04, 0, 1)) ** 0.8
    across = np.array([-1.0, 0.0, 1.0])
    x = np.repeat(along[:, None], 3, axis=1)
    y = half[:, None] * across
    z = up[:, None] + 0.25 * np.abs(y)
    c, s = np.cos(np.radians(turn_degrees)), np.sin(np.radians(turn_degrees))
    return sheet(np.stack([c * x - s * y, s * x + c * y, z], axis=2))
