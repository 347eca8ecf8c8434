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
from ...steps.effects import Pause, Steps, Wait, offload
from ..person.person import Person
from ..person.poser import AS_LOADED
from .scene import Stage

PLAYED_FPS = 25.0

BELOW = 0.35
"""Metres of the person that are shown below the object; hands and head are what sizes are compared with."""


def stand(stage: Stage, person: Person, settings: ResolvedObject, variant: Variant, rest: RestPose) -> Steps[Array]:
    """Put everything in its place, whether it fits or not; points (N, 3) of the object and of the part of the person to
    compare it with."""
    for name, thing in settings.static_objects.items():
        yield Pause("placement")
        stage.place_static(name, Pose(from_euler_deg(thing.rot), np.array(thing.pos), np.array(thing.scale)))
    yield Pause("placement")
    x, y, z = settings.obj_pos
    support = stage.support_at((x, y), z)
    yield Pause("placement")
    obj = stage.place_object(rest.posed(0.0, np.array([x, y, support.height]))).world.vertices
    px, py, pz = variant.placement.character_position
    ground = stage.ground_height((px, py), pz)
    yield from person.assume(AS_LOADED)
    turn, scale = variant.placement.character_turn_deg, settings.character_scale
    body = (yield from person.placed((px, py, ground), turn, scale)).world.vertices
    return (yield from offload(lambda: _compared(obj, body, support.height), "placement"))


def _compared(obj: Array, body: Array, height: float) -> Array:
    """Points (N, 3) of the object, and of the body (M, 3) what is not far below the `height` that the object stands at."""
    return np.concatenate([obj, body[body[:, 2] > min(height - BELOW, float(body[:, 2].max()) - 2 * BELOW)]])


def show_at_rest(stage: Stage, person: Person, job: ObjectJob, seed: int, rest: RestPose) -> Steps[None]:
    """Put object and person where an undisturbed variant has them, and light the room. seed: base seed of all streams."""
    variant = draw_variant(seed, VideoId(job.obj, person.name, job.settings.scene, 0), job.settings)
    yield from stand(stage, person, job.settings, variant, rest)
    yield from stage.lights.lit(variant.light)
    yield Pause("show")
    tidy(stage)


def tidy(stage: Stage) -> None:
    """Hide bones and empties in the viewports: they are the stage's own, and cross the view."""
    layer = stage.view_layer
    for obj in stage.scene.objects:
        if obj.type in ("ARMATURE", "EMPTY") and obj.instance_type != "COLLECTION":
            obj.hide_set(True, view_layer=layer)


def resize(stage: Stage, scale: tuple[float, float, float]) -> None:
    """Show the object at another scale where it stands: turned alike, on the same height, over the same point."""
    imported = stage.imported
    matrix = np.array(imported.object.matrix_world)
    factors = np.linalg.norm(matrix[:3, :3], axis=0)
    turn = matrix[:3, :3] / factors
    before = imported.mesh.scaled(factors).transformed(turn, matrix[:3, 3]).bounds
    after = imported.mesh.scaled(np.array(scale)).transformed(turn, np.zeros(3)).bounds
    middle, own = (before[0] + before[1]) / 2, (after[0] + after[1]) / 2
    place = np.array([middle[0] - own[0], middle[1] - own[1], before[0][2] - after[0][2]])
    stage.move_object(Pose(turn, place, np.array(scale)))


def play(stage: Stage, settings: ResolvedObject, result: SettleResult, speed: float = 1.0) -> Steps[None]:
    """Move the object along its settle; it ends in the pose that was found. speed: at 1 it takes the time that it took."""
    x, y = settings.obj_pos[:2]
    start = np.array([x, y, result.support_height])
    every = max(1, round(speed / (PLAYED_FPS * result.time_step)))
    for row in [*result.trajectory[::every], result.trajectory[-1]]:
        stage.move_object(Pose(matrix_from_quat(row[3:]), row[:3] + start, result.scale))
        yield Wait(every * result.time_step / speed, "the drop is played")
