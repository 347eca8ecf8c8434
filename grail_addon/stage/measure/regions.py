# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the stage that a task needs to see, found on the object's own surface and on the floor round it.

sitting: the seat and the floor by which it is reached. terrain_stairs: each step and the landing. pickup_ground: the
floor round the object. Points are spread evenly over the surfaces and always at the same places.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from mathutils import Vector

from ...core.arrays import Array, Mask
from ...core.gate.facts import RegionFacts
from ...core.task import Task
from .posed_mesh import PosedMesh

SEAT_HEIGHTS = (0.15, 0.8)
"""Metres above the floor between which a seat is looked for."""
SEAT_BAND = 0.06
"""Metres of height that a seat may span, cushion included."""
APPROACH_LENGTH = 0.8
FLOOR_REACH = 0.25
"""Metres of floor round the object that hands need when they pick it up."""
STEP_RISE = 0.03
"""Metres between two heights that make them two steps, and from the floor to the first."""

_SAMPLES = 3000
_POINTS = 80
_LEVEL, _SLOPED = 0.95, 0.8  # upward part of the normal: flat within 18 degrees, walkable within 37
_HEADROOM = 0.25  # metres that must be free above a surface to sit or step on it
_NARROWEST = 0.15  # metres: a foot's length; rails and edges are narrower
_LEAST_AREA = 0.3  # of the usual level's area: less is no step
_GRID = 0.05
_FLOOR_TOLERANCE = 0.03

GroundHeight = Callable[[tuple[float, float], float], float]
"""Point (x, y) and expected height z -> height of the floor there, metres."""


def regions(
    task: Task, posed: PosedMesh, person_xy: tuple[float, float], floor_z: float, ground: GroundHeight
) -> dict[str, RegionFacts]:
    """Name -> region, as `core.gate.facts.GeometryFacts.regions` lists them; a region that is not found is left out.

    posed: the object in the world; floor_z: height of the floor, metres.
    """
    if task == "sitting":
        return _sitting(posed, np.array(person_xy), floor_z, ground)
    if task == "terrain_stairs":
        return _stairs(posed, floor_z)
    if task == "pickup_ground":
        return {"floor_reach": RegionFacts(_floor_round(posed, floor_z, ground), people_may_cover=True)}
    return {}


def _upward_points(posed: PosedMesh, least_up: float) -> tuple[Array, float]:
    """Points (N, 3) on the faces that look up and have room above them, and the area in m2 that one stands for."""
    corners = posed.world.vertices[posed.world.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    double = np.linalg.norm(cross, axis=1)
    up = cross[:, 2] > least_up * double
    corners, areas = corners[up], double[up] / 2
    total = float(areas.sum())
    if total <= 0.0:
        return np.zeros((0, 3)), 0.0
    # Evenly by area, then over each triangle by a low-discrepancy sequence (Roberts' R2): same points every time.
    index = np.arange(_SAMPLES) + 0.5
    face = np.searchsorted(np.cumsum(areas), index / _SAMPLES * total).clip(max=len(areas) - 1)
    a, b = (index * 0.7548776662466927) % 1.0, (index * 0.5698402909980532) % 1.0
    folded = a + b > 1.0
    a, b = np.where(folded, 1.0 - a, a)[:, None], np.where(folded, 1.0 - b, b)[:, None]
    first, second, third = corners[face, 0], corners[face, 1], corners[face, 2]
    points = first + a * (second - first) + b * (third - first)
    return points[_is_free(posed, points)], total / _SAMPLES


def _is_free(posed: PosedMesh, points: Array) -> np.ndarray:  # type: ignore[type-arg]
    """(N,) bool: nothing of the mesh itself lies right above the point."""
    up, lift = Vector((0.0, 0.0, 1.0)), Vector((0.0, 0.0, 1e-3))
    hits = (posed.tree.ray_cast(Vector(p) + lift, up, _HEADROOM)[0] for p in points.tolist())
    return np.fromiter((hit is None for hit in hits), bool, len(points))


def _few(points: Array) -> Array:
    """Up to _POINTS of them, evenly by index."""
    return points[np.linspace(0, len(points) - 1, min(len(points), _POINTS)).astype(int)]


def _sitting(posed: PosedMesh, person: Array, floor_z: float, ground: GroundHeight) -> dict[str, RegionFacts]:
    points, _ = _upward_points(posed, _SLOPED)
    low, high = floor_z + SEAT_HEIGHTS[0], floor_z + SEAT_HEIGHTS[1]
    points = points[(points[:, 2] >= low) & (points[:, 2] <= high)]
    if not len(points):
        return {}
    heights = np.sort(points[:, 2])
    # the band of heights that holds most of the area
    held = np.searchsorted(heights, heights + SEAT_BAND, side="right") - np.arange(len(heights))
    bottom = heights[int(np.argmax(held))]
    seat = points[(points[:, 2] >= bottom) & (points[:, 2] <= bottom + SEAT_BAND)]
    approach = _approach(seat, person, floor_z, ground)
    return {"seat": RegionFacts(_few(seat)), "seat_approach": RegionFacts(approach, people_may_cover=True)}


def _approach(seat: Array, person: Array, floor_z: float, ground: GroundHeight) -> Array:
    """Floor points (N, 3) of a strip as wide as the seat, from its edge towards the person."""
    centre = (seat[:, :2].min(axis=0) + seat[:, :2].max(axis=0)) / 2
    away = person - centre
    distance = float(np.linalg.norm(away))
    forward = away / distance if distance > 1e-6 else np.array([0.0, -1.0])
    side = np.array([-forward[1], forward[0]])
    edge = float(((seat[:, :2] - centre) @ forward).max())
    half = float(np.abs((seat[:, :2] - centre) @ side).max())
    length = min(max(distance - edge, 2 * _GRID), APPROACH_LENGTH)
    along, across = np.meshgrid(_steps(edge, edge + length), _steps(-half, half))
    flat = centre + along.reshape(-1, 1) * forward + across.reshape(-1, 1) * side
    # what stands in the way hides it: whoever wants to sit has to get past
    return _on_floor(flat, floor_z, ground)[0]


def _steps(low: float, high: float) -> Array:
    """Places _GRID apart or closer, in the middle of equal cells."""
    count = max(int(np.ceil((high - low) / _GRID)), 1)
    return low + (np.arange(count) + 0.5) * (high - low) / count


def _on_floor(flat: Array, floor_z: float, ground: GroundHeight) -> tuple[Array, Mask]:
    """Points (N, 3) on the floor at `flat` (N, 2), and which of them are free. Where something stands on the floor, the
    point stays at the floor's level, below that thing, where no camera sees it."""
    heights = np.array([ground((float(x), float(y)), floor_z) for x, y in flat])
    free = np.abs(heights - floor_z) <= _FLOOR_TOLERANCE
    return np.column_stack([flat, np.where(free, heights, floor_z)]), free


def _floor_round(posed: PosedMesh, floor_z: float, ground: GroundHeight) -> Array:
    low, high = posed.world.bounds
    centre = (low[:2] + high[:2]) / 2
    radius = float(np.linalg.norm(high[:2] - low[:2])) / 2 + FLOOR_REACH
    x, y = np.meshgrid(_steps(-radius, radius), _steps(-radius, radius))
    flat = np.column_stack([x.ravel(), y.ravel()])
    points, free = _on_floor(centre + flat[np.linalg.norm(flat, axis=1) <= radius], floor_z, ground)
    return points[free]


def _stairs(posed: PosedMesh, floor_z: float) -> dict[str, RegionFacts]:
    """Steps by rising height; the highest level is the landing. A single level (kerb, slope) is step and landing."""
    levels = _levels(posed, floor_z, _LEVEL) or _levels(posed, floor_z, _SLOPED)
    if not levels:
        return {}
    *steps, top = levels
    if not steps:
        steps, top = [top], top[top[:, 2] >= top[:, 2].max() - SEAT_BAND]
    found = {f"step_{number:02d}": RegionFacts(_few(step)) for number, step in enumerate(steps, 1)}
    return {**found, "landing": RegionFacts(_few(top))}


def _levels(posed: PosedMesh, floor_z: float, least_up: float) -> list[Array]:
    """Points (N, 3) of each level from the lowest to the highest, rails and ledges left out."""
    points, area = _upward_points(posed, least_up)
    points = points[points[:, 2] > floor_z + STEP_RISE]
    if not len(points):
        return []
    points = points[np.argsort(points[:, 2], kind="stable")]
    cuts = np.flatnonzero(np.diff(points[:, 2]) > STEP_RISE) + 1
    wide = [level for level in np.split(points, cuts) if _is_wide(level)]
    usual = float(np.median([len(level) for level in wide])) * area if wide else 0.0
    return [level for level in wide if len(level) * area >= _LEAST_AREA * usual]


def _is_wide(level: Array) -> bool:
    """Whether it is at least _NARROWEST wide across its longest direction."""
    flat = level[:, :2] - level[:, :2].mean(axis=0)
    across = np.linalg.eigh(flat.T @ flat)[1][:, 0]
    return bool(np.ptp(flat @ across) >= _NARROWEST)
