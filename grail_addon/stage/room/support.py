# SPDX-License-Identifier: GPL-3.0-or-later
"""What really is under a point of a room: its height, whose surface it is, and whether that is level or uneven.

Rays go through the search trees of the room's surfaces, which are what Cycles draws, see `contents`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.errors import UserError
from ...core.mesh import MeshData
from ...core.settle.support import FlatSupport, HoldTest, MeshSupport, Support
from ..measure.meshes import merged
from ..measure.posed_mesh import PosedMesh

ABOVE = (
    0.25  # metres over the hint that rays start from: lower than shelves and lamps, higher than a wrong table height
)
LEVEL = 0.001  # metres; nearer than this to the height counts as the same surface
LEVEL_DEG = 1.0
RINGS = ((0.0, 1), (0.02, 8), (0.05, 8))  # radius in metres, rays
LEVEL_SHARE = 0.75  # of the rays that find this surface: grooves between boards do not make a table uneven
STEP = 0.2  # metres below the height that still belong to the same uneven surface: a stair's step
CLEAR = 0.01  # metres above the surface that a footprint's rays start from
RADIUS = 0.6  # metres round the point of an uneven surface that a body may meet
_DOWN = Vector((0.0, 0.0, -1.0))


@dataclass(frozen=True)
class _Hit:
    height: float
    name: str
    level: bool  # whether the face itself is


class _Rays:
    """Rays straight down into a room."""

    def __init__(self, room: Iterable[PosedMesh]) -> None:
        self.surfaces = [(posed, *posed.world.bounds) for posed in room]

    def down(self, x: float, y: float, start: float, length: float = 1e4) -> _Hit | None:
        """The first surface below (x, y, start), at most `length` metres below."""
        best: _Hit | None = None
        for posed, low, high in self.surfaces:
            if not (low[0] - 1e-6 <= x <= high[0] + 1e-6 and low[1] - 1e-6 <= y <= high[1] + 1e-6 and low[2] <= start):
                continue
            place, normal, _face, _distance = posed.tree.ray_cast(Vector((x, y, start)), _DOWN)
            if place is None or place.z < start - length or (best is not None and place.z <= best.height):
                continue
            best = _Hit(place.z, posed.name, abs(normal.z) >= math.cos(math.radians(LEVEL_DEG)))
        return best


def find_support(room: Collection[PosedMesh], xy: tuple[float, float], z_hint: float, scene: str = "") -> Support:
    """The highest surface under `xy` (metres, world) that is not more than 0.25 m above `z_hint`.

    Level within 5 cm of the point: FlatSupport, whose `holds` casts rays under the points it is asked about. Else
    MeshSupport with the triangles within 0.6 m. scene: the room's name. Raises UserError if nothing lies below.
    """
    x, y = float(xy[0]), float(xy[1])
    rays = _Rays(room)
    top = rays.down(x, y, z_hint + ABOVE)
    if top is None:
        raise UserError(
            f"Nothing is under x {x:.2f}, y {y:.2f} in scene {scene}, so nothing can be put there.",
            "Check obj_pos, or that the scene's floor or table is visible.",
        )
    if _is_level(rays, x, y, top):
        return FlatSupport(top.height, top.name, _hold_test(rays, (x, y), top.height))
    ground = _local_mesh(rays, np.array([x, y, top.height]))
    return MeshSupport(ground.vertices, ground.faces, top.height, top.name)


def _is_level(rays: _Rays, x: float, y: float, top: _Hit) -> bool:
    """Whether the surface round the point is level where it goes on. That it ends nearby does not count, that it goes
    on a step higher or lower does."""
    found = []
    for radius, count in RINGS:
        for k in range(count):
            angle = 2.0 * math.pi * k / count + 0.1
            start = top.height + STEP
            hit = rays.down(x + radius * math.cos(angle), y + radius * math.sin(angle), start, 2 * STEP)
            if hit is not None and hit.name == top.name:
                found.append(hit.level and abs(hit.height - top.height) <= LEVEL)
    return sum(found) >= LEVEL_SHARE * len(found)


def _hold_test(rays: _Rays, xy: tuple[float, float], height: float) -> HoldTest:
    def holds(points: Array) -> NDArray[np.bool_]:
        hits = [rays.down(xy[0] + px, xy[1] + py, height + CLEAR, CLEAR + LEVEL) for px, py in points.tolist()]
        return np.array([hit is not None and abs(hit.height - height) <= LEVEL for hit in hits], dtype=np.bool_)

    return holds


def _local_mesh(rays: _Rays, centre: Array) -> MeshData:
    """Triangles of the room that reach into the box of RADIUS round `centre` (3,), relative to it."""
    kept = []
    for posed, low, high in rays.surfaces:
        if (low - centre > RADIUS).any() or (high - centre < -RADIUS).any():
            continue
        local = posed.world.vertices - centre
        corners = local[posed.world.faces]
        near = (corners.min(axis=1) <= RADIUS).all(axis=1) & (corners.max(axis=1) >= -RADIUS).all(axis=1)
        kept.append(MeshData(local, posed.world.faces[near]).drawn())
    return merged(kept)
