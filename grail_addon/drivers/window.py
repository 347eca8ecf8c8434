# SPDX-License-Identifier: GPL-3.0-or-later
"""Drains steps from a timer in Blender's window, a few milliseconds at a time, so that the window stays alive.

The driver knows no Blender: a timer calls `tick` again after the seconds that it returns, and a `Renderer` does the
renders. Everything but the work of an `Offload` happens in the thread that calls `tick`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ..core.clock import Clock, SystemClock
from ..core.errors import UserError
from ..steps.effects import Begin, Effect, Offload, Pause, Render, Steps, Wait, stop
from ..steps.events import Event
from .blocking import one_thread

T = TypeVar("T")

BUDGET = 0.008
"""Seconds of work in one tick, unless one Blender operator takes longer."""
POLL = 0.02
"""Seconds until the next look at what is being waited for."""


class Renderer(Protocol):
    """Renders without blocking: Blender's own render job."""

    def begin(self, effect: Render) -> None:
        """Start the render. Raises UserError where it cannot be started."""
        ...

    def poll(self) -> bool:
        """Whether the render that was begun has ended with its picture. Raises UserError where it failed."""
        ...

    def cancel(self) -> None:
        """End the render that was begun as soon as Blender allows; its picture is thrown away."""
        ...


@dataclass
class PartTimes:
    """Processor seconds of the driving thread by part of the work: longest single advance, sum and count."""

    longest: dict[str, float] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def add(self, part: str, seconds: float) -> None:
        self.longest[part] = max(self.longest.get(part, 0.0), seconds)
        self.total[part] = self.total.get(part, 0.0) + seconds
        self.count[part] = self.count.get(part, 0) + 1


class WindowDriver(Generic[T]):
    """Drains one generator of steps.

    on_event: is given each event. on_end: is called once, with the result, or None after a cancel. An error of the steps
    leaves `tick`; its caller then calls `stop`. `times` has what each part cost this thread.
    """

    def __init__(
        self,
        steps: Steps[T],
        renderer: Renderer,
        on_event: Callable[[Event], None],
        on_end: Callable[[T | None], None],
        clock: Clock | None = None,
        budget: float = BUDGET,
    ) -> None:
        self._steps, self._renderer = steps, renderer
        self._on_event, self._on_end = on_event, on_end
        self._clock, self._budget = clock or SystemClock(), budget
        self._threads, self._begun = one_thread("grail-offload"), one_thread("grail-begun")
        self._pending: Effect | None = None
        self._future: Future[object] | None = None
        self._until = 0.0
        self._answer: object = None
        self._error: Exception | None = None
        self._cancelled = False
        self._part = ""
        self.ended = False
        self.times = PartTimes()

    @property
    def waits_for(self) -> Effect | None:
        """The effect that is being answered."""
        return self._pending

    @property
    def part(self) -> str:
        """What the steps are at, as `Pause` and `Offload` name it."""
        return self._part

    @property
    def waits_for_text(self) -> str:
        """Why nothing happens, where the steps wait."""
        return self._pending.why if isinstance(self._pending, Wait) else ""

    def cancel(self) -> None:
        """Ask to stop: at the pause, wait or render at hand, or at the next one."""
        if not self._cancelled and isinstance(self._pending, Render):
            self._renderer.cancel()
        self._cancelled = True

    def tick(self) -> float | None:
        """Go on until an effect is pending or the budget is spent. Seconds until the next call; None: it has ended."""
        end = time.perf_counter() + self._budget
        while not self.ended:
            effect = self._pending
            if effect is not None and not self._is_answered(effect):
                return POLL
            # between two pauses lies what belongs together, as a picture and its records do
            if self._cancelled and effect is not None and not isinstance(effect, Offload):
                self._finish(None)
                break
            self._advance()
            if time.perf_counter() >= end:
                return 0.0
        return None

    def stop(self) -> None:
        """End here and now, waiting for the thread that works: after an error, or when the extension is turned off."""
        if not self.ended:
            self.cancel()
            self._finish(None)

    def _is_answered(self, effect: Effect) -> bool:
        """Whether the pending effect has its answer or its error; they are kept for the next advance."""
        match effect:
            case Offload():
                assert self._future is not None
                if not self._future.done():
                    return False
                error = self._future.exception()
                self._error = error if isinstance(error, Exception) else None
                self._answer = None if error is not None else self._future.result()
            case Render():
                try:
                    if not self._renderer.poll():
                        return False
                except UserError as failed:
                    self._error = failed
            case Wait():
                if self._clock.monotonic() < self._until and not self._cancelled:
                    return False
            case Pause():
                pass
        self._pending = self._future = None
        return True

    def _advance(self) -> None:
        """Let the steps go on to their next effect or event."""
        answer, error = self._answer, self._error
        self._answer = self._error = None
        start = time.thread_time()
        try:
            said = self._steps.send(answer) if error is None else self._steps.throw(error)
        except StopIteration as end:
            self._finish(end.value)
            return
        finally:
            self.times.add(self._part, time.thread_time() - start)
        if isinstance(said, Event):
            self._on_event(said)
            return
        self._begin(said)

    def _begin(self, effect: Effect) -> None:
        self._pending = effect
        match effect:
            case Offload():
                self._future = self._threads.submit(effect.work)
                self._part = effect.what or self._part
            case Render():
                try:
                    self._renderer.begin(effect)
                except UserError as error:
                    self._pending, self._error = None, error
            case Begin():
                self._pending, self._answer = None, self._begun.submit(effect.work)
            case Wait():
                self._until = self._clock.monotonic() + effect.seconds
            case Pause():
                self._part = effect.part or self._part

    def _finish(self, result: T | None) -> None:
        """Stop the steps, let the threads end, and say so."""
        self.ended = True
        self._threads.shutdown(wait=True)
        self._begun.shutdown(wait=True)
        try:
            stop(self._steps, self._on_event)
        finally:
            self._on_end(result)
