# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants: look at one in the viewport, render them, and say yes or no to what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import bpy
from bpy.app.translations import pgettext_rpt as rpt_

from ..core.errors import Problem
from ..properties import settings
from . import running, sessions
from .gallery import GALLERY, VariantRow, may_change, may_use_row, picked_rows
from .redraw import files_changed, tag_panels
from .render_steps import VariantKey, fitted_frames, render_sessions, render_steps
from .request import results_folder
from .state import STATE, ErrorView
from .threads import Work, in_thread
from .viewport import show_scene

if TYPE_CHECKING:
    from ..core.plan.items import Item
    from ..pipeline.records.decisions import Judged
    from ..pipeline.session import Session
    from ..stage.workshop import StageWorkshop
    from ..steps.effects import Steps

WHICH = (
    ("ALL", "All", "All variants that are asked for; what is up to date is left alone"),
    ("PICKED", "Picked", "The variants that are picked in the list"),
)


def _frames(rows: Sequence[VariantRow]) -> list[VariantKey]:
    return sorted({(row.category, row.seed) for row in rows})


class GRAIL_OT_render_variants(bpy.types.Operator):
    """Render the variants with Cycles, with depth, masks, joints and camera beside each picture, and judge them"""

    bl_idname = "grail.render_variants"
    bl_label = "Render Variants"

    which: bpy.props.EnumProperty(name="Which", description="Which variants are rendered", items=WHICH)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        wanted = _frames(picked_rows()) if self.which == "PICKED" else None
        return _render(self, context, wanted)


def _render(operator: bpy.types.Operator, context: bpy.types.Context, wanted: list[VariantKey] | None) -> set[str]:
    return running.run_operator(operator, "Render", lambda: render_steps(render_sessions(context, wanted)))


class GRAIL_OT_render_again(bpy.types.Operator):
    """Throw the pictures of the picked variants away and render them anew. What you decided about them stays, unless settings that change the picture were changed meanwhile"""

    bl_idname = "grail.render_again"
    bl_label = "Render Again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return may_change(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        rows = picked_rows()
        for row in rows:
            if row.picture is not None:
                row.picture.unlink(missing_ok=True)  # what its manifest lists is not there any more, so it is made
        return _render(self, context, _frames(rows))


class GRAIL_OT_fit_camera(bpy.types.Operator):
    """Move the camera of the picked variants so that object and whole person just fit the picture, and render them. Other pictures come of it, so look at them anew: what you decided about the old ones ends with them"""

    bl_idname = "grail.fit_camera"
    bl_label = "Fit Camera"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return may_use_row(cls, made=False) and running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        known, rows = fitted_frames(context), picked_rows()
        frames = _frames(rows)
        for category, seed in frames:
            if (category, seed) not in known:
                settings(context).fitted.add().name = f"{category}/{seed}"
        self.report({"INFO"}, rpt_("The camera of these variants is fitted from now on"))
        decided = sum(bool(row.decision) and (row.category, row.seed) not in known for row in rows)
        if decided:
            ends = rpt_("New pictures: what you decided about the old ones ends: {count}")
            self.report({"WARNING"}, ends.format(count=decided))
        return _render(self, context, frames)


class GRAIL_OT_free_camera(bpy.types.Operator):
    """Give the picked variants the camera that was drawn for them again; render them to see it. What you decided about the fitted pictures ends with them"""

    bl_idname = "grail.free_camera"
    bl_label = "Camera as Drawn"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return may_use_row(cls, made=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        fitted, wanted = settings(context).fitted, {f"{c}/{s}" for c, s in _frames(picked_rows())}
        for index in reversed([i for i, item in enumerate(fitted) if item.name in wanted]):
            fitted.remove(index)
        return {"FINISHED"}


class GRAIL_OT_preview_variant(bpy.types.Operator):
    """Place object and person, light the room and look through the camera of this variant in the viewport, unrendered"""

    bl_idname = "grail.preview_variant"
    bl_label = "Preview"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.background:
            cls.poll_message_set("There is no viewport in the background")
            return False
        return may_use_row(cls, made=False) and running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        row = GALLERY.active_row
        assert row is not None  # `poll` has looked

        def steps() -> Steps[None]:
            fit = {"rendering__camera_fit": True} if (row.category, row.seed) in fitted_frames(context) else {}
            extra = {"category": row.category, "rendering__num_rand_scenes": [row.seed, row.seed], **fit}
            return _preview_steps(sessions.opening(context, sessions.RENDER, **extra), row.video_id)

        return running.run_operator(self, "Preview", steps)


def _preview_steps(opening: Steps[Session], video_id: str) -> Steps[None]:
    """Settle where that is needed, then set the stage up as for the picture, and look through its camera."""
    from ..core.errors import InputError, Problem
    from ..core.settle.rest import settled
    from ..steps.effects import offload

    session = yield from opening
    jobs = yield from offload(lambda: session.jobs, "planning")
    found = [(job, item) for job in jobs.ready for item in job.renders if str(item.vid) == video_id]
    if not found:
        problems = [problem for _, missing in jobs.missing for problem in missing]
        raise InputError(problems or [Problem(f"{video_id} is not asked for.", "Look at Setup.")])
    job, item = found[0]
    shop: StageWorkshop = session.workshop
    if job.settle is None:
        yield from shop.open(job)
        rest = shop.unsettled(job)
    else:
        if not (yield from _settled_first(session, job.settle)):
            return
        rest = settled(session.records.settled_state(job.obj))
        yield from shop.open(job)
    yield from shop.preview(job, item, rest)
    yield from show_scene(bpy.context, lambda: shop.stage.scene, through_camera=True)


def _settled_first(session: Session, item: Item) -> Steps[bool]:
    """Settle the object where its state is missing or out of date; False where that failed, which is told."""
    from ..steps.effects import offload

    fresh = yield from offload(lambda: session.records.freshness(item), "hashing")
    if fresh.fresh:
        return True
    request = session.request
    keys = {"skip_step3": True, "skip_done": True}
    alone = sessions.session_maker()(replace(request, config=request.config.model_copy(update=keys)))
    yield from offload(lambda: alone.jobs, "planning")
    yield from alone.run()
    return alone.failed == 0


DECISIONS = (
    ("approve", "Approve", "This variant may be sent, whatever the checks say"),
    ("reject", "Reject", "This variant is never sent"),
    ("clear", "Clear Decision", "Let the checks decide about this variant again"),
)


class GRAIL_OT_decide(bpy.types.Operator):
    """Say whether the picked variants are good; your word counts more than the checks"""

    bl_idname = "grail.decide"
    bl_label = "Decide"

    decision: bpy.props.EnumProperty(name="Decision", description="What you say of them", items=DECISIONS)

    @classmethod
    def description(cls, context: bpy.types.Context, properties: GRAIL_OT_decide) -> str:
        text = next(about for name, _, about in DECISIONS if name == properties.decision)
        return bpy.app.translations.pgettext_tip(text)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return may_use_row(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..core.gate.decisions import Decision
        from ..core.layout import ResultsLayout
        from ..pipeline.judge import decide_folder

        time = datetime.now(UTC).isoformat(timespec="seconds")
        word = Decision(decision=self.decision, by="panel", time=time)
        names = {row.video_id: word for row in picked_rows()}
        layout = ResultsLayout(results_folder(context))
        in_thread(lambda: decide_folder(layout, names), _decided)
        return {"FINISHED"}


def _decided(work: Work[Judged]) -> None:
    files_changed()
    if work.error is not None:
        running.show_error(work.error)
    elif work.value is not None and work.value.problems:
        STATE.error = ErrorView(tuple(map(Problem, work.value.problems)))
    tag_panels()


CLASSES = (
    GRAIL_OT_render_variants,
    GRAIL_OT_render_again,
    GRAIL_OT_fit_camera,
    GRAIL_OT_free_camera,
    GRAIL_OT_preview_variant,
    GRAIL_OT_decide,
)
