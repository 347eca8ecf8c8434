# SPDX-License-Identifier: GPL-3.0-or-later
"""Drains steps to their end in this thread, answering every effect at once: command line, scripts, workers, tests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..core.clock import Clock, SystemClock
from ..core.errors import UserError
from ..steps.effects import Begin, Effect, Offload, Pause, Render, Steps, Wait, stop
from ..steps.events import Event

T = TypeVar("T")

LONGEST_SLEEP = 0.2
"""Seconds between two looks at whether the user wants to stop."""


class Cancelled(Exception):
    """The user asked to stop, and the steps were closed."""


def render_in_this_blender(effect: Render) -> None:
    """Answer a `Render` here and now. Raises UserError where no picture came out."""
    from ..stage.render.execute import render_now

    render_now(effect)


def drain(
    steps: Steps[T],
    on_event: Callable[[Event], None] = lambda _: None,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
    render: Callable[[Render], None] = render_in_this_blender,
    before_long: Callable[[], None] = lambda: None,
) -> T:
    """Run `steps` to their end; returns their result.

    on_event: is given each event. is_cancelled: asked at every `Pause` and before a `Render` or `Wait`; once it is true the
    steps are stopped and Cancelled is raised. clock: sleeps where the steps wait. before_long: called where what comes next
    may keep the interpreter.
    """
    clock = clock or SystemClock()
    answer: object = None
    error: BaseException | None = None
    threads, begun = one_thread("grail-offload"), one_thread("grail-begun")
    try:
        while True:
            try:
                said = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                result: T = end.value
                return result
            answer, error = None, None
            if isinstance(said, Event):
                on_event(said)
            elif isinstance(said, Begin):
                answer = begun.submit(said.work)
            elif not isinstance(said, Offload) and is_cancelled():
                raise Cancelled
            elif isinstance(said, Pause):
                if said.long:
                    before_long()
            else:
                answer, error = _answered(said, threads, render, clock, is_cancelled)
    except Cancelled:
        stop(steps, on_event)
        raise
    finally:
        threads.shutdown(wait=True)
        begun.shutdown(wait=True)
        steps.close()


def one_thread(name: str) -> ThreadPoolExecutor:
    """Does one piece of work after another in a thread."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)


Answered = tuple[object, BaseException | None]
"""An answer, or the error to throw into the steps."""


def _answered(
    effect: Effect,
    threads: ThreadPoolExecutor,
    render: Callable[[Render], None],
    clock: Clock,
    is_cancelled: Callable[[], bool],
) -> Answered:
    match effect:
        case Offload():
            future = threads.submit(effect.work)
            error = future.exception()
            return (None, error) if error is not None else (future.result(), None)
        case Render():
            try:
                render(effect)
            except UserError as failed:
                return None, failed
        case Wait():
            end = clock.monotonic() + effect.seconds
            while (left := end - clock.monotonic()) > 0:
                if is_cancelled():
                    raise Cancelled
                clock.sleep(min(left, LONGEST_SLEEP))
    return None, None
