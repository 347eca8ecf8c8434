# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed solids as plain arrays: the few shapes that every starter thing is made of.

Frame: the caller's, metres, z up. Each function returns one closed shell with outward, counter-clockwise faces and a
metric UV chart: seen from outside, u runs to the right and v along the direction of travel (up for a lathe).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Painter = Callable[[Any], None]


@dataclass(frozen=True, eq=False)
class Part:
    """One closed shell. vertices (N, 3) metres; faces (M, 3); uv (M, 3, 2) metres inside a chart of `size` (2,) metres.

    paint: draws the chart (objects); material: names a tiled material (room).
    """

    vertices: Array
    faces: NDArray[np.int32]
    uv: Array
    size: tuple[float, float]
    paint: Painter | None = None
    material: str = ""
    crease: float = 50.0

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Part:
        """The part shifted, metres."""
        return replace(self, vertices=self.vertices + np.array([x, y, z]))

    def scaled(self, factor: float) -> Part:
        """The part grown about the origin; its chart keeps the old size, so paint is placed as before."""
        return replace(self, vertices=self.vertices * factor)

    def turned(self, axis: str, degrees: float) -> Part:
        """The part turned about one of the frame's axes ('x', 'y' or 'z') through the origin."""
        return replace(self, vertices=self.vertices @ rotation(axis, degrees).T)

    def along_x(self) -> Part:
        """The part laid down: its z becomes x, its x becomes y, its y becomes z (so a loft's chart starts below)."""
        return replace(self, vertices=self.vertices[:, [2, 0, 1]])

    def mirrored_y(self) -> Part:
        """The part reflected in the xz plane, faces turned round so that they stay outward."""
        return replace(
            self, vertices=self.vertices * np.array([1.0, -1.0, 1.0]), faces=self.faces[:, ::-1], uv=self.uv[:, ::-1]
        )

    def painted(self, paint: Painter) -> Part:
        """The same shell with another painter."""
        return replace(self, paint=paint)

    def of(self, material: str, turn: bool = False) -> Part:
        """The same shell in a tiled material; `turn` swaps u and v so that the grain runs the other way."""
        return replace(self, material=material, uv=self.uv[:, :, ::-1] if turn else self.uv)


def rotation(axis: str, degrees: float) -> Array:
    """Rotation matrix (3, 3) about 'x', 'y' or 'z'."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    rows = {
        "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
        "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    }
    return np.array(rows[axis], dtype=np.float64)


def shell(rings: Array, first: Array | None = None, last: Array | None = None) -> Part:
    """Skin a stack of rings (R, K, 3) that go counter-clockwise about the direction of travel, and close both ends.

    first, last: pole points (3,); by default the mean of the end ring.
    """
    rings = np.asarray(rings, dtype=np.float64)
    count, k = rings.shape[:2]
    first = rings[0].mean(axis=0) if first is None else np.asarray(first, dtype=np.float64)
    last = rings[-1].mean(axis=0) if last is None else np.asarray(last, dtype=np.float64)
    steps = np.linalg.norm(np.diff(rings, axis=0), axis=2).mean(axis=1)
    v = np.concatenate([[0.0], np.cumsum(steps)]) + np.linalg.norm(rings[0] - first, axis=1).mean()
    height = float(v[-1] + np.linalg.norm(rings[-1] - last, axis=1).mean())
    width = float(np.linalg.norm(rings - np.roll(rings, -1, axis=1), axis=2).sum(axis=1).max())
    u = np.arange(k + 1) * (width / k)

    i, j = np.meshgrid(np.arange(count - 1), np.arange(k), indexing="ij")
    i, j = i.ravel(), j.ravel()
    n = (j + 1) % k
    a, b, c, d = i * k + j, i * k + n, (i + 1) * k + n, (i + 1) * k + j
    uv_a, uv_b = np.stack([u[j], v[i]], 1), np.stack([u[j + 1], v[i]], 1)
    uv_c, uv_d = np.stack([u[j + 1], v[i + 1]], 1), np.stack([u[j], v[i + 1]], 1)
    low, high = count * k, count * k + 1
    j = np.arange(k)
    n = (j + 1) % k
    top = (count - 1) * k
    mid = (u[:-1] + u[1:]) / 2
    faces = [
        np.stack([a, b, c], 1),
        np.stack([a, c, d], 1),
        np.stack([np.full(k, low), n, j], 1),
        np.stack([np.full(k, high), top + j, top + n], 1),
    ]
    flat = np.full(k, v[0])
    roof = np.full(k, v[-1])
    uvs = [
        np.stack([uv_a, uv_b, uv_c], 1),
        np.stack([uv_a, uv_c, uv_d], 1),
        np.stack([np.stack([mid, np.zeros(k)], 1), np.stack([u[1:], flat], 1), np.stack([u[:-1], flat], 1)], 1),
        np.stack([np.stack([mid, np.full(k, height)], 1), np.stack([u[:-1], roof], 1), np.stack([u[1:], roof], 1)], 1),
    ]
    vertices = np.concatenate([rings.reshape(-1, 3), [first, last]])
    return Part(vertices, np.concatenate(faces).astype(np.int32), np.concatenate(uvs), (width, height))


def fillet(points: Sequence[Sequence[float]], radius: float | Sequence[float], steps: int = 4) -> Array:
    """Round the inner corners of an open 2D polyline (N, 2); `radius` is one value or one per point (ends ignored)."""
    pts = np.asarray(points, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(pts))
    out = [pts[0]]
    for i in range(1, len(pts) - 1):
        back, ahead = pts[i - 1] - pts[i], pts[i + 1] - pts[i]
        lb, la = float(np.linalg.norm(back)), float(np.linalg.norm(ahead))
        reach = min(float(radii[i]), 0.49 * lb, 0.49 * la)
        if reach < 1e-6:
            out.append(pts[i])
            continue
        a, b = pts[i] + back / lb * reach, pts[i] + ahead / la * reach
        for t in np.linspace(0.0, 1.0, steps + 1):  # a quadratic curve is close enough to an arc here
            out.append((1 - t) ** 2 * a + 2 * t * (1 - t) * pts[i] + t**2 * b)
    return np.array([*out, pts[-1]])


def lathe(profile: Sequence[Sequence[float]] | Array, k: int = 48, start_degrees: float = -90.0) -> Part:
    """Turn a profile of (radius, z) about z; it starts and ends on the axis. Chart: u = 0 lies at `start_degrees`."""
    p = np.asarray(profile, dtype=np.float64)
    angle = np.radians(start_degrees) + np.arange(k) * (2 * np.pi / k)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    inner = p[1:-1]
    rings = np.concatenate(
        [inner[:, None, :1] * circle[None], np.broadcast_to(inner[:, None, 1:], (len(inner), k, 1))], axis=2
    )
    return shell(rings, np.array([0.0, 0.0, p[0, 1]]), np.array([0.0, 0.0, p[-1, 1]]))


def superellipse(a: float, b: float, power: float, k: int) -> Array:
    """Closed outline (k, 2), counter-clockwise from (0, -b): |x/a|^p + |y/b|^p = 1; 2 is an ellipse, 5 a soft box."""
    t = -np.pi / 2 + np.arange(k) * (2 * np.pi / k)
    c, s = np.cos(t), np.sin(t)
    r = (np.abs(c) ** power + np.abs(s) ** power) ** (-1.0 / power)
    return np.stack([a * r * c, b * r * s], 1)


@dataclass(frozen=True)
class Station:
    """One cross-section of a loft: where along the axis, half sizes, offset across, squareness."""

    at: float
    a: float
    b: float
    x: float = 0.0
    y: float = 0.0
    power: float = 3.5


def loft(stations: Sequence[Station], k: int = 32, round_start: float = 0.0, round_end: float = 0.0) -> Part:
    """Skin cross-sections in the xy plane along +z; the ends are rounded by the given radii."""

    def rounded(s: Station, radius: float, sign: float) -> list[Station]:
        out = []
        for angle in np.radians([90.0, 72.0, 48.0, 24.0]):
            inset = radius * (1 - math.cos(angle))
            out.append(replace(s, at=s.at + sign * radius * math.sin(angle), a=s.a - inset, b=s.b - inset))
        return out

    line = list(stations)
    if round_start > 0:
        s = replace(line[0], at=line[0].at + round_start)
        line = [*rounded(s, round_start, -1.0), s, *line[1:]]
    if round_end > 0:
        s = replace(line[-1], at=line[-1].at - round_end)
        line = [*line[:-1], s, *rounded(s, round_end, 1.0)[::-1]]
    rings = []
    for s in line:
        outline = superellipse(s.a, s.b, s.power, k)
        rings.append(np.column_stack([outline + np.array([s.x, s.y]), np.full(k, s.at)]))
    return shell(np.array(rings))


def sweep(
    path: Sequence[Sequence[float]] | Array,
    radius: float | Sequence[float],
    k: int = 16,
    flat: float = 1.0,
    up: Sequence[float] = (0.0, 0.0, 1.0),
    power: float = 2.0,
) -> Part:
    """A tube along a path (N, 3) of varying radius, closed and slightly domed at both ends.

    flat: thickness across `up` as a share of the radius (a strap has 0.4).
    """
    pts = np.asarray(path, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(pts)).copy()
    tangent = np.gradient(pts, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(np.asarray(up, dtype=np.float64), tangent[0])
    if np.linalg.norm(side) < 1e-6:
        side = np.cross([0.0, 1.0, 0.0], tangent[0])
    outline = superellipse(1.0, flat, power, k)
    rings = []
    for p, t, r in zip(pts, tangent, radii, strict=True):
        side = side - t * (side @ t)  # carried along the path without twisting
        side /= np.linalg.norm(side)
        other = np.cross(t, side)
        rings.append(p + r * (outline[:, :1] * side + outline[:, 1:] * other))
    dome = []
    for end, sign in ((0, -1.0), (-1, 1.0)):
        centre, t, r = pts[end], tangent[end], radii[end] * min(flat, 1.0)
        dome.append(
            [
                centre + (ring_scale * (rings[end] - centre)) + sign * t * r * push
                for ring_scale, push in ((0.92, 0.22), (0.7, 0.4))
            ]
        )
    return shell(np.array([dome[0][1], dome[0][0], *rings, dome[1][0], dome[1][1]]))


def curve(points: Sequence[Sequence[float]], steps: int = 8) -> Array:
    """A smooth path through the points (Catmull-Rom), `steps` pieces per span; any dimension."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    spans = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        spans.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*spans, p[-2:-1]])
