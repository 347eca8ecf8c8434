# SPDX-License-Identifier: GPL-3.0-or-later
"""Other ways for an object to rest: dropped with another seed, or as a person has turned it on the stage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import bpy

from ..properties import STAGE_MARK, settings
from . import running, sessions
from .request import build_request, clear_override, set_override
from .settle import settle_steps, settled_object, show_settled

if TYPE_CHECKING:
    from ..core.plan.items import ObjectJob
    from ..core.settle.result import SettleResult
    from ..steps.effects import Steps

MOST_SKEW = 1e-3
"""Difference of the object's axes from right angles that rounding explains."""


def pose_key(category: str) -> str:
    """Key path of the pose that a person has set for an object."""
    return f"objects.{category}.obj_rest_rot"


def has_own_pose(context: bpy.types.Context, category: str) -> bool:
    """Whether a person has set the object's pose in the panel."""
    return settings(context).overrides.find(pose_key(category)) >= 0


class GRAIL_OT_drop_again(bpy.types.Operator):
    """Drop the objects once more, tilted in another way; the new seed counts for all that follows"""

    bl_idname = "grail.drop_again"
    bl_label = "Drop Again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if settled_object() is None:
            cls.poll_message_set("Settle an object first")
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(self, "Drop Again", lambda: _again(context), show_settled)


def _again(context: bpy.types.Context) -> Steps[tuple[ObjectJob, SettleResult] | None]:
    seed = build_request(context).config.simulation.seed
    set_override(context, "simulation.seed", seed + 1)
    obj = settled_object()
    if obj is not None:
        clear_override(context, pose_key(obj.category))
    return settle_steps(sessions.opening(context, sessions.SETTLE))


class GRAIL_OT_use_pose(bpy.types.Operator):
    """Rest the object as you have turned it on the stage: it is set on its support, judged as a dropped one is, and written down as yours"""

    bl_idname = "grail.use_pose"
    bl_label = "Use This Pose"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if settled_object() is None:
            cls.poll_message_set("Settle an object first")
            return False
        if STAGE_MARK not in context.scene and not bpy.app.background:
            cls.poll_message_set("Settle or Replay first, so that the stage is shown, and turn the object there")
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(self, "Use This Pose", lambda: _use(context), show_settled)


def _use(context: bpy.types.Context) -> Steps[tuple[ObjectJob, SettleResult] | None]:
    obj = settled_object()
    assert obj is not None  # the poll asked
    set_override(context, pose_key(obj.category), turned_by())
    return settle_steps(sessions.opening(context, sessions.SETTLE, category=obj.category))


def turned_by() -> list[float]:
    """XYZ Euler angles in degrees of the object on the stage. Raises UserError where it has none, or is mirrored."""
    from mathutils import Matrix

    from ..core.errors import UserError

    shop = sessions.kept_workshop()
    if shop is None:
        raise UserError("There is no stage.", "Settle an object first.")
    matrix: Matrix = shop.stage.imported.object.matrix_world.to_3x3()
    turn = matrix.normalized()
    if abs(turn.determinant() - 1.0) > MOST_SKEW:
        raise UserError("The object is mirrored or skewed on the stage, so its pose cannot be used.", "Only turn it.")
    return [round(math.degrees(angle), 6) for angle in turn.to_euler("XYZ")]


class GRAIL_OT_drop_instead(bpy.types.Operator):
    """Forget the pose that you have set, and drop the object"""

    bl_idname = "grail.drop_instead"
    bl_label = "Drop Instead"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = settled_object()
        if obj is None or not has_own_pose(context, obj.category):
            cls.poll_message_set("No pose of your own is set")
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(self, "Drop Instead", lambda: _instead(context), show_settled)


def _instead(context: bpy.types.Context) -> Steps[tuple[ObjectJob, SettleResult] | None]:
    obj = settled_object()
    assert obj is not None  # the poll asked
    clear_override(context, pose_key(obj.category))
    return settle_steps(sessions.opening(context, sessions.SETTLE, category=obj.category))


CLASSES = (GRAIL_OT_drop_again, GRAIL_OT_use_pose, GRAIL_OT_drop_instead)
