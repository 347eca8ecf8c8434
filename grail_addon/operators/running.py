# SPDX-License-Identifier: GPL-3.0-or-later
"""Drains steps for operators: from a timer in the window, to the end at once in a Blender without one.

This is the operators' boundary: what a step runs into, foreseen or not, becomes an error in the panel.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import bpy
from bpy.app.handlers import persistent

from ..core.errors import Problem
from ..drivers.blocking import drain
from ..drivers.window import Renderer, WindowDriver
from ..preferences import preferences
from ..steps.effects import Steps
from ..steps.events import Event
from . import state
from .online import note_online_access
from .redraw import show_in_status_bar, tag_panels
from .request import file_at_fault, working_folder
from .spoken import spoken_problem
from .state import STATE, ErrorView, Progress

T = TypeVar("T")
REDRAW_SECONDS = 0.1
IDLE_SECONDS = 0.05

OnEnd = Callable[[T | None], None]


class _Run:
    """What is being drained in the window. There is at most one."""

    def __init__(self) -> None:
        self.driver: WindowDriver | None = None
        self.job = None
        self.drawn = 0.0


_RUN = _Run()


def start(title: str, steps: Callable[[], Steps[T]], on_end: OnEnd = lambda _: None, on_event: Callable[[Event], None] = lambda _: None) -> bool:  # fmt: skip
    """Drain what `steps` makes. In the window this returns at once, and `on_end` follows with the result, None after a
    cancel or an error; in the background it returns when all is done. False where it could not be started or failed."""
    STATE.progress, STATE.error = Progress(title, time.monotonic()), None
    note_online_access()

    def heard(event: Event) -> None:
        _note(event)
        on_event(event)

    if bpy.app.background:
        return _drain_here(steps, on_end, heard)
    try:
        _RUN.job = _renderer()
        _RUN.driver = WindowDriver(steps(), _RUN.job, heard, on_end)
    except Exception as error:
        _fail(error)
        return False
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, persistent=True)
    _draw(force=True)
    return True


def _renderer() -> Renderer:
    """What answers renders of the steps themselves; those of the background Blender are none of them."""
    if preferences().render_backend == "THIS":
        from ..stage.render.job import RenderJob

        return RenderJob()
    from ..stage.render.execute import RenderHere

    return RenderHere()


def _drain_here(steps: Callable[[], Steps[T]], on_end: OnEnd, heard: Callable[[Event], None]) -> bool:
    try:
        on_end(drain(steps(), heard))
    except Exception as error:
        _fail(error)
        return False
    finally:
        _ended()
    return STATE.progress is None or not STATE.progress.failed


def cancel() -> None:
    """Ask the run to stop; it does so at its next pause."""
    if _RUN.driver is not None and STATE.progress is not None:
        STATE.progress.is_stopping = True
        _RUN.driver.cancel()
        _draw(force=True)


def _tick() -> float | None:
    """Blender's timer: an exception that left it would only be printed."""
    driver = _RUN.driver
    if driver is None:
        return None
    note_online_access()
    try:
        wait = driver.tick()
    except Exception as error:
        _fail(error)
        driver.stop()
        wait = None
    if STATE.progress is not None:
        STATE.progress.part = driver.part
        STATE.progress.waits = driver.waits_for_text
    if wait is None:
        _ended()
    _draw(force=wait is None)
    return wait


def _ended() -> None:
    STATE.changes += 1
    if STATE.progress is not None:
        STATE.progress.is_running = STATE.progress.is_stopping = False
    if _RUN.job is not None:
        _RUN.job.close()
    _RUN.driver = _RUN.job = None


def show_error(error: Exception) -> None:
    """Show in the panel what went wrong."""
    from ..pipeline.attempt import failure_of

    STATE.error = _error_view(failure_of(error).problems)
    STATE.log.extend(("ERROR", sentence) for sentence in STATE.error.sentences)
    tag_panels()


def _error_view(problems: tuple[Problem, ...], item: str = "", detail: str = "") -> ErrorView:
    files = [file_at_fault(problem, working_folder()) for problem in problems]
    details = [detail, *(problem.detail for problem in problems)]
    return ErrorView(problems, item, "\n".join(filter(None, details)), next(filter(None, files), ""))


def _fail(error: Exception) -> None:
    show_error(error)
    if STATE.progress is not None:
        STATE.progress.is_running = False


def _note(event: Event) -> None:
    """Take an event into what the panels show."""
    progress = STATE.progress
    if progress is None:
        return
    if event.kind == "plan":
        progress.total = int(event.data["items"])
    elif event.kind == "start":
        progress.item, progress.item_started = event.item, time.monotonic()
    elif event.kind in ("done", "skip", "fail"):
        if event.item == progress.item:  # the next one may have begun before
            progress.item = ""
        progress.failed += event.kind == "fail"
        progress.done += event.kind != "fail"
        if event.kind == "done":
            progress.item_seconds.append(event.seconds)
        if event.kind == "fail":
            problems = tuple(Problem(**said) for said in event.data.get("problems", ())) or (Problem(event.message),)
            STATE.error = _error_view(problems, event.item, str(event.data.get("detail", "")))
    if event.kind in ("done", "fail") or (event.kind == "progress" and event.step == "video"):
        STATE.changes += 1
    if event.message:
        level = {"fail": "ERROR", "note": "INFO"}.get(event.kind, "")
        STATE.log.append((level, f"{event.item}: {event.message}" if event.item else event.message))


def _draw(force: bool = False) -> None:
    now = time.monotonic()
    if force or now - _RUN.drawn >= REDRAW_SECONDS:
        _RUN.drawn = now
        tag_panels()
        show_in_status_bar(STATE.progress)


@persistent
def _on_load_pre(*_: object) -> None:
    """Another file is about to be opened: what runs is stopped, since its stage goes."""
    if _RUN.driver is not None:
        _RUN.driver.stop()
        _ended()


@persistent
def _on_load_post(*_: object) -> None:
    state.clear()


def register() -> None:
    bpy.app.handlers.load_pre.append(_on_load_pre)
    bpy.app.handlers.load_post.append(_on_load_post)


def unregister() -> None:
    if _RUN.driver is not None:
        _RUN.driver.stop()
        _ended()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    for handlers, handler in ((bpy.app.handlers.load_pre, _on_load_pre), (bpy.app.handlers.load_post, _on_load_post)):
        if handler in handlers:
            handlers.remove(handler)
    show_in_status_bar(None)
    state.clear()


def may_start(operator: type[bpy.types.Operator]) -> bool:
    """For `poll`: whether nothing runs yet; where something does, the tooltip says so."""
    if STATE.is_running:
        operator.poll_message_set("Something is running; wait for it or stop it first")
        return False
    return True


def run_operator(operator: bpy.types.Operator, title: str, steps: Callable[[], Steps[T]], on_end: OnEnd = lambda _: None) -> set[str]:  # fmt: skip
    """Start `steps` for an operator; what it returns. An error is reported, so that a script that called it gets it raised."""
    return {"FINISHED"} if start(title, steps, on_end) else refused(operator)


def attempted(operator: bpy.types.Operator, work: Callable[[], T]) -> T | None:
    """What `work` returns, for an operator that does it at once; None where it failed, which is shown and reported."""
    try:
        return work()
    except Exception as error:
        show_error(error)
        refused(operator)
        return None


def refused(operator: bpy.types.Operator) -> set[str]:
    """Report the error that the panel shows; what the operator returns."""
    sentences = (
        [f"{operator.bl_label} failed."] if STATE.error is None else list(map(spoken_problem, STATE.error.problems))
    )
    operator.report({"ERROR"}, "\n".join(sentences))
    return {"CANCELLED"}


def may_stop(operator: type[bpy.types.Operator]) -> bool:
    """For `poll`: whether something runs that can be stopped; where nothing does, the tooltip says so."""
    if not STATE.is_running:
        operator.poll_message_set("Nothing is running")
    return STATE.is_running
