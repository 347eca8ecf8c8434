# SPDX-License-Identifier: GPL-3.0-or-later
"""Low laced shoes: an upper from the shell's foot, a flat sole round its outline, laces on the instep."""

from __future__ import annotations

import numpy as np

from .cloth import add_lips, offset, ramp
from .cut import keep
from .limbs import convex_outline, outline_radius
from .macros import Figure
from .surface import Sheet, join, largest_piece, smooth, unit, vertex_normals

UPPER, SOLE = 0, 1
_POINTS = 72
# (outset from the upper's outline, height above the ground) of the sole's rings, metres
_PROFILE = ((-0.004, 0.0), (0.001, 0.002), (0.0035, 0.009), (0.0035, 0.022), (0.002, 0.027), (-0.004, 0.029))
_TOE_SPRING = 0.010
_LACES, _LACE_RADIUS = 5, 0.0022


def foot_axis(figure: Figure, side: str) -> np.ndarray:
    """Horizontal unit vector from ankle to toes."""
    axis = figure.joint(f"{side}-toe-2-4") - figure.joint(f"{side}-ankle")
    axis[2] = 0.0
    return unit(axis)


def _upper(figure: Figure, tights: Sheet, side: str) -> Sheet:
    ankle = figure.joint(f"{side}-ankle")
    forward = (tights.vertices - ankle) @ foot_axis(figure, side)
    level = ankle[2] + 0.020 + 0.12 * np.clip(forward, -0.05, 0.06) - tights.vertices[:, 2]
    same_leg = (tights.vertices[:, 0] > 0) == (side == "l")
    sheet = largest_piece(keep(tights, np.where(same_leg, level, -1.0)))
    return offset(smooth(sheet, 24), 0.0065)


def _sole(figure: Figure, upper: Sheet, side: str, ground: float) -> Sheet:
    low = upper.vertices[upper.vertices[:, 2] < ground + 0.05][:, :2]
    outline = convex_outline(low)
    centre = (outline.min(axis=0) + outline.max(axis=0)) / 2
    angles = -np.pi + 2 * np.pi * np.arange(_POINTS) / _POINTS
    direction = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rim = outline_radius(outline, centre, angles)
    axis = foot_axis(figure, side)[:2]
    rings = []
    for outset, height in _PROFILE:
        flat = centre + direction * (rim + outset)[:, None]
        lift = _TOE_SPRING * ramp((flat - centre) @ axis, 0.055, 0.14) * (1 - height / 0.06)
        rings.append(np.column_stack([flat, ground + height + lift]))
    vertices = np.concatenate([*rings, [[*centre, ground]], [[*centre, ground + _PROFILE[-1][1]]]])
    step = np.arange(_POINTS)
    after = (step + 1) % _POINTS
    faces = []
    for ring in range(len(_PROFILE) - 1):
        low_ring, high_ring = ring * _POINTS, (ring + 1) * _POINTS
        faces.append(np.stack([low_ring + step, low_ring + after, high_ring + after, high_ring + step], axis=1))
    top = (len(_PROFILE) - 1) * _POINTS
    blank = np.full(_POINTS, -1)
    bottom_centre, top_centre = len(vertices) - 2, len(vertices) - 1
    faces.append(np.stack([after, step, np.full(_POINTS, bottom_centre), blank], axis=1))
    faces.append(np.stack([top + step, top + after, np.full(_POINTS, top_centre), blank], axis=1))
    rows = np.concatenate(faces)
    weights = np.zeros((len(vertices), upper.weights.shape[1]))
    return Sheet(vertices, rows, weights, np.full(len(rows), SOLE))


def _tube(path: np.ndarray, radius: float, bones: int) -> Sheet:
    """A hexagonal tube along `path` (K,3), ends open (they lie inside the upper)."""
    along = unit(np.gradient(path, axis=0))
    side = unit(np.cross(along, [0.0, 0.0, 1.0]))
    up = np.cross(side, along)
    turn = 2 * np.pi * np.arange(6) / 6
    rings = path[:, None] + radius * (np.cos(turn)[:, None] * side[:, None] + np.sin(turn)[:, None] * up[:, None])
    grid = np.arange(len(path) * 6).reshape(len(path), 6)
    a, b = grid[:-1], np.roll(grid, -1, axis=1)[:-1]
    c, d = np.roll(grid, -1, axis=1)[1:], grid[1:]
    faces = np.stack([a, b, c, d], axis=-1).reshape(-1, 4)
    return Sheet(rings.reshape(-1, 3), faces, np.zeros((len(grid) * 6, bones)), np.full(len(faces), SOLE))


def _laces(figure: Figure, upper: Sheet, side: str) -> list[Sheet]:
    """Short bars across the instep, laid on the upper's top side."""
    axis = foot_axis(figure, side)
    across = np.cross([0.0, 0.0, 1.0], axis)
    top = upper.vertices[vertex_normals(upper)[:, 2] > 0.2]
    start = figure.joint(f"{side}-ankle") + axis * 0.060
    bars = []
    for row in range(_LACES):
        middle = start + axis * 0.0135 * row
        spread = np.linspace(-1, 1, 9) * (0.021 - 0.001 * row)
        path = middle + spread[:, None] * across
        distance = np.linalg.norm(path[:, None, :2] - top[None, :, :2], axis=2)
        nearness = 1 / (distance + 0.002) ** 4
        path[:, 2] = (nearness * top[:, 2]).sum(axis=1) / nearness.sum(axis=1) + 0.0008
        bars.append(_tube(path, _LACE_RADIUS, upper.weights.shape[1]))
    return bars


def _shoe(figure: Figure, tights: Sheet, side: str) -> Sheet:
    upper = _upper(figure, tights, side)
    ground = float(upper.vertices[:, 2].min()) - 0.010
    shoe = join(add_lips(upper, 0.005, 0.020), _sole(figure, upper, side, ground), *_laces(figure, upper, side))
    ankle = figure.joint(f"{side}-ankle")[2]
    calf = 0.65 * ramp(shoe.vertices[:, 2], ankle - 0.020, ankle + 0.020)
    weights = np.zeros_like(shoe.weights)
    # the toe bone stays out of it: a sole that bends at the toes would leave the ground
    weights[:, figure.bone_index(f"foot_{side}")] = 1 - calf
    weights[:, figure.bone_index(f"calf_{side}")] = calf
    return Sheet(shoe.vertices, shoe.faces, weights, shoe.slot)


def build_shoes(figure: Figure, tights: Sheet) -> Sheet:
    """Both shoes; material slots UPPER, SOLE (laces share the sole's)."""
    return join(_shoe(figure, tights, "l"), _shoe(figure, tights, "r"))
