# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling on an uneven surface: convex parts as one compound body on the real triangles, no snap.

The end pose is moved along z until the full mesh touches the surface. What is left between them where it should be
carried is the gap: the error of the parts.
"""

from __future__ import annotations

import math

import numpy as np

from ...core.arrays import Array
from ...core.mesh import MeshData
from ...core.settle.settings import SettleSettings
from ...core.settle.statics import Stance, convex_hull_2d, edge_margin, same_rest
from ...core.settle.statics_coarse import FINE_FACES
from ...core.settle.support import MeshSupport
from ...steps.effects import Pause, Steps, offload
from .drop import FIRST_CHECK, DropBody, Landing, drift, drop, light_world, quick_world
from .outcome import Outcome
from .parts import PartsCache, body_parts, lightened
from .starts import start_rotations
from .vertical import Contacts, Ground
from .world import RigidPose, World

MOST_GAP = 0.005  # metres: a body carried by points farther off than this does not stand on them
MAX_GAP = 0.02  # metres of vertical distance that are looked at
EARLY_CHECK = (
    0.65  # seconds before stillness is looked at in the drops that only count, of a mesh of very many triangles
)
FALL = 0.05  # metres below the surface's lowest point: it has left it


def start_pose(ground: Ground, vertices: Array, rotation: Array, settings: SettleSettings) -> RigidPose:
    """Over the start point, the lowest point `drop_height` above the highest surface below the body."""
    turned = vertices @ rotation.T
    top = ground.top_under(turned)
    height = (top or 0.0) + settings.drop_height - float(turned[:, 2].min())
    return RigidPose(rotation, np.array([0.0, 0.0, height]))


def _stance(contacts: Contacts, pose: RigidPose, tolerance: float) -> tuple[Stance, float]:
    """How the body is carried, and the largest gap among the points that carry it."""
    com = pose.position
    gap = contacts.carrying_gap(com[:2], MOST_GAP)
    stable = math.isfinite(gap)
    touching = contacts.distance <= (gap if stable else 0.0) + tolerance
    footprint = convex_hull_2d(contacts.points[touching])
    margin = edge_margin(footprint, com[:2])
    # the footprint's points lie at different heights; the highest of them gives the smallest, so safest, tip angle
    height = float(com[2])
    tip = math.degrees(math.atan2(margin, max(height, 1e-12))) if stable and margin > 0 else 0.0
    return Stance(footprint, height, margin, stable and margin > 0, tip), gap if stable else contacts.nearest


def settle_uneven(
    mesh: MeshData,
    small: MeshData,
    scale: Array,
    com: Array,
    initial: Array,
    support: MeshSupport,
    settings: SettleSettings,
    cache: PartsCache,
) -> Steps[Outcome]:
    """Settle `mesh` (own frame, unscaled) with COM `com` (3,) of the scaled mesh on `support`. small: the stand-in of the
    scaled mesh."""
    is_fine = len(mesh.faces) > FINE_FACES
    body = small.transformed(np.eye(3), -com)
    yield Pause("convex parts")
    parts = yield from body_parts((yield from cache.of(mesh)), scale, com)
    ground = Ground(support)

    def add(world: World) -> None:
        world.add_mesh_support(support.vertices, support.faces)

    starts = [start_pose(ground, body.vertices, rotation, settings) for rotation in start_rotations(initial, settings)]
    yield Pause("ground")
    first = (yield from drop([DropBody(parts, starts[0])], add, body.size, settings, settings.damping))[0]
    trail, still = list(first.poses), first.still
    if not still:
        again = (yield from drop([DropBody(parts, first.end)], add, body.size, settings, settings.second_damping))[0]
        trail, still = trail + again.poses, again.still
    light = (yield from lightened(parts)) if is_fine else parts
    bodies = [DropBody(light, start) for start in starts[1:]]
    world, check = (light_world, EARLY_CHECK) if is_fine else (quick_world, FIRST_CHECK)
    others = yield from drop(bodies, add, body.size, settings, settings.damping, world, check)
    rest, standing, gap, fallen = yield from set_down(body, trail[-1], ground, settings)
    moved = yield from drift(parts, rest, add, body.size, settings)
    return Outcome(
        rest=rest,
        trail=[*trail[:-1], rest],
        stance=standing,
        rolls=False,
        still=still,
        confidence=_confidence(rest, others, body.size),
        drift=moved,
        gap=0.0 if fallen else gap,
        penetration=0.0,  # it is moved until it touches
        snap_deg=0.0,
        nudges=0,
        frames=len(trail) + sum(len(landing.matrices) for landing in others) + len(moved.poses),
        fallen=fallen,
    )


def set_down(
    body: MeshData, end: RigidPose, ground: Ground, settings: SettleSettings
) -> Steps[tuple[RigidPose, Stance, float, bool]]:
    """`end` moved along z until the full body (about its centre of mass) touches; how it stands there, the largest gap
    among the points that carry it, and whether it has left the support."""
    posed = body.transformed(end.rotation, end.position)
    contacts = yield from offload(lambda: ground.contacts(posed, MAX_GAP), "contacts")
    lowest = float(ground.mesh.vertices[:, 2].min())
    fallen = not math.isfinite(contacts.nearest) or float(end.position[2]) < lowest - FALL
    shift = 0.0 if fallen else contacts.nearest
    rest = RigidPose(end.rotation, end.position - np.array([0.0, 0.0, shift]))
    contacts = Contacts(contacts.points, contacts.distance - shift)
    standing, gap = _stance(contacts, rest, settings.contact_tolerance * body.size)
    return rest, standing, gap, fallen


def _confidence(rest: RigidPose, others: list[Landing], size: float) -> float:
    """Share of drops that ended at the same height, the same way up (COM height and down direction)."""
    alike = 1
    for landing in others:
        end = landing.end
        alike += same_rest(rest.position[2], -rest.rotation[2], end.position[2], -end.rotation[2], size, False)
    return alike / (len(others) + 1)
