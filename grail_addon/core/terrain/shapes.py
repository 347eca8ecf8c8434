# SPDX-License-Identifier: GPL-3.0-or-later
"""Terrain as closed shells: flights with nosings and handrails, raised pavements, ramps.

Frame: metres, z up; rises towards +y from the origin, its middle at x = 0, standing on z = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .draw import Curb, Slope, Stairs, Terrain
from .solids import Solid, block, prism, tube

_RAIL_RADIUS, _POST_RADIUS = 0.021, 0.017
_TREAD = 0.035  # thickness of a tread that stands over its riser
_SINK = 0.02  # metres that posts reach into what they stand on


def _profile(stairs: Stairs) -> tuple[list[tuple[float, float]], int]:
    """Outline (y, z) of a flight from the foot of its first riser, and how many of its edges are walked."""
    line: list[tuple[float, float]] = [(0.0, 0.0)]
    for n in range(stairs.steps):
        y, top = n * stairs.run, (n + 1) * stairs.rise
        if stairs.nosing:
            line += [(y, top - _TREAD), (y - stairs.nosing, top - _TREAD), (y - stairs.nosing, top)]
        else:
            line.append((y, top))
        if n < stairs.steps - 1:
            line.append((y + stairs.run, top))
    line.append((stairs.depth, stairs.height))
    walked = len(line) - 1
    return [*line, (stairs.depth, 0.0)], walked


def _handrail(line: Sequence[tuple[float, float]], posts: Sequence[tuple[float, float]], x: float) -> list[Solid]:
    """A rail along `line` (y, z) at x, on posts given by their foot (y, z)."""
    (y0, z0), (y1, z1) = line[0], line[-1]
    path = [(x, y0 - 0.12, z0), *[(x, y, z) for y, z in line], (x, y1 + 0.10, z1)]
    parts = [tube(path, _RAIL_RADIUS, "steel")]
    for y, foot in posts:
        parts.append(tube([(x, y, max(foot - _SINK, 0.002)), (x, y, _on(line, y))], _POST_RADIUS, "steel"))
    return parts


def _on(line: Sequence[tuple[float, float]], y: float) -> float:
    """Height of a line (y, z) at y."""
    for (ya, za), (yb, zb) in pairwise(line):
        if ya <= y <= yb:
            return za + (zb - za) * (y - ya) / (yb - ya)
    return line[0][1] if y < line[0][0] else line[-1][1]


def _stairs(stairs: Stairs) -> list[Solid]:
    outline, walked = _profile(stairs)
    half = stairs.width / 2
    parts = [prism(outline, -half, half, stairs.surface, walked)]
    if stairs.rail_height is not None:
        top = (stairs.steps - 1) * stairs.run
        line = [
            (0.0, stairs.rise + stairs.rail_height),
            (top, stairs.height + stairs.rail_height),
            (stairs.depth - 0.12, stairs.height + stairs.rail_height),
        ]
        feet = [(stairs.run / 2, stairs.rise), (top + 0.06, stairs.height), (stairs.depth - 0.12, stairs.height)]
        parts += [part for side in (-1.0, 1.0) for part in _handrail(line, feet, side * (half - 0.06))]
    return parts


def _curb(curb: Curb) -> list[Solid]:
    half, stone = curb.width / 2, curb.stone
    top = curb.height
    lip = 0.015  # the kerbstones' worn upper edge
    front = [(0.0, 0.0), (0.0, top - lip), (lip, top), (stone, top), (stone, 0.0)]
    back = [
        (curb.depth - stone, 0.0),
        (curb.depth - stone, top),
        (curb.depth - lip, top),
        (curb.depth, top - lip),
        (curb.depth, 0.0),
    ]
    parts = [prism(front, -half, half, "kerbstone", 3), prism(back, -half, half, "kerbstone", 4)]
    for x0, x1 in ((-half, -half + stone), (half - stone, half)):
        parts.append(block((x0, stone, 0.0), (x1, curb.depth - stone, top), "kerbstone"))
    inner = block((-half + stone, stone, 0.0), (half - stone, curb.depth - stone, top - 0.004), curb.surface)
    return [*parts, inner]


def _slope(slope: Slope) -> list[Solid]:
    half = slope.width / 2
    outline = [(0.0, 0.0), (slope.run, slope.height), (slope.depth, slope.height), (slope.depth, 0.0)]
    parts = [prism(outline, -half, half, slope.surface, 3)]
    if slope.edge:
        low, high = slope.edge, slope.height + slope.edge
        side = [(0.0, 0.0), (0.0, low), (slope.run, high), (slope.depth, high), (slope.depth, 0.0)]
        for x0, x1 in ((-half - 0.10, -half), (half, half + 0.10)):
            parts.append(prism(side, x0, x1, "kerbstone", 4))
    if slope.rail_height is not None:
        line = [
            (0.05, 0.05 / slope.ratio + slope.rail_height),
            (slope.run, slope.height + slope.rail_height),
            (slope.depth - 0.12, slope.height + slope.rail_height),
        ]
        count = 3
        ys = [0.10 + (slope.depth - 0.24) * n / (count - 1) for n in range(count)]
        x = half + 0.05 if slope.edge else half - 0.06
        feet = [(y, min(y / slope.ratio, slope.height) + slope.edge) for y in ys]
        parts += [part for s in (-1.0, 1.0) for part in _handrail(line, feet, s * x)]
    return parts


def solids(terrain: Terrain) -> list[Solid]:
    """The closed shells of one instance."""
    if isinstance(terrain, Stairs):
        return _stairs(terrain)
    return _curb(terrain) if isinstance(terrain, Curb) else _slope(terrain)
