# SPDX-License-Identifier: GPL-3.0-or-later
"""Dropping bodies until they lie still, and letting a resting one go on to see whether it drifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...core.arrays import Array
from ...core.settle.settings import SettleSettings
from ...core.settle.statics_rotation import rotation_angle
from ...steps.effects import Pause, Steps
from .world import LAYERS, Hull, RigidPose, World, pose_of

AddSupport = Callable[[World], None]
NewWorld = Callable[[int, float, SettleSettings], World]
FIRST_CHECK = 1.0  # seconds before stillness is looked at: a body at the top of a swing is still, too
CHECK_EVERY = 6  # frames
REST_DISTANCE, REST_ANGLE_DEG = 0.001, 0.5
SMALL = 0.05  # metres; smaller bodies fall through more of their own size in one step, so they get twice as many


@dataclass(eq=False)
class Landing:
    """One body's way: matrix (4, 4), body to world, per frame from the start on, and whether it came to rest."""

    matrices: list[Array] = field(default_factory=list)
    still: bool = False

    @property
    def poses(self) -> list[RigidPose]:
        return [pose_of(matrix) for matrix in self.matrices]

    @property
    def end(self) -> RigidPose:
        return pose_of(self.matrices[-1])


def is_still(matrices: Sequence[Array], settings: SettleSettings) -> bool:
    """Whether all poses (4, 4) of the last `still_window` seconds lie within the still limits of the newest one."""
    count = round(settings.still_window * settings.fps)
    if len(matrices) <= count:
        return False
    gaps = np.array(matrices[-1 - count : -1]) - matrices[-1]
    # the Frobenius norm of a difference of rotations is 2 sqrt(2) sin(angle / 2)
    turn = 2.0 * np.sqrt(2.0) * np.sin(np.radians(settings.still_angle_deg) / 2.0)
    moved = np.sum(gaps[:, :3, 3] ** 2, axis=1) >= settings.still_distance**2
    turned = np.sum(gaps[:, :3, :3] ** 2, axis=(1, 2)) >= turn**2
    return not bool((moved | turned).any())


def _world(frames: int, size: float, settings: SettleSettings, iterations: int) -> World:
    return World(settings, frames, settings.substeps * (2 if size < SMALL else 1), iterations)


def exact_world(frames: int, size: float, settings: SettleSettings) -> World:
    """The recipe's world, for a body of `size` metres."""
    return _world(frames, size, settings, settings.solver_iterations)


def quick_world(frames: int, size: float, settings: SettleSettings) -> World:
    """The same with fewer iterations, for drops of which only the face they land on counts. (At half the rate
    instead, the share that lands on one face is another one: docs/settling.md.)"""
    return _world(frames, size, settings, settings.quick_iterations)


def light_world(frames: int, size: float, settings: SettleSettings) -> World:
    """The same at half the rate, for meshes of very many triangles on uneven supports."""
    return World(settings, frames, settings.substeps // (1 if size < SMALL else 2), settings.quick_iterations)


@dataclass(frozen=True, eq=False)
class DropBody:
    """A body of convex parts about its centre of mass, and the pose it is let go from."""

    parts: Sequence[Hull]
    start: RigidPose


def drop(
    bodies: Sequence[DropBody],
    add_support: AddSupport,
    size: float,
    settings: SettleSettings,
    damping: float,
    new_world: NewWorld = exact_world,
    first_check: float = FIRST_CHECK,
) -> Steps[list[Landing]]:
    """Let each body go, for itself alone, until it is still or `settling_time` is over.

    The bodies share a world but not a layer, which gives the same bits as a world for each, in half the time. first_check: seconds before
    stillness is looked at.
    """
    landings: list[Landing] = []
    frames = max(1, round(settings.settling_time * settings.fps))
    for first in range(0, len(bodies), LAYERS):
        group = bodies[first : first + LAYERS]
        batch = [Landing() for _ in group]
        yield Pause("world")
        with new_world(frames, size, settings) as world:
            add_support(world)
            for body in group:
                yield Pause("drop")
                world.add_body(body.parts, body.start, (damping, damping))
            for frame in range(1, frames + 2):
                yield Pause("drop")
                is_due = frame > first_check * settings.fps and frame % CHECK_EVERY == 0
                _record(batch, world.step(frame), is_due, settings)
                if all(landing.still for landing in batch):
                    break
            yield Pause("clear")
        landings.extend(batch)
    return landings


def _record(batch: Sequence[Landing], matrices: Sequence[Array], is_due: bool, settings: SettleSettings) -> None:
    for landing, matrix in zip(batch, matrices, strict=True):
        if not landing.still:  # its pose is taken at the moment it is still, whatever the others still do
            landing.matrices.append(matrix)
            landing.still = is_due and is_still(landing.matrices, settings)


@dataclass(frozen=True)
class Drift:
    """Movement of the centre of mass (metres) and turn (radians) from the start to the end, and the poses gone through.

    The largest of the last half second, so that a swing back through the start does not pass for rest.
    """

    distance: float
    angle: float
    poses: list[RigidPose]

    @property
    def rests(self) -> bool:
        """Whether that is rest: under 1 mm and half a degree."""
        return self.distance < REST_DISTANCE and self.angle < math.radians(REST_ANGLE_DEG)


def drift(
    parts: Sequence[Hull], rest: RigidPose, add_support: AddSupport, size: float, settings: SettleSettings
) -> Steps[Drift]:
    """What a resting body does in `drift_time` seconds more at natural damping.

    Bullet finds one contact point per step, so a body that starts at rest first turns a little about the only point
    there is; a short damped start lets it find the others, and natural damping counts from then on.
    """
    calm = round(settings.calm_time * settings.fps)
    frames = round(settings.drift_time * settings.fps) + calm
    yield Pause("world")
    with exact_world(frames, size, settings) as world:
        add_support(world)
        world.add_body(parts, rest, (settings.second_damping, settings.second_damping))
        poses: list[RigidPose] = []
        for frame in range(1, frames + 2):
            yield Pause("drift")
            if frame == calm + 2:
                world.set_damping(settings.natural_linear_damping, settings.natural_angular_damping)
            poses.append(pose_of(world.step(frame)[0]))
        yield Pause("clear")
    last = poses[-1 - round(settings.still_window * settings.fps) :]
    far = max(float(np.linalg.norm(pose.position - rest.position)) for pose in last)
    turn = max(rotation_angle(pose.rotation, rest.rotation) for pose in last)
    return Drift(far, turn, poses)
