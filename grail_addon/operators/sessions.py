# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions for operators, on one stage that stays open between them, so that settling, looking and rendering share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bpy

from ..preferences import key_environment
from .online import may_connect, note_online_access
from .request import build_request, request_loader

if TYPE_CHECKING:
    from ..core.clock import Clock
    from ..core.config.request import Request
    from ..core.layout import ResultsLayout
    from ..pipeline.session import Session
    from ..stage.workshop import StageWorkshop
    from ..steps.effects import Steps
    from ..steps.options import StageOptions

SETTLE = {"skip_step1": False, "skip_step2": True, "skip_step3": True, "skip_step4": True, "skip_done": False}
PROBE = {"skip_step1": True, "skip_step2": False, "skip_step3": True, "skip_step4": True, "skip_done": False}
RENDER = {"skip_step1": False, "skip_step2": True, "skip_step3": False, "skip_step4": True, "skip_done": True}
VIDEOS = {"skip_step1": True, "skip_step2": True, "skip_step3": True, "skip_step4": False, "skip_done": True}
"""The keys that leave one step of the pipeline; what is there of the steps before is used."""


_kept: list[tuple[StageOptions, ResultsLayout, StageWorkshop]] = []


def _same(a: StageOptions, b: StageOptions) -> bool:
    """Whether one stage serves both: which seeds are rendered does not matter to it."""

    def plain(options: StageOptions) -> StageOptions:
        return replace(options, rendering=options.rendering.model_copy(update={"num_rand_scenes": 1}))

    return plain(a) == plain(b)


def keep_workshop(options: StageOptions, layout: ResultsLayout, clock: Clock) -> StageWorkshop:
    """The workshop that is open, where it fits, else a new one."""
    from ..stage.workshop import StageWorkshop

    if _kept and (not _same(_kept[0][0], options) or _kept[0][1] != layout):
        release_stage()
    if not _kept:
        _kept.append((options, layout, StageWorkshop(options, layout, clock)))
    return _kept[0][2]


def kept_workshop() -> StageWorkshop | None:
    """The workshop that is open, if one is."""
    return _kept[0][2] if _kept else None


def keep_workshop_of(session: Session) -> StageWorkshop:
    """The workshop of a session that was made here."""
    _ = session.workshop
    return _kept[0][2]


def release_stage() -> None:
    """Close the stage that is open; windows that show it show another scene then."""
    while _kept:
        _kept.pop()[2].close()


def session_for(context: bpy.types.Context, steps: Mapping[str, Any]) -> Session:
    """A session over what the panels ask for, made at once; `opening` leaves the window alive meanwhile. steps: one of
    SETTLE, PROBE, RENDER, VIDEOS. Raises InputError with all that is wrong."""
    return session_maker()(build_request(context, steps))


def opening(
    context: bpy.types.Context,
    steps: Mapping[str, Any],
    resume: bool = False,
    by_workers: bool = False,
    **extra: Any,
) -> Steps[Session]:
    """A session over what the panels ask for now; files are read in a thread. steps: as of `session_for`; resume, by_workers:
    as of `session_maker`; extra: further keys, with `__` for the dots. Raise InputError with all that is wrong."""
    from ..steps.effects import offload

    keys = {name.replace("__", "."): value for name, value in extra.items()}
    load, make = request_loader(context, {**steps, **keys}), session_maker(resume, by_workers)
    return offload(lambda: make(load()), "planning")


def session_maker(resume: bool = False, by_workers: bool = False) -> Callable[[Request], Session]:
    """What makes a session over a request on the stage that is kept, in any thread: what is asked of Blender is asked now.
    resume: only fetch videos that were sent; by_workers: what is rendered is made by another process."""
    note_online_access()
    in_window, environ = not bpy.app.background, key_environment()

    def make(request: Request) -> Session:
        from ..pipeline.options import RunOptions
        from ..pipeline.session import Session

        return Session(
            request,
            RunOptions(resume=resume, in_window=in_window, may_connect=may_connect),
            make_workshop=keep_workshop,
            keep_open=True,
            by_workers=by_workers,
            environ=environ,
        )

    return make
