# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle: drops the object onto its support, plays the drop, and says how it rests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

from ..properties import STAGE_MARK, settings
from . import running, sessions
from .scale_view import note_size
from .state import STATE
from .viewport import frame_object, push_undo, show_home, show_scene

if TYPE_CHECKING:
    from ..core.plan.items import ObjectJob
    from ..core.settle.result import SettleResult
    from ..pipeline.session import Session
    from ..steps.effects import Steps


@dataclass(frozen=True)
class SettleView:
    """What the panel shows of a settled object. reasons: sentences. is_own: a person has set the pose; drops: how often it
    was dropped; support: empty for the floor."""

    dataset: str
    category: str
    verdict: str
    confidence: float
    tip_angle_deg: float
    drift_mm: float
    gap_mm: float
    support: str
    reasons: tuple[str, ...]
    drops: int
    is_own: bool

    @classmethod
    def of(cls, job: ObjectJob, result: SettleResult) -> SettleView:
        verdict = "rolls" if result.rolls else "stable"
        return cls(
            job.obj.dataset, job.obj.category, verdict if result.usable else "fail", result.confidence, result.tip_angle_deg,
            result.drift_mm, max(result.gap_mm, result.penetration_mm), result.support_name, result.reasons,
            result.drops, result.source == "user",
        )  # fmt: skip


def settled_object() -> SettleView | None:
    """What was settled last; None where nothing was."""
    view: SettleView | None = STATE.views.get("settle")
    return view


def first_job(session: Session) -> ObjectJob:
    from ..core.errors import InputError

    if not session.jobs.ready:
        raise InputError([problem for _, problems in session.jobs.missing for problem in problems])
    return session.jobs.ready[0]


def planned(session: Session) -> None:
    """Load what makes a stage and hash the assets, for a thread: the first time takes a while."""
    from ..core.settle import rest  # noqa: F401
    from ..stage import workshop  # noqa: F401
    from ..stage.room import show  # noqa: F401

    _ = session.jobs


def settle_steps(opening: Steps[Session]) -> Steps[tuple[ObjectJob, SettleResult] | None]:
    """Settle all objects that the panels ask for; then show the first one's drop. None where that one failed."""
    from ..steps.effects import offload

    session = yield from opening
    yield from offload(lambda: planned(session), "planning")
    from ..core.settle.rest import settled
    from ..stage.room.show import play, show_at_rest

    job = first_job(session)
    yield from session.run()
    if session.failed:
        return None
    result = session.records.settled_state(job.obj)
    shop = sessions.kept_workshop()
    if shop is None or bpy.app.background:
        return job, result
    yield from shop.open(job)
    yield from show_at_rest(shop.stage, shop.person, job, session.request.config.seed, settled(result))
    yield from show_scene(bpy.context, lambda: shop.stage.scene)
    yield from frame_object(bpy.context, lambda: [shop.stage.imported.object])
    yield from play(shop.stage, job.settings, result, settings(bpy.context).play_speed)
    yield from note_size(session, job, shop)
    return job, result


class GRAIL_OT_settle(bpy.types.Operator):
    """Drop each object onto its support with Blender's physics until it rests, and show how it stands and how sure that is"""

    bl_idname = "grail.settle"
    bl_label = "Settle"

    seed: bpy.props.IntProperty(
        name="Seed", description="Tilts the drops in another way; 0 keeps the pipeline file's", default=0, min=0
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        extra = {"simulation__seed": self.seed} if self.seed else {}
        return running.run_operator(
            self, "Settle", lambda: settle_steps(sessions.opening(context, sessions.SETTLE, **extra)), show_settled
        )


def show_settled(found: tuple[ObjectJob, SettleResult] | None) -> None:
    if found is not None:
        STATE.views["settle"] = SettleView.of(*found)
        if not bpy.app.background:
            push_undo("GRAIL: Settle")


class GRAIL_OT_replay(bpy.types.Operator):
    """Play the drop of the settled object once more"""

    bl_idname = "grail.replay"
    bl_label = "Replay"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if "settle" not in STATE.views:
            cls.poll_message_set("Settle an object first")
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(self, "Replay", lambda: _replay_steps(sessions.opening(context, sessions.SETTLE)))


def _replay_steps(opening: Steps[Session]) -> Steps[None]:
    from ..steps.effects import offload

    session = yield from opening
    yield from offload(lambda: planned(session), "planning")
    from ..stage.room.show import play

    job, shop = first_job(session), sessions.keep_workshop_of(session)
    yield from shop.open(job)
    yield from show_scene(bpy.context, lambda: shop.stage.scene)
    result = session.records.settled_state(job.obj)
    yield from play(shop.stage, job.settings, result, settings(bpy.context).play_speed)


class GRAIL_OT_show_my_scene(bpy.types.Operator):
    """Show your own scene in this window again; the stage stays ready"""

    bl_idname = "grail.show_my_scene"
    bl_label = "Back to My Scene"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if STAGE_MARK not in context.scene:
            cls.poll_message_set("This window shows your scene already")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        show_home(context)
        return {"FINISHED"}


CLASSES = (GRAIL_OT_settle, GRAIL_OT_replay, GRAIL_OT_show_my_scene)
