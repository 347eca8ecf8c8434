# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a stage to a person: object and person stand in their places, and a settle is played in the viewport."""

from __future__ import annotations

import numpy as np

from ...core.arrays import Array
from ...core.config.scene import ResolvedObject
from ...core.layout import VideoId
from ...core.plan.items import ObjectJob
from ...core.pose import Pose
from ...core.rotations import from_euler_deg
from ...core.settle.rest import RestPose
from ...core.settle.result import SettleResult
from ...core.settle.statics_rotation import matrix_from_quat
from ...core.variant.draw import Variant, draw_variant
from ...steps.effects import Steps, Wait
from ..person.person import Person
from .scene import Stage

PLAYED_FPS = 25.0

BELOW = 0.35
"""Metres of the person that are shown below the object; hands and head are what sizes are compared with."""


def stand(stage: Stage, person: Person, settings: ResolvedObject, variant: Variant, rest: RestPose) -> Array:
    """Put everything in its place, whether it fits or not; points (N, 3) of the object and of the part of the person to
    compare it with."""
    for name, thing in settings.static_objects.items():
        stage.place_static(name, Pose(from_euler_deg(thing.rot), np.array(thing.pos), np.array(thing.scale)))
    x, y, z = settings.obj_pos
    support = stage.support_at((x, y), z)
    obj = stage.place_object(rest.posed(0.0, np.array([x, y, support.height]))).world.vertices
    px, py, pz = variant.placement.character_position
    ground = stage.ground_height((px, py), pz)
    body = person.place((px, py, ground), variant.placement.character_turn_deg, settings.character_scale).world.vertices
    shown = body[body[:, 2] > min(support.height - BELOW, float(body[:, 2].max()) - 2 * BELOW)]
    return np.concatenate([obj, shown])


def show_at_rest(stage: Stage, person: Person, job: ObjectJob, seed: int, rest: RestPose) -> None:
    """Put object and person where an undisturbed variant has them, and light the room. seed: base seed of all streams."""
    variant = draw_variant(seed, VideoId(job.obj, person.name, job.settings.scene, 0), job.settings)
    stand(stage, person, job.settings, variant, rest)
    stage.lights.apply(variant.light)


def play(stage: Stage, settings: ResolvedObject, result: SettleResult) -> Steps[None]:
    """Move the object along its settle, in the time that it took; it ends in the pose that was found."""
    x, y = settings.obj_pos[:2]
    start = np.array([x, y, result.support_height])
    rows = result.trajectory[:: max(1, round(1.0 / (PLAYED_FPS * result.time_step)))]
    for row in [*rows, result.trajectory[-1]]:
        stage.move_object(Pose(matrix_from_quat(row[3:]), row[:3] + start, result.scale))
        yield Wait(1.0 / PLAYED_FPS, "the drop is played")
