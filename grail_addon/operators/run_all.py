# SPDX-License-Identifier: GPL-3.0-or-later
"""Run All: scale where a key is there, settle, render; then the question whether to send, which names the sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

from ..properties import settings
from . import render_steps, running, sessions, video_queue
from .request import request_inputs, set_override
from .scale import size_key
from .state import STATE

if TYPE_CHECKING:
    from ..pipeline.session import Session
    from ..steps.effects import Steps

ASK_SECONDS = 0.5
"""Between two looks whether the sum is known."""


def _probe_session(context: bpy.types.Context) -> Steps[Session | None]:
    """The session that probes the sizes that nobody has set in the panels as they are now; None where there are none, or the
    vision model cannot be asked, and sizes stay as they are."""
    from ..steps.effects import offload

    by_workers = render_steps.in_background()
    keys = {**sessions.PROBE, "skip_done": True, **({"farm.workers": 1} if by_workers else {})}
    inputs, session_of = request_inputs(context), sessions.session_maker(by_workers=by_workers)

    def made() -> Session | None:
        from ..pipeline.paid import key_problems

        request = inputs.load(keys)
        own = dict(inputs.own)
        unset = [name for name in request.categories if size_key(name) not in own]
        if not unset:
            return None
        if len(unset) < len(request.categories):
            request = inputs.load({**keys, "category": unset})
        session = session_of(request)
        paid = session.paid
        return None if paid is None or key_problems(request, session.options, paid.secrets) else session

    return offload(made, "planning")


def _steps(context: bpy.types.Context) -> Steps[int]:
    """All that is made without paying for videos; how many items failed."""
    return _probed_steps(context, _probe_session(context), render_steps.render_sessions(context))


def _probed_steps(
    context: bpy.types.Context, probing: Steps[Session | None], rendering: Steps[list[Session]]
) -> Steps[int]:
    """rendering: with the sizes as they are."""
    from ..steps.effects import offload

    probe = yield from probing
    if probe is None:
        return (yield from render_steps.render_steps(rendering))
    yield from offload(lambda: probe.jobs, "planning")
    yield from render_steps.probe_steps(probe)
    for category, scale in (yield from offload(lambda: _found_sizes(probe), "sizes")).items():
        set_override(context, size_key(category), scale)
    return (yield from render_steps.render_steps(render_steps.render_sessions(context)))


def _found_sizes(probe: Session) -> dict[str, list[float]]:
    """The scale of each object whose size is another than configured, by category."""
    found = {}
    for job in probe.jobs.ready:
        if job.probe is not None and probe.records.freshness(job.probe).fresh:
            scale = [float(factor) for factor in probe.records.scale(job.obj)["obj_scale"]]
            if scale != list(job.settings.obj_scale):
                found[job.obj.category] = scale
    return found


class GRAIL_OT_run_all(bpy.types.Operator):
    """Do it all: find and take each object's size where a key is there and you have set none, let it settle, and render and judge the variants"""

    bl_idname = "grail.run_all"
    bl_label = "Run All"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        with_videos = settings(context).with_videos and not bpy.app.background

        def ended(failed: int | None) -> None:
            if with_videos and failed is not None:
                _ASKING.has_written = False
                bpy.app.timers.register(_ask, first_interval=ASK_SECONDS, persistent=True)

        return running.run_operator(self, "Run All", lambda: _steps(context), ended)


@dataclass
class _Asking:
    """has_written: whether the prompts of this run were asked for; only once, or a refusal would be asked for ever."""

    has_written: bool = False


_ASKING = _Asking()


def _ask() -> float | None:
    """Have the prompts written where the vision model does that, then open the dialog that names the sum, once it is known."""
    video_queue.keep_queue_current(bpy.context)
    if not video_queue.is_current(bpy.context) or STATE.is_running:
        return ASK_SECONDS
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window):
        if not _ASKING.has_written and bpy.ops.grail.write_prompts.poll():
            _ASKING.has_written = True
            bpy.ops.grail.write_prompts()
            return ASK_SECONDS
        if bpy.ops.grail.send_to_kling.poll():
            bpy.ops.grail.send_to_kling("INVOKE_DEFAULT")
    return None


def unregister() -> None:
    """Do not ask any more."""
    if bpy.app.timers.is_registered(_ask):
        bpy.app.timers.unregister(_ask)


CLASSES = (GRAIL_OT_run_all,)
