# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a body stand? Decided by geometry, not by whether it has stopped moving. Pure numpy, metres.

A body rests where the vertical through its centre of mass (COM) passes inside the hull of the points that touch.
`directions` are unit vectors in the body's frame that point down when the body is in the pose meant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import Array, Faces
from .statics_rotation import smallest_rotation

MANY = 500  # points above which those well inside are left out before a hull is made
DOWN = np.array([0.0, 0.0, -1.0])


def convex_hull_2d(points: Array) -> Array:
    """Corners (K, 2) of the convex hull of points (N, 2), counter-clockwise, no collinear ones (monotone chain).

    K is 1 or 2 where all points are one, or on a line; 0 for no points.
    """
    unique: Array = np.unique(_outer(np.asarray(points, dtype=np.float64).reshape(-1, 2)), axis=0)
    if len(unique) < 3:
        return unique

    def chain(ordered: Array) -> list[Array]:
        out: list[Array] = []
        for p in ordered:
            while len(out) > 1:
                a, b = out[-2], out[-1]
                if (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0.0:
                    break
                out.pop()
            out.append(p)
        return out[:-1]

    return np.array(chain(unique) + chain(unique[::-1]))


def _outer(points: Array) -> Array:
    """Of many points (N, 2) those that are not well inside the polygon of the farthest in 16 directions."""
    if len(points) <= MANY:
        return points
    angle = 2.0 * np.pi * np.arange(16) / 16
    a = points[np.argmax(np.stack([np.cos(angle), np.sin(angle)]).T @ points.T, axis=1)]
    side = np.roll(a, -1, axis=0) - a
    x, y = points.T
    is_inside = np.ones(len(points), dtype=bool)
    least = 1e-9 * float(np.ptp(points, axis=0).max()) ** 2
    for (ax, ay), (sx, sy) in zip(a, side, strict=True):
        if sx or sy:
            is_inside &= sx * (y - ay) - sy * (x - ax) > least
    return points[~is_inside]


def edge_margin(polygon: Array, point: Array) -> float:
    """Distance from `point` (2,) to the nearest edge of a counter-clockwise convex polygon (K, 2); negative outside.

    A polygon of fewer than three corners has no inside: minus the distance to that point or line.
    """
    p = np.asarray(point, dtype=np.float64)
    if len(polygon) == 0:
        return -math.inf
    a = polygon
    b = np.roll(polygon, -1, axis=0)
    edge = b - a
    length2 = np.maximum(np.sum(edge * edge, axis=1), 1e-300)
    along = np.clip(np.sum((p - a) * edge, axis=1) / length2, 0.0, 1.0)
    nearest = float(np.sqrt(np.min(np.sum((a + along[:, None] * edge - p) ** 2, axis=1))))
    inside = len(polygon) >= 3 and bool(np.all(edge[:, 0] * (p - a)[:, 1] - edge[:, 1] * (p - a)[:, 0] >= 0.0))
    return nearest if inside else -nearest


@dataclass(frozen=True, eq=False)
class Stance:
    """How a body stands. footprint (K, 2): hull of the touching points, world xy; com_height: above the lowest point;
    margin: of the COM to the footprint's edge, negative when outside; tip_angle_deg: tilt that tips it, 0 if unstable.
    """

    footprint: Array
    com_height: float
    margin: float
    stable: bool
    tip_angle_deg: float


def stance(points: Array, com: Array, tolerance: float) -> Stance:
    """Stance of a body with points (N, 3) and COM (3,), world frame, z up, on a level plane under its lowest point.

    Points within `tolerance` (metres) of the lowest one carry it.
    """
    height = points[:, 2] - points[:, 2].min()
    footprint = convex_hull_2d(points[height <= tolerance, :2])
    com_height = float(com[2] - points[:, 2].min())
    margin = edge_margin(footprint, com[:2])
    stable = margin > 0.0
    tip = math.degrees(math.atan2(margin, max(com_height, 1e-12))) if stable else 0.0
    return Stance(footprint, com_height, margin, stable, tip)


def facet_normals(vertices: Array, faces: Faces) -> tuple[Array, Array]:
    """Unit outward normals (M, 3) of a closed hull's triangles and their areas (M,); zero normals where no area."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    double = np.linalg.norm(cross, axis=1)
    normals: Array = cross / np.maximum(double, 1e-300)[:, None]
    return normals, double / 2.0


def snap_rotation(
    vertices: Array, normals: Array, com: Array, rotation: Array, max_deg: float, tolerance: float
) -> tuple[Array, float | None]:
    """The rotation that sets the body exactly on a facet, and the angle of that turn in degrees.

    vertices (N, 3) and normals (M, 3) of the hull and com (3,) in the body frame; rotation (3, 3) body to world now.
    Of the facets within `max_deg` of facing down on which the body would be stable the nearest is taken; the turn is
    the smallest that levels it. Without one the rotation comes back as it is, with angle None.
    """
    facing = -(normals @ rotation[2])  # cosine between each world normal and straight down
    order = np.argsort(-facing, kind="stable")
    for index in order[facing[order] >= math.cos(math.radians(max_deg))]:
        turn = smallest_rotation(rotation @ normals[index], DOWN)
        turned: Array = turn @ rotation
        if stance(vertices @ turned.T, turned @ com, tolerance).stable:
            # the angle from the sine: the cosine of so small an angle has no digits left
            sine = float(np.linalg.norm(np.cross(rotation @ normals[index], DOWN)))
            return turned, math.degrees(math.asin(min(1.0, sine)))
    return rotation, None


def same_rest(height: float, down: Array, other_height: float, other_down: Array, size: float, rolls: bool) -> bool:
    """Whether two rest poses are the same one: COM height within 1% of size and, unless the body rolls, the body's
    down directions (3,) within 5 degrees. Yaw does not count."""
    if abs(height - other_height) > 0.01 * size:
        return False
    return rolls or float(np.dot(down, other_down)) >= math.cos(math.radians(5.0))
