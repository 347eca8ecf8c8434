# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed solids with flat sides and rounded edges: boxes and extruded outlines. Conventions as in `shapes`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .shapes import Array, Part, fillet

# side -> (normal axis, sign, axis of u, sign of u, axis of v, sign of v); seen from outside u is right, v is up
_SIDES = (
    (1, -1, 0, 1, 2, 1),  # front, -y
    (0, 1, 1, 1, 2, 1),  # right, +x
    (1, 1, 0, -1, 2, 1),  # back, +y
    (0, -1, 1, -1, 2, 1),  # left, -x
    (2, 1, 0, 1, 1, 1),  # top
    (2, -1, 0, 1, 1, -1),  # bottom
)


def box(x: float, y: float, z: float, radius: float = 0.003, steps: int = 3, longest: float = np.inf) -> Part:
    """A box of full size (x, y, z) centred on the origin, all edges and corners rounded by `radius`.

    longest: metres after which a side is cut, because renderers lose precision on long needles of triangles.

    Chart: front, right, back, left side by side in the lower row (height z); top and bottom in the upper row (height y).
    """
    half = np.array([x, y, z]) / 2
    radius = min(radius, float(half.min()) * 0.98)
    bend = np.tan(np.linspace(0.0, np.pi / 4, steps + 1)[1:])  # equal angles once projected onto the rounding
    knots = []
    for h in half:
        core = h - radius
        flat = np.linspace(-core, core, max(int(np.ceil(2 * core / longest)), 1) + 1)
        knots.append(np.concatenate([-core - radius * bend[::-1], flat, core + radius * bend]))
    offsets = [(0.0, 0.0), (x, 0.0), (x + y, 0.0), (2 * x + y, 0.0), (0.0, z), (x, z)]
    vertex_of: dict[tuple[int, int, int], int] = {}
    vertices: list[Array] = []
    faces: list[tuple[int, int, int]] = []
    uvs: list[list[tuple[float, float]]] = []
    last = [len(k) - 1 for k in knots]

    def vertex(key: tuple[int, int, int]) -> int:
        if key not in vertex_of:
            p = np.array([knots[axis][key[axis]] for axis in range(3)])
            core = np.clip(p, -(half - radius), half - radius)
            away = p - core
            vertex_of[key] = len(vertices)
            vertices.append(core + away / np.linalg.norm(away) * radius)
        return vertex_of[key]

    for (n_axis, n_sign, u_axis, u_sign, v_axis, v_sign), (u0, v0) in zip(_SIDES, offsets, strict=True):
        for i in range(last[u_axis]):
            for j in range(last[v_axis]):
                corners, chart = [], []
                for di, dj in ((0, 0), (1, 0), (1, 1), (0, 1)):
                    a, b = i + di, j + dj
                    key = [0, 0, 0]
                    key[n_axis] = last[n_axis] if n_sign > 0 else 0
                    key[u_axis] = a if u_sign > 0 else last[u_axis] - a
                    key[v_axis] = b if v_sign > 0 else last[v_axis] - b
                    corners.append(vertex((key[0], key[1], key[2])))
                    chart.append((u0 + knots[u_axis][a] + half[u_axis], v0 + knots[v_axis][b] + half[v_axis]))
                faces += [(corners[0], corners[1], corners[2]), (corners[0], corners[2], corners[3])]
                uvs += [[chart[0], chart[1], chart[2]], [chart[0], chart[2], chart[3]]]
    return Part(np.array(vertices), np.array(faces, dtype=np.int32), np.array(uvs), (2 * x + 2 * y, z + y))


def side_centre(x: float, y: float, z: float, side: str) -> tuple[float, float]:
    """Where the middle of a side of `box(x, y, z)` lies in its chart, metres."""
    return {
        "front": (x / 2, z / 2),
        "right": (x + y / 2, z / 2),
        "back": (x + y + x / 2, z / 2),
        "left": (2 * x + y + y / 2, z / 2),
        "top": (x / 2, z + y / 2),
        "bottom": (x + x / 2, z + y / 2),
    }[side]


def rounded(outline: Sequence[Sequence[float]], radius: float | Sequence[float], steps: int = 4) -> Array:
    """A closed outline with all corners rounded; `radius` is one value or one per corner."""
    p = np.asarray(outline, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(p))
    middle = (p[0] + p[-1]) / 2
    return fillet([middle, *p, middle], [0.0, *radii, 0.0], steps)[:-1]


def triangulate(outline: Array) -> list[tuple[int, int, int]]:
    """Ear clipping of a simple counter-clockwise outline (K, 2) -> K - 2 triangles. ValueError: not simple."""
    left = list(range(len(outline)))
    out: list[tuple[int, int, int]] = []

    def cross(o: Array, a: Array, b: Array) -> Array:
        return (a[..., 0] - o[..., 0]) * (b[..., 1] - o[..., 1]) - (a[..., 1] - o[..., 1]) * (b[..., 0] - o[..., 0])

    while len(left) > 3:
        best, best_quality = -1, -1.0
        for n in range(len(left)):
            a, b, c = left[n - 1], left[n], left[(n + 1) % len(left)]
            pa, pb, pc = outline[a], outline[b], outline[c]
            area = float(cross(pa, pb, pc))
            if area <= 1e-14:
                continue
            rest = outline[[m for m in left if m not in (a, b, c)]]
            inside = (cross(pa, pb, rest) >= 0) & (cross(pb, pc, rest) >= 0) & (cross(pc, pa, rest) >= 0)
            if inside.any():
                continue
            quality = area / float(((pa - pb) ** 2).sum() + ((pb - pc) ** 2).sum() + ((pc - pa) ** 2).sum())
            if quality > best_quality:
                best, best_quality = n, quality
        if best < 0:
            raise ValueError("the outline crosses itself")
        out.append((left[best - 1], left[best], left[(best + 1) % len(left)]))
        left.pop(best)
    if float(cross(*(outline[i] for i in left))) <= 0:
        raise ValueError("the outline crosses itself")
    return [*out, (left[0], left[1], left[2])]


def _inset(outline: Array, distance: float) -> Array:
    ahead = np.roll(outline, -1, axis=0) - outline
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    back = np.roll(ahead, 1, axis=0)
    inward = np.stack([-(ahead + back)[:, 1], (ahead + back)[:, 0]], 1)
    length = np.linalg.norm(inward, axis=1, keepdims=True)
    cosine = np.clip(length / 2, 0.35, 1.0)  # at a very sharp corner the mitre is limited
    return outline + inward / length * (distance / cosine)


def extrude(
    corners: Sequence[Sequence[float]] | Array,
    height: float,
    bevel: float = 0.002,
    radius: float | Sequence[float] = 0.003,
    steps: int = 3,
) -> Part:
    """A plate: a polygon (K, 2) in xy, counter-clockwise, from z = 0 to `height`.

    bevel: rounding of the upper and lower edges; radius: rounding of the outline's corners, one value or one each.
    Chart: the rim below (u along the outline), above it the upper and, to its right, the lower face (mirrored).
    ValueError: the outline crosses itself once it is inset by the bevel.
    """
    sharp = np.asarray(corners, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(sharp))
    bevel = min(bevel, height / 2.01)
    angles = np.linspace(0.0, np.pi / 2, steps + 1)
    low = [(bevel * (1 - np.sin(a)), bevel * (1 - np.cos(a))) for a in angles]
    line = [*low, *[(i, height - z) for i, z in reversed(low)]]
    outlines = [rounded(_inset(sharp, i), np.maximum(radii - i, 0.3 * radii)) for i, _ in line]
    p = outlines[steps]
    rings = np.array([np.column_stack([o, np.full(len(p), z)]) for o, (_, z) in zip(outlines, line, strict=True)])
    count, k = rings.shape[:2]
    u = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.roll(p, -1, axis=0) - p, axis=1))])
    v = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(rings, axis=0), axis=2).mean(axis=1))])
    faces: list[tuple[int, int, int]] = []
    uvs: list[list[tuple[float, float]]] = []
    for i in range(count - 1):
        for j in range(k):
            n = (j + 1) % k
            a, b, c, d = i * k + j, i * k + n, (i + 1) * k + n, (i + 1) * k + j
            ua, ub, uc, ud = (u[j], v[i]), (u[j + 1], v[i]), (u[j + 1], v[i + 1]), (u[j], v[i + 1])
            faces += [(a, b, c), (a, c, d)]
            uvs += [[ua, ub, uc], [ua, uc, ud]]
    origin, span = p.min(axis=0), np.ptp(p, axis=0)
    flat, top = rings[0][:, :2] - origin, (count - 1) * k
    for a, b, c in triangulate(rings[0][:, :2]):
        faces += [(top + a, top + b, top + c), (c, b, a)]
        uvs.append([(flat[i][0], v[-1] + flat[i][1]) for i in (a, b, c)])
        uvs.append([(2 * span[0] - flat[i][0], v[-1] + flat[i][1]) for i in (c, b, a)])
    size = (max(float(u[-1]), 2 * float(span[0])), float(v[-1] + span[1]))
    return Part(rings.reshape(-1, 3), np.array(faces, dtype=np.int32), np.array(uvs), size)
