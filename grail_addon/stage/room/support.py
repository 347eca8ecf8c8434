# SPDX-License-Identifier: GPL-3.0-or-later
"""What really is under a point of a room: its height, whose surface it is, and whether that is level or uneven.

Rays go through the search trees of the room's surfaces, which are what Cycles draws, see `contents`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
NAMED = 0.05  # metres off the hint within which a surface is the one that was meant, though another lies above it
ROOM_ABOVE = 0.05  # metres of air that such a surface has above it, at least
LEVEL = 0.001  # metres; nearer than this to the height counts as the same surface
LEVEL_DEG = 1.0
RINGS = ((0.0, 1), (0.02, 8), (0.05, 8))  # radius in metres, rays
LEVEL_SHARE = 0.75  # of the rays that find this surface: grooves between boards do not make a table uneven
STEP = 0.2  # metres below the height that still belong to the same uneven surface: a stair's step
CLEAR = 0.01  # metres above the surface that a footprint's rays start from
RADIUS = 0.6  # metres round the point of an uneven surface that a body may meet
MOST_HITS = 64  # of one thing below a point
_DOWN = Vector((0.0, 0.0, -1.0))


@dataclass(frozen=True)
class _Hit:
    height: float
    name: str
    level: bool  # whether the face itself is
    underside: bool  # whether the face looks down


class _Rays:
    """Rays straight down into a room."""

    def __init__(self, room: Iterable[PosedMesh]) -> None:
        self.surfaces = [(posed, *posed.world.bounds) for posed in room]

    def down(self, x: float, y: float, start: float, length: float = 1e4) -> _Hit | None:
        """The first surface below (x, y, start), at most `length` metres below."""
        best: _Hit | None = None
        for posed in self._under(x, y, start):
            hit = _cast(posed, x, y, start)
            if hit is not None and hit.height >= start - length and (best is None or hit.height > best.height):
                best = hit
        return best

    def through(self, x: float, y: float, start: float) -> list[_Hit]:
        """All surfaces below (x, y, start), the highest first, but not the underside of what the start is within."""
        found = []
        for posed in self._under(x, y, start):
            hits = _all_hits(posed, x, y, start)
            is_within = start < posed.world.bounds[1][2] and posed.closed
            if hits and is_within and bool(posed.contains(np.array([[x, y, start]]))[0]):
                del hits[0]
            found += hits
        return sorted(found, key=lambda hit: -hit.height)

    def _under(self, x: float, y: float, start: float) -> list[PosedMesh]:
        """Surfaces whose boxes a ray down from there may meet."""
        return [
            posed
            for posed, low, high in self.surfaces
            if low[0] - 1e-6 <= x <= high[0] + 1e-6 and low[1] - 1e-6 <= y <= high[1] + 1e-6 and low[2] <= start
        ]


def _cast(posed: PosedMesh, x: float, y: float, start: float) -> _Hit | None:
    place, normal, _face, _distance = posed.tree.ray_cast(Vector((x, y, start)), _DOWN)
    if place is None:
        return None
    return _Hit(place.z, posed.name, abs(normal.z) >= math.cos(math.radians(LEVEL_DEG)), normal.z < 0.0)


def _all_hits(posed: PosedMesh, x: float, y: float, start: float) -> list[_Hit]:
    found: list[_Hit] = []
    while len(found) < MOST_HITS:
        hit = _cast(posed, x, y, start)
        if hit is None:
            break
        found.append(hit)
        start = hit.height - 1e-5
    return found


def _meant(hits: Sequence[_Hit], z_hint: float) -> tuple[_Hit, float] | None:
    """Which of the surfaces below a point is meant, and how much air (metres) is above it: the highest, but where one is at
    the hinted height with air between it and the underside of what is above (a board of a shelf, a table below a lamp),
    that one."""
    free = [
        (below, above.height - below.height)
        for above, below in pairwise(hits)
        if above.underside and not below.underside and abs(below.height - z_hint) <= NAMED
    ]
    free = [found for found in free if found[1] >= ROOM_ABOVE]
    return min(free, key=lambda found: abs(found[0].height - z_hint), default=(hits[0], math.inf) if hits else None)


def find_support(room: Collection[PosedMesh], xy: tuple[float, float], z_hint: float, scene: str = "") -> Support:
    """The highest surface under `xy` (metres, world) that is not more than 0.25 m above `z_hint`, or the one at `z_hint` where
    what is above that hangs free.

    Level within 5 cm of the point: FlatSupport, whose `holds` casts rays under the points it is asked about. Else
    MeshSupport with the triangles within 0.6 m. scene: the room's name. Raises UserError if nothing lies below.
    """
    x, y = float(xy[0]), float(xy[1])
    rays = _Rays(room)
    found = _meant(rays.through(x, y, z_hint + ABOVE), z_hint)
    if found is None:
        raise UserError(
            f"Nothing is under x {x:.2f}, y {y:.2f} in scene {scene}, so nothing can be put there.",
            "Check obj_pos, or that the scene's floor or table is visible.",
        )
    top, air = found
    if _is_level(rays, x, y, top, min(STEP, air / 2)):
        return FlatSupport(top.height, top.name, _hold_test(rays, (x, y), top.height))
    ground = _local_mesh(rays, np.array([x, y, top.height]))
    return MeshSupport(ground.vertices, ground.faces, top.height, top.name)


def _is_level(rays: _Rays, x: float, y: float, top: _Hit, reach: float) -> bool:
    """Whether the surface round the point is level where it goes on. That it ends nearby does not count, that it goes
    on a step higher or lower does. reach: metres above it that are looked at."""
    found = []
    for radius, count in RINGS:
        for k in range(count):
            angle = 2.0 * math.pi * k / count + 0.1
            start = top.height + reach
            hit = rays.down(x + radius * math.cos(angle), y + radius * math.sin(angle), start, reach + STEP)
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
