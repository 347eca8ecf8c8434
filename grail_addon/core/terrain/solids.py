# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed shells with charts: what terrain is built of. Metres, z up, faces counter-clockwise seen from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Array, Faces


@dataclass(frozen=True, eq=False)
class Solid:
    """One closed shell of flat faces. vertices (N, 3); faces (M, 3); uv (M, 3, 2) metres within a chart of `size`.

    finish: name of what the chart is painted with; marks: places along the chart's v (metres) that the paint may heed.
    smooth: whether neighbouring faces share their normals (tubes).
    """

    vertices: Array
    faces: Faces
    uv: Array
    size: tuple[float, float]
    finish: str
    marks: tuple[float, ...] = ()
    smooth: bool = False


def _triangles(outline: Array) -> list[tuple[int, int, int]]:
    """Ear clipping of a simple counter-clockwise outline (K, 2). ValueError: it is not simple."""

    def cross(o: Array, a: Array, b: Array) -> float:
        return float((a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]))

    def quality(n: int) -> float:
        """Area over squared sides of the ear at place n of `left`; 0 where it is none."""
        a, b, c = left[n - 1], left[n], left[(n + 1) % len(left)]
        pa, pb, pc = outline[a], outline[b], outline[c]
        area = cross(pa, pb, pc)
        if area <= 1e-10:
            return 0.0
        others = [outline[m] for m in left if m not in (a, b, c)]
        if any(min(cross(pa, pb, p), cross(pb, pc, p), cross(pc, pa, p)) > -1e-12 for p in others):
            return 0.0
        return area / float(((pa - pb) ** 2).sum() + ((pb - pc) ** 2).sum() + ((pc - pa) ** 2).sum())

    left = list(range(len(outline)))
    found: list[tuple[int, int, int]] = []
    while len(left) > 3:
        scores = [quality(n) for n in range(len(left))]
        n = int(np.argmax(scores))
        if scores[n] == 0.0:
            raise ValueError("the outline crosses itself")
        found.append((left[n - 1], left[n], left[(n + 1) % len(left)]))
        left.pop(n)
    return [*found, (left[0], left[1], left[2])]


def prism(outline: Sequence[tuple[float, float]], x0: float, x1: float, finish: str, walked: int) -> Solid:
    """An outline (K, 2) in (y, z) extruded from x0 to x1.

    The outline starts at the foot and goes the way one walks, up and towards +y, then back below. Its first `walked`
    edges are what is seen (risers and treads); the others share the chart's first metres with them. The two ends share
    one place beside the strip. marks: where each walked edge starts along v.
    """
    p = np.asarray(outline, dtype=np.float64)
    k = len(p)
    ring = [np.column_stack([np.full(k, x), p]) for x in (x0, x1)]
    vertices = np.concatenate(ring)
    lengths = np.linalg.norm(np.roll(p, -1, axis=0) - p, axis=1)
    starts = np.concatenate([[0.0], np.cumsum(lengths[:walked])])
    wide, tall = x1 - x0, float(starts[-1])
    faces: list[tuple[int, int, int]] = []
    uv: list[list[tuple[float, float]]] = []
    for i in range(k):
        j = (i + 1) % k
        v0, v1 = (starts[i], starts[i + 1]) if i < walked else (0.0, min(float(lengths[i]), tall))
        # walking towards +y with x to the right: left bottom, right bottom, right top, left top
        a, b, c, d = i, k + i, k + j, j
        faces += [(a, b, c), (a, c, d)]
        uv += [[(0.0, v0), (wide, v0), (wide, v1)], [(0.0, v0), (wide, v1), (0.0, v1)]]
    low = p.min(axis=0)
    flat = p - low
    span = float(flat[:, 0].max())
    for a, b, c in _triangles(p[::-1]):
        a, b, c = k - 1 - a, k - 1 - b, k - 1 - c
        faces += [(k + a, k + b, k + c), (c, b, a)]
        uv.append([(wide + 0.02 + flat[i][0], flat[i][1]) for i in (a, b, c)])
        uv.append([(wide + 0.02 + span - flat[i][0], flat[i][1]) for i in (c, b, a)])
    size = (wide + 0.02 + span, max(tall, float(flat[:, 1].max())))
    return Solid(
        vertices, np.array(faces, dtype=np.int32), np.array(uv), size, finish, tuple(float(s) for s in starts[:-1])
    )


def block(low: Sequence[float], high: Sequence[float], finish: str) -> Solid:
    """A box between two corners (3,)."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    return prism([(y0, z0), (y0, z1), (y1, z1), (y1, z0)], x0, x1, finish, 3)


def tube(path: Sequence[Sequence[float]], radius: float, finish: str, sides: int = 14) -> Solid:
    """A round bar along a path (N, 3), closed at both ends."""
    p = np.asarray(path, dtype=np.float64)
    tangent = np.gradient(p, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.array([1.0, 0.0, 0.0]) if abs(tangent[0][0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    angle = np.arange(sides) * 2 * np.pi / sides
    rings = []
    for point, along in zip(p, tangent, strict=True):
        side = side - along * (side @ along)
        side /= np.linalg.norm(side)
        other = np.cross(along, side)
        rings.append(point + radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other))
    vertices = np.concatenate([*rings, p[:1], p[-1:]])
    count, first, last = len(p), len(p) * sides, len(p) * sides + 1
    v = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    wide = 2 * np.pi * radius
    faces: list[tuple[int, int, int]] = []
    uv: list[list[tuple[float, float]]] = []
    for i in range(count - 1):
        for j in range(sides):
            n = (j + 1) % sides
            a, b, c, d = i * sides + j, i * sides + n, (i + 1) * sides + n, (i + 1) * sides + j
            u0, u1 = wide * j / sides, wide * (j + 1) / sides
            faces += [(a, b, c), (a, c, d)]
            uv += [[(u0, v[i]), (u1, v[i]), (u1, v[i + 1])], [(u0, v[i]), (u1, v[i + 1]), (u0, v[i + 1])]]
    end = (count - 1) * sides
    for j in range(sides):
        n = (j + 1) % sides
        faces += [(first, n, j), (last, end + j, end + n)]
        uv += [[(0.0, 0.0)] * 3, [(0.0, v[-1])] * 3]
    return Solid(vertices, np.array(faces, dtype=np.int32), np.array(uv), (wide, float(v[-1])), finish, smooth=True)
