# SPDX-License-Identifier: GPL-3.0-or-later
"""How two things touch: gap, penetration and containment, measured on their triangles."""

from __future__ import annotations

import numpy as np
from mathutils import Vector

from ...core.arrays import Array
from ...core.gate.facts import ContactFacts
from .posed_mesh import PosedMesh, boxes_overlap

_POINTS = 1500
_TRIANGLES = 40
_STEPS = 8
REACH = 0.25
"""Metres beyond which a gap is not measured."""


def _near(points: Array, other: PosedMesh, margin: float) -> Array:
    """Up to _POINTS of the points that lie within `margin` of the other's box, evenly chosen."""
    low, high = other.world.bounds
    is_near = np.ones(len(points), dtype=bool)
    for axis in range(3):
        along = points[:, axis]
        is_near &= (along >= low[axis] - margin) & (along <= high[axis] + margin)
    near = np.flatnonzero(is_near)
    if len(near) > _POINTS:
        near = near[np.linspace(0, len(near) - 1, _POINTS).astype(int)]
    return points[near]


def _depth_inside(points: Array, solid: PosedMesh) -> tuple[float, float]:
    """Largest depth in metres of points within `solid`, and the share of points that are within."""
    if len(points) == 0:
        return 0.0, 0.0
    inside = solid.contains(points)
    return (float(solid.distance(points[inside]).max()) if inside.any() else 0.0), float(inside.mean())


def _crossing_depth(points: Array, sheet: PosedMesh) -> float:
    """Depth in metres of a thing that crosses a sheet without an inside: how far its points reach past the sheet.

    Of the two sides the lesser one counts, as it may be pushed out either way.
    """
    depth = {True: 0.0, False: 0.0}
    for point in points:
        place = Vector(point)
        hit, normal, _face, distance = sheet.tree.find_nearest(place)
        if hit is not None:
            front = normal.dot(place - hit) > 0
            depth[front] = max(depth[front], distance)
    return min(depth.values())


def _spread(posed: PosedMesh, faces: list[int]) -> Array:
    """Points (N, 3) all over some triangles: coarse things cross edge to edge, with no corner inside the other."""
    chosen = np.unique(faces)
    if len(chosen) > _TRIANGLES:
        chosen = chosen[np.linspace(0, len(chosen) - 1, _TRIANGLES).astype(int)]
    a, b, c = (posed.world.vertices[posed.world.faces[chosen, k]] for k in range(3))
    steps = np.array([(i, j) for i in range(_STEPS + 1) for j in range(_STEPS + 1 - i)]) / _STEPS
    shares = np.column_stack([steps, 1.0 - steps.sum(axis=1)])
    return np.asarray(np.einsum("pk,kfx->fpx", shares, np.stack([a, b, c])).reshape(-1, 3))


def contact(a: PosedMesh, b: PosedMesh, *, a_is_solid: bool = False) -> ContactFacts | None:
    """Contact of `a` with `b`, both in the world; None when they are more than REACH apart.

    a_is_solid: `a` counts as having an inside though its mesh has open borders (a dressed person).
    """
    if not boxes_overlap(a.world, b.world, REACH):
        return None
    pairs = a.crossings(b)
    a_near, b_near = _near(a.world.vertices, b, REACH), _near(b.world.vertices, a, REACH)
    a_points, b_points = _near(a_near, b, 0.0), _near(b_near, a, 0.0)
    if pairs:
        a_points = np.concatenate([a_points, _spread(a, [i for i, _ in pairs])])
        b_points = np.concatenate([b_points, _spread(b, [j for _, j in pairs])])
    a_in_b = _depth_inside(a_points, b) if b.closed else (0.0, 0.0)
    b_in_a = _depth_inside(b_points, a) if a_is_solid or a.closed else (0.0, 0.0)
    penetration = max(a_in_b[0], b_in_a[0])
    if pairs and not b.closed:
        penetration = max(penetration, _crossing_depth(np.concatenate([a_near, a_points]), b))
    if pairs or penetration > 0.0:
        contained = not pairs and _wholly_inside(a, b, a_in_b[1], b_in_a[1])
        return ContactFacts(0.0, penetration * 1000.0, contained, b.name)
    gap = b.least_distance(a_near) if len(a_near) else np.inf
    if len(b_near):
        gap = min(gap, a.least_distance(b_near, gap))
    return ContactFacts(gap * 1000.0, 0.0, False, b.name) if np.isfinite(gap) else None


def _wholly_inside(a: PosedMesh, b: PosedMesh, a_share: float, b_share: float) -> bool:
    """No surfaces cross, so one vertex inside means all are; the shares guard against a stray wrong vote."""
    (a_low, a_high), (b_low, b_high) = a.world.bounds, b.world.bounds
    a_fits = bool((a_low >= b_low).all() and (a_high <= b_high).all())
    b_fits = bool((b_low >= a_low).all() and (b_high <= a_high).all())
    return (a_fits and a_share > 0.5) or (b_fits and b_share > 0.5)
