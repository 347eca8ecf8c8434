# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a shirt of the long-sleeved top: a collar that is folded down, and buttons on its front."""

from __future__ import annotations

import numpy as np

from .cloth import ramp
from .garments import COLLAR_NORMAL, HEM
from .surface import Sheet, border_loops, join, unit

BUTTON = 2
PLACKET = 0.016
"""Half the width (m) of the strip that the buttons are on."""
_STAND, _LEAF, _POINT, _THICK = 0.020, 0.036, 0.020, 0.003
# half the gap in front, as an angle about the neck
_OPEN = 0.09
_ROWS = 5


def _ring_weights(weights: np.ndarray, rings: int) -> np.ndarray:
    return np.tile(weights, (rings, 1))


def folded_collar(upper: Sheet) -> Sheet:
    """A collar on the neck's border of `upper` (with no lip there yet): a stand, then a leaf down over it, points in front."""
    loop = max(border_loops(upper), key=lambda ring: float(upper.vertices[ring, 2].mean()))
    edge, weights = upper.vertices[loop], upper.weights[loop]
    centre = edge.mean(axis=0)
    outward = edge - centre
    outward = unit(outward - np.outer(outward @ COLLAR_NORMAL, COLLAR_NORMAL))
    around = np.arctan2(outward[:, 0], -outward[:, 1])  # 0 in front
    front = ramp(np.abs(around), 0.75, _OPEN)
    up = COLLAR_NORMAL
    # up the neck and in, over the top, then down and out over the shoulder
    stand = _STAND * (1 - 0.55 * front)[:, None]
    leaf = (_LEAF + _POINT * front)[:, None]
    rings = [
        edge - 0.006 * up - 0.002 * outward,
        edge + 0.5 * stand * up - 0.004 * outward,
        edge + stand * up - 0.007 * outward,
        edge + (stand + 0.003) * up - 0.003 * outward,
        edge + (stand - 0.001) * up + 0.002 * outward,
    ]
    top = rings[-1]
    # the leaf's points lean apart
    apart = np.stack([np.sign(around), np.zeros_like(around), np.zeros_like(around)], axis=1) * (0.35 * front)[:, None]
    down = unit(0.72 * outward - 0.75 * up + apart - 0.3 * front[:, None] * up)
    rings += [top + leaf * part * down for part in np.linspace(0, 1, _ROWS + 1)[1:]]
    rings.append(rings[-1] - _THICK * unit(outward + up))
    rings.append(rings[-2] - 0.5 * leaf * down - _THICK * unit(outward + up))
    count = len(loop)
    faces = []
    open_side = np.abs(around) < _OPEN
    step = np.arange(count)
    # the leaf ends before the middle; its stand goes round
    shut = ~(open_side | np.roll(open_side, -1))
    for row in range(len(rings) - 1):
        low, high = row * count + step, (row + 1) * count + step
        quads = np.stack([low, np.roll(low, -1), np.roll(high, -1), high], axis=1)
        faces.append(quads if row < 2 else quads[shut])
    rows = np.concatenate(faces)[:, ::-1]
    return Sheet(np.concatenate(rings), rows, _ring_weights(weights, len(rings)), np.ones(len(rows), np.int64))


def buttons(upper: Sheet, apart: float = 0.085, radius: float = 0.0065) -> Sheet:
    """Round buttons down the front of `upper`, material slot BUTTON."""
    front = (np.abs(upper.vertices[:, 0]) < 0.02) & (upper.vertices[:, 1] < 0)
    points, weights = upper.vertices[front], upper.weights[front]
    made = []
    for z in np.arange(HEM + 0.05, points[:, 2].max() - 0.012, apart):
        near = np.argsort(np.linalg.norm(points[:, [0, 2]] - [0.0, z], axis=1))[:12]
        place = np.array([0.0, points[near, 1].mean() - 0.001, z])
        slope = np.polyfit(points[near, 2], points[near, 1], 1)[0]
        normal = unit(np.array([0.0, -1.0, slope]))
        made.append(_disc(place, normal, radius, weights[near].mean(axis=0)))
    return join(*made)


def _disc(place: np.ndarray, normal: np.ndarray, radius: float, weights: np.ndarray, sides: int = 12) -> Sheet:
    """A flat button at `place` that looks along `normal`."""
    turn = 2 * np.pi * np.arange(sides) / sides
    side = unit(np.cross([0.0, 0.0, 1.0], normal))
    circle = np.outer(np.cos(turn), side) + np.outer(np.sin(turn), np.cross(normal, side))
    profile = ((1.0, -0.003), (1.0, 0.0014), (0.85, 0.0022), (0.55, 0.0014))
    rings = [place + radius * wide * circle + high * normal for wide, high in profile]
    points = np.concatenate([*rings, [place + 0.0014 * normal]])
    step = np.arange(sides)
    after = (step + 1) % sides
    faces = [
        np.stack([r * sides + step, r * sides + after, (r + 1) * sides + after, (r + 1) * sides + step], axis=1)
        for r in range(len(rings) - 1)
    ]
    last = (len(rings) - 1) * sides
    faces.append(np.stack([last + step, last + after, np.full(sides, len(points) - 1), np.full(sides, -1)], axis=1))
    rows = np.concatenate(faces)
    return Sheet(points, rows, np.tile(weights, (len(points), 1)), np.full(len(rows), BUTTON))
