# SPDX-License-Identifier: GPL-3.0-or-later
"""A pose that a person has set: put down on the support and judged as a dropped one is, but nothing is dropped.

How likely the pose is is not asked: a person has decided on it.
"""

from __future__ import annotations

import numpy as np

from ...core.arrays import Array
from ...core.mesh import MeshData
from ...core.settle.settings import SettleSettings
from ...core.settle.support import MeshSupport
from ...steps.effects import Pause, Steps, offload
from .body import add_floor, make_body
from .drop import drift
from .flat import local_hull
from .outcome import Outcome
from .parts import PartsCache, body_parts
from .uneven import set_down, start_pose
from .vertical import Ground
from .world import RigidPose, World

SNAP_DEG = 10.0
"""So far from a face that carries the body it is set on that face; nobody turns an object by hand more exactly."""


def stand_flat(mesh: MeshData, com: Array, rotation: Array, settings: SettleSettings) -> Steps[Outcome]:
    """Stand `mesh` (scaled, its own frame) with COM `com` (3,) on a plane at z = 0, turned by `rotation` (3, 3)."""
    points = mesh.vertices - com
    body = yield from make_body(points, mesh.size, settings)
    found = yield from offload(lambda: body.rest(rotation, SNAP_DEG), "statics")
    rest = RigidPose(found.rotation, np.array([0.0, 0.0, -float((points @ found.rotation[2]).min())]))
    hull = yield from local_hull(body, rest.rotation)
    moved = yield from drift([hull], rest, add_floor, body.size, settings)
    roll = yield from offload(lambda: body.rolls(rest.rotation), "statics")
    return Outcome(
        rest=rest,
        trail=[rest],
        stance=found.stance,
        rolls=roll,
        still=moved.rests,
        confidence=1.0,
        drift=moved,
        gap=0.0,
        penetration=0.0,
        snap_deg=found.snap_deg or 0.0,
        nudges=0,
        frames=len(moved.poses),
        by_hand=True,
    )


def stand_uneven(
    mesh: MeshData,
    small: MeshData,
    scale: Array,
    com: Array,
    rotation: Array,
    support: MeshSupport,
    settings: SettleSettings,
    cache: PartsCache,
) -> Steps[Outcome]:
    """Stand `mesh` (own frame, unscaled) with COM `com` (3,) of the scaled mesh on `support`, turned by `rotation`. small: the
    stand-in of the scaled mesh."""
    body = small.transformed(np.eye(3), -com)
    yield Pause("convex parts")
    parts = yield from body_parts((yield from cache.of(mesh)), scale, com)
    ground = Ground(support)
    above = start_pose(ground, body.vertices, rotation, settings)
    rest, standing, gap, fallen = yield from set_down(body, above, ground, settings)

    def add(world: World) -> None:
        world.add_mesh_support(support.vertices, support.faces)

    moved = yield from drift(parts, rest, add, body.size, settings)
    return Outcome(
        rest=rest,
        trail=[rest],
        stance=standing,
        rolls=False,
        still=moved.rests,
        confidence=1.0,
        drift=moved,
        gap=0.0 if fallen else gap,
        penetration=0.0,
        snap_deg=0.0,
        nudges=0,
        frames=len(moved.poses),
        fallen=fallen,
        by_hand=True,
    )
