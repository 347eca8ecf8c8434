# SPDX-License-Identifier: GPL-3.0-or-later
"""Effects: what a step asks of the driver that runs it. A step is a generator that never blocks; where it would, it yields one
of these and is sent the result, or has the error thrown into it.

Drivers answer them: `drivers.blocking` at once, `drivers.window` when the time has come.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .events import Event

T = TypeVar("T")


@dataclass(frozen=True)
class Render:
    """A Cycles render of the scene called `scene`, whose settings are in place, written to `path` (suffix included) in
    the scene's output format. Result: None. Throws UserError where no picture came out."""

    scene: str
    path: Path


@dataclass(frozen=True, eq=False)
class Offload:
    """Work in a thread: plain data in, plain data out; it touches no bpy and no SQLite. Result: what it returns;
    throws what it raises. `what` names it in timings."""

    work: Callable[[], Any]
    what: str = ""


@dataclass(frozen=True, eq=False)
class Begin:
    """Work as of `Offload` in a thread of its own, for which the steps do not wait. Result: a Future of it at once. What
    was begun is ended before a driver returns, whatever happens."""

    work: Callable[[], Any]


@dataclass(frozen=True)
class Wait:
    """Nothing to do for `seconds`; `why` is said to the user. Result: None."""

    seconds: float
    why: str = ""


@dataclass(frozen=True)
class Pause:
    """A safe place to stop, redraw or cancel; at least one for each Blender operator or Bullet frame, none between things
    that belong together, as a picture and its records. Result: None. `part` names what comes next in timings. `long`: it may
    keep Python's interpreter for seconds, as an importer does with a large file."""

    part: str = ""
    long: bool = False


Effect = Render | Offload | Begin | Wait | Pause
Steps = Generator[Effect | Event, Any, T]
"""A step that ends with a T. Closing it cancels: nothing half-made stays."""


class Stop(BaseException):
    """What a driver throws into the steps where the user wants to stop: they may still say what was finished, by events
    alone, and pass it on."""


def stop(steps: Steps[Any], on_event: Callable[[Event], None]) -> None:
    """Tell `steps` to stop, and close them. on_event: is given what they say at last."""
    try:
        said = steps.throw(Stop())
        while isinstance(said, Event):
            on_event(said)
            said = next(steps)
    except (Stop, StopIteration):
        pass
    finally:
        steps.close()


def begin(work: Callable[[], T]) -> Steps[Future[T]]:
    """A Future of `work`, begun in a thread; see `Begin`."""
    future: Future[T] = yield Begin(work)
    return future


def offload(work: Callable[[], T], what: str = "") -> Steps[T]:
    """Result of `work`, done in a thread; see `Offload`."""
    result: T = yield Offload(work, what)
    return result


def at_once(steps: Steps[T]) -> T:
    """Result of steps that do nothing but pause and offload, for those who have the time."""
    answer: Any = None
    while True:
        try:
            effect = steps.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result
        if not isinstance(effect, (Pause, Offload)):
            steps.close()
            raise TypeError(f"these steps want an answer to {effect!r}")
        answer = effect.work() if isinstance(effect, Offload) else None


def mapped(steps: Steps[T], change: Callable[[Event], Event]) -> Steps[T]:
    """`steps` with each of its events changed on the way; effects and their answers pass as they are."""

    def relay(said: Effect | Event) -> Steps[Any]:
        return (yield change(said) if isinstance(said, Event) else said)

    return relayed(steps, relay)


def relayed(steps: Steps[T], relay: Callable[[Effect | Event], Steps[Any]]) -> Steps[T]:
    """`steps` with all that they say passed on by `relay`, whose result or error they get as the answer."""
    answer: Any = None
    error: Exception | None = None
    try:
        while True:
            try:
                said = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                result: T = end.value
                return result
            answer = error = None
            try:
                answer = yield from relay(said)
            except Exception as thrown:  # what a driver throws as the answer to an effect belongs to the inner steps
                error = thrown
    finally:
        steps.close()
