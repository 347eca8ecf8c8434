# SPDX-License-Identifier: GPL-3.0-or-later
"""Scale: how large the object is, asked of a vision model or a table, or set by a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bpy

from . import render_steps, running, sessions
from .online import may_use_network
from .request import build_request, clear_override, override_text, set_override
from .scale_view import Scale, ScaleView, note_size, scale_view
from .settle import first_job, planned
from .state import STATE
from .viewport import frame_object, push_undo, show_scene

if TYPE_CHECKING:
    from ..core.plan.items import ObjectJob
    from ..core.settle.rest import RestPose
    from ..pipeline.session import Session
    from ..stage.workshop import StageWorkshop
    from ..steps.effects import Steps

SMALLER, BIGGER = 0.9, 1.1
DIGITS = 6


def size_key(category: str) -> str:
    """Key path of the scale that a person has set for an object."""
    return f"objects.{category}.obj_scale"


def _opened_and_shown(opening: Steps[Session]) -> Steps[ScaleView]:
    return (yield from _show_steps((yield from opening)))


def _show_steps(session: Session, scale: Any = None) -> Steps[ScaleView]:
    """Open the first object's stage and show it beside the person; at `scale`, or as the request has it."""
    from ..steps.effects import offload

    yield from offload(lambda: planned(session), "planning")
    from ..stage.room.show import resize, show_at_rest

    job = first_job(session)
    shop = sessions.keep_workshop_of(session)
    yield from shop.open(job)
    rest = yield from _rest(session, job, shop)
    yield from show_at_rest(shop.stage, shop.person, job, session.request.config.seed, rest)
    view = yield from note_size(session, job, shop, scale)
    if scale is not None:
        resize(shop.stage, view.scale)
    if not bpy.app.background:
        yield from show_scene(bpy.context, lambda: shop.stage.scene)
        yield from frame_object(bpy.context, lambda: [shop.stage.imported.object, *_body(shop)])
    return view


def _body(shop: StageWorkshop) -> list[bpy.types.Object]:
    """The person's meshes on the stage."""
    number = shop.person.number
    return [obj for obj in shop.stage.scene.objects if obj.type == "MESH" and obj.pass_index == number]


def _rest(session: Session, job: ObjectJob, shop: StageWorkshop) -> Steps[RestPose]:
    """How the object rests where that is known and up to date, else as configured."""
    from ..core.settle.rest import settled
    from ..steps.effects import offload

    item = job.settle
    if item is not None and (yield from offload(lambda: session.records.freshness(item), "hashing")).fresh:
        return settled(session.records.settled_state(job.obj))
    return shop.unsettled(job)


class GRAIL_OT_show_size(bpy.types.Operator):
    """Show the object beside the person, with its measures drawn in the viewport"""

    bl_idname = "grail.show_size"
    bl_label = "Show Size"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(
            self, "Show Size", lambda: _opened_and_shown(sessions.opening(context, sessions.SETTLE)), _shown
        )


def _shown(view: ScaleView | None) -> None:
    if view is not None and not bpy.app.background:
        push_undo("GRAIL: Scale")


class GRAIL_OT_probe_scale(bpy.types.Operator):
    """Make pictures of the object beside the person and ask the vision model whether its size is right, until it is. Costs a few cents for each object"""

    bl_idname = "grail.probe_scale"
    bl_label = "Ask the Vision Model"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        asks = override_text(context, "scale.evaluator") != '"prior"'
        if asks and not bpy.app.background and not may_use_network(cls):
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(self, "Scale", lambda: _probe(context), _shown)


class GRAIL_OT_usual_size(bpy.types.Operator):
    """Give the object the size that such things usually have, by a table; nobody is asked"""

    bl_idname = "grail.usual_size"
    bl_label = "Take the Usual Size"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(self, "Scale", lambda: _probe(context, scale__evaluator="prior"), _shown)


def _probe(context: bpy.types.Context, **extra: Any) -> Steps[ScaleView | None]:
    by_workers = render_steps.in_background()
    workers = {"farm__workers": 1} if by_workers else {}
    return _probe_steps(sessions.opening(context, sessions.PROBE, by_workers=by_workers, **extra, **workers))


def _probe_steps(opening: Steps[Session]) -> Steps[ScaleView | None]:
    """Probe all objects; then show the first one at the scale that was found. None where its probe failed."""
    from ..steps.effects import offload

    session = yield from opening
    if (yield from render_steps.probe_steps(session)):
        return None
    yield from offload(lambda: session.jobs, "planning")
    scale = session.records.scale(first_job(session).obj)["obj_scale"]
    return (yield from _show_steps(session, scale))


class GRAIL_OT_resize(bpy.types.Operator):
    """Show the object a tenth smaller or larger; Accept makes it count"""

    bl_idname = "grail.resize"
    bl_label = "Resize"

    factor: bpy.props.FloatProperty(name="Factor", description="Times the size that is shown", default=BIGGER, min=0.01)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if scale_view() is None:
            cls.poll_message_set("Show the object's size first")
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        view = scale_view()
        assert view is not None  # the poll asked
        x, y, z = (factor * self.factor for factor in view.scale)
        if running.attempted(self, lambda: _resized((x, y, z))) is None:
            return {"CANCELLED"}
        STATE.views["scale"] = replace(view, scale=(x, y, z))
        return {"FINISHED"}


def _resized(scale: Scale) -> Scale:
    """The scale, at which the object on the stage is shown by now, where there is one."""
    from ..stage.room.show import resize

    shop = sessions.kept_workshop()
    if shop is not None:
        resize(shop.stage, scale)
    return scale


class GRAIL_OT_accept_size(bpy.types.Operator):
    """Use the size that is shown for this object in all that follows; what was settled or rendered at another size is made again"""

    bl_idname = "grail.accept_size"
    bl_label = "Accept"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        view = scale_view()
        if view is None or not view.is_changed:
            cls.poll_message_set("The size that is shown counts already")
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        view = scale_view()
        assert view is not None  # the poll asked
        x, y, z = (round(factor, DIGITS) for factor in view.scale)
        set_override(context, size_key(view.category), [x, y, z])
        STATE.views["scale"] = replace(view, scale=(x, y, z), configured=(x, y, z))
        self.report({"INFO"}, f"{view.category}: {max(view.sides_cm):.1f} cm")
        return {"FINISHED"}


class GRAIL_OT_reset_size(bpy.types.Operator):
    """Take the size that the pipeline file gives"""

    bl_idname = "grail.reset_size"
    bl_label = "Reset Size"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        view = scale_view()
        if view is None or not (view.is_changed or override_text(context, size_key(view.category))):
            cls.poll_message_set("The pipeline file's size counts already")
            return False
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        view = scale_view()
        assert view is not None  # the poll asked
        clear_override(context, size_key(view.category))
        scale = running.attempted(self, lambda: _resized(build_request(context).settings[view.category].obj_scale))
        if scale is None:
            return {"CANCELLED"}
        STATE.views["scale"] = replace(view, scale=scale, configured=scale)
        return {"FINISHED"}


CLASSES = (
    GRAIL_OT_show_size,
    GRAIL_OT_probe_scale,
    GRAIL_OT_usual_size,
    GRAIL_OT_resize,
    GRAIL_OT_accept_size,
    GRAIL_OT_reset_size,
)
