# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling on a level surface: hull drop, verdict by statics, nudge off a balance, snap, exact contact.

Body frame: the scaled mesh's axes, origin at its centre of mass (COM). World: z up, support at z = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ...core.arrays import Array
from ...core.mesh import MeshData
from ...core.settle.settings import SettleSettings
from ...core.settle.statics import same_rest
from ...core.settle.statics_rotation import tilt
from ...steps.effects import Steps, offload
from .body import Body, Rest, above, add_floor, make_body
from .drop import Drift, DropBody, Landing, drift, drop, quick_world
from .hull import convex_hull, lighter
from .likely import likelihood, likely_start, shares_of
from .outcome import Outcome
from .starts import start_rotations
from .world import Hull, RigidPose

Lowest = Callable[[Array], float]
FULL_LIMIT = 4000  # of the hull it goes on with where that one found no facet
NUDGES_DEG = (1.0, 3.0)
NUDGE_AZIMUTH = 0.7  # fixed, and along no usual symmetry
NUDGE_HEIGHT = 0.002
MOST_MOVES = 4
SECOND_HEIGHT = 0.0005


@dataclass(eq=False)
class FirstDrop:
    """The deciding drop so far: all its poses, whether still, nudges given, and where it rests."""

    poses: list[RigidPose]
    still: bool
    nudges: int
    rest: Rest


def _fall(hull: Hull, body: Body, start: RigidPose, settings: SettleSettings, damping: float) -> Steps[Landing]:
    landings = yield from drop([DropBody([hull], start)], add_floor, body.size, settings, damping)
    return landings[0]


def _go_on(
    hull: Hull, body: Body, first: FirstDrop, start: RigidPose, settings: SettleSettings, damping: float
) -> Steps[None]:
    """Drop the body again from `start`, which is over the start point, and add that to its first drop."""
    landing = yield from _fall(hull, body, start, settings, damping)

    def landed() -> tuple[list[RigidPose], Rest]:
        return _over(landing.poses, first.poses[-1]), body.rest(landing.end.rotation, settings.snap_deg)

    poses, rest = yield from offload(landed, "statics")
    first.poses += poses
    first.still, first.rest = landing.still, rest


def _come_to_rest(body: Body, start: RigidPose, settings: SettleSettings) -> Steps[FirstDrop]:
    """Drop the body and carry on until it stands: again from where it still moves, then off a balance.

    A body that rolls is set on the nearest facet that carries it: any of them is as right as another.
    """
    landing = yield from _fall(body.first, body, start, settings, settings.damping)

    def landed() -> FirstDrop:
        end = landing.end.rotation
        found = body.rest(end, settings.snap_deg)
        rest = body.roll_rest(end) if body.rolls(found.rotation) else found
        return FirstDrop(landing.poses, landing.still, 0, rest)

    first = yield from offload(landed, "statics")
    if not first.still or (first.rest.snap_deg is None and body.first is not body.hull):
        again = above(body, first.rest.rotation, SECOND_HEIGHT)
        hull = yield from lighter(body.hull, FULL_LIMIT)
        yield from _go_on(hull, body, first, again, settings, settings.second_damping)
    for degrees in NUDGES_DEG:
        if first.rest.stance.stable or not first.still:
            break
        first.nudges += 1
        tilted = tilt(np.radians(degrees), NUDGE_AZIMUTH) @ first.poses[-1].rotation
        yield from _go_on(body.first, body, first, above(body, tilted, NUDGE_HEIGHT), settings, settings.damping)
    return first


def _over(poses: list[RigidPose], last: RigidPose) -> list[RigidPose]:
    """Poses of a run that began over the start point, moved to where the run before it ended."""
    shift = np.array([last.position[0], last.position[1], 0.0])
    return [RigidPose(pose.rotation, pose.position + shift) for pose in poses]


def _confidence(body: Body, others: list[Landing], rest: Rest, roll: bool, settings: SettleSettings) -> float:
    """Share of all drops, the first included, that ended in the pose `rest`."""
    alike = 1
    for landing in others:
        other = body.rest(landing.end.rotation, settings.snap_deg)
        heights = rest.stance.com_height, other.stance.com_height
        alike += same_rest(heights[0], -rest.rotation[2], heights[1], -other.rotation[2], body.size, roll)
    return alike / (len(others) + 1)


def local_hull(body: Body, rotation: Array) -> Steps[Hull]:
    """The dropped hull, exact where it touches in this pose."""
    if body.first is body.hull:
        return body.hull
    height = body.hull.vertices @ rotation[2]
    low = body.hull.vertices[height <= height.min() + 0.01 * body.size]
    return (yield from convex_hull(np.concatenate([body.first.vertices, low])))


def _hold(
    body: Body, first: FirstDrop, lowest: Lowest, settings: SettleSettings
) -> Steps[tuple[RigidPose, Drift, int]]:
    """Let the body go on at natural damping from where it rests; where it leaves that pose, take the one it goes to.

    A facet whose edge is next to the centre of mass is a rest by statics, but not one that lasts. Returns the final
    pose, the drift from it and the frames run.
    """
    frames = 0
    for left in range(MOST_MOVES, -1, -1):
        turned = first.rest.rotation
        low = yield from offload(partial(lowest, turned), "statics")
        rest = RigidPose(turned, np.array([0.0, 0.0, -low]))
        hull = yield from local_hull(body, rest.rotation)
        moved = yield from drift([hull], rest, add_floor, body.size, settings)
        frames += len(moved.poses)
        if moved.rests or not left:
            break
        then = yield from offload(partial(_rest_near, body, moved.poses[-1].rotation, settings), "statics")
        if not then.stance.stable:
            break
        first.poses += _over(moved.poses, first.poses[-1])
        first.rest = then
    return rest, moved, frames


def _rest_near(body: Body, rotation: Array, settings: SettleSettings) -> Rest:
    return body.roll_rest(rotation) if body.rolls(rotation) else body.rest(rotation, settings.snap_deg)


def settle_flat(mesh: MeshData, com: Array, initial: Array, settings: SettleSettings) -> Steps[Outcome]:
    """Settle `mesh` (scaled, its own frame) with COM `com` (3,) from rotation `initial` (3, 3) on a plane at z = 0."""
    points = mesh.vertices - com
    body = yield from make_body(points, mesh.size, settings)
    starts = yield from offload(
        lambda: [above(body, rotation, settings.drop_height) for rotation in start_rotations(initial, settings)],
        "statics",
    )
    first = yield from _come_to_rest(body, starts[0], settings)
    bodies = [DropBody([body.others], start) for start in starts[1:]]
    others = yield from drop(bodies, add_floor, body.size, settings, settings.damping, quick_world)
    # contact is made with every vertex of the mesh, not with the hull's, which bmesh rounds a little
    rest, moved, frames = yield from _hold(body, first, lambda rotation: float((points @ rotation[2]).min()), settings)
    turned = rest.rotation
    roll = yield from offload(lambda: body.rolls(turned), "statics")
    confidence = yield from offload(lambda: _confidence(body, others, first.rest, roll, settings), "statics")
    shares = yield from shares_of(body)
    likely = yield from likelihood(body, shares, first.rest, roll, settings)
    if likely.is_unlikely and settings.prefer == "likely":
        start = likely_start(shares, turned, body.size)
        return (yield from settle_flat(mesh, com, start, replace(settings, prefer="config")))

    def ending() -> tuple[list[RigidPose], float]:
        shift = np.array([first.poses[-1].position[0], first.poses[-1].position[1], 0.0])
        trail = [*(RigidPose(p.rotation, p.position - shift) for p in first.poses[:-1]), rest]
        return trail, float((mesh.vertices @ turned[2]).min() - com @ turned[2] + rest.position[2])

    trail, bottom = yield from offload(ending, "statics")
    return Outcome(
        rest=rest,
        trail=trail,
        stance=first.rest.stance,
        rolls=roll,
        still=first.still,
        confidence=confidence,
        likelihood=likely,
        drift=moved,
        gap=max(0.0, bottom),
        penetration=max(0.0, -bottom),
        snap_deg=first.rest.snap_deg or 0.0,
        nudges=first.nudges,
        frames=len(first.poses) + sum(len(landing.matrices) for landing in others) + frames,
    )
