# SPDX-License-Identifier: GPL-3.0-or-later
"""Drains steps from a timer in Blender's window, a few milliseconds at a time, so that the window stays alive.

The driver knows no Blender: a timer calls `tick` again after the seconds that it returns, and a `Renderer` does the
renders. Everything but the work of an `Offload` happens in the thread that calls `tick`.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ..core.clock import Clock, SystemClock
from ..core.errors import UserError
from ..steps.blender_calls import told_to
from ..steps.effects import Begin, Effect, Offload, Pause, Render, Steps, Wait, stop
from ..steps.events import Event
from .blocking import one_thread

T = TypeVar("T")

BUDGET = 0.008
"""Seconds of work in one tick at most, unless one Blender operator takes longer."""
ENOUGH = 0.005
"""Seconds after which a tick ends; the rest of the budget is for parts that take longer than they did before."""
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


@dataclass(frozen=True)
class Tick:
    """What one tick cost the driving thread. number: from 1 on; parts: that it went through; part: the one of them with most
    work; call: its longest single call of Blender, empty where there was none. seconds: of the processor, all in all;
    own_seconds: without that call."""

    number: int = 0
    parts: tuple[str, ...] = ()
    part: str = ""
    call: str = ""
    seconds: float = 0.0
    own_seconds: float = 0.0

    def __str__(self) -> str:
        without = f" beside {self.call}" if self.call else ""
        return f"tick {self.number} ({', '.join(self.parts)}): {1000 * self.own_seconds:.1f} ms{without}"


@dataclass
class Costs:
    """Largest, sum and count of some processor seconds by name."""

    longest: dict[str, float] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        self.longest[name] = max(self.longest.get(name, 0.0), seconds)
        self.total[name] = self.total.get(name, 0.0) + seconds
        self.count[name] = self.count.get(name, 0) + 1


@dataclass
class PartTimes:
    """What the steps cost the driving thread, see `steps.blender_calls`. parts: each advance by its part, without the
    longest single call of Blender in it; calls: those calls; by_part: of the ticks in which a part had most of the work, the
    one with most work of our own; whole: the longest tick, Blender's calls counted."""

    parts: Costs = field(default_factory=Costs)
    calls: Costs = field(default_factory=Costs)
    by_part: dict[str, Tick] = field(default_factory=dict)
    whole: Tick = field(default_factory=Tick)

    @property
    def ticks(self) -> list[Tick]:
        """Those that are kept, with most work of our own first."""
        return sorted(self.by_part.values(), key=lambda tick: -tick.own_seconds)

    def add_tick(self, tick: Tick) -> None:
        """Keep it if it is among the longest."""
        self.by_part[tick.part] = max(tick, self.by_part.get(tick.part, tick), key=lambda t: t.own_seconds)
        self.whole = max(self.whole, tick, key=lambda t: t.seconds)


@contextmanager
def _garbage_told_to(listener: Callable[[float], None]) -> Iterator[None]:
    """Tell `listener` the processor seconds of each of Python's garbage collections in this thread."""
    thread, start = threading.get_ident(), 0.0

    def on_garbage(phase: str, _: object) -> None:
        nonlocal start
        if threading.get_ident() != thread:
            return
        if phase == "start":
            start = time.thread_time()
        else:
            listener(time.thread_time() - start)

    gc.callbacks.append(on_garbage)
    try:
        yield
    finally:
        gc.callbacks.remove(on_garbage)


class WindowDriver(Generic[T]):
    """Drains one generator of steps.

    on_event: is given each event. on_end: is called once, with the result, or None after a cancel. An error of the steps
    leaves `tick`; its caller then calls `stop`. `times` has what the work cost this thread. A tick ends before a part that
    could, by how long it took before, overrun `enough` seconds.
    """

    def __init__(
        self,
        steps: Steps[T],
        renderer: Renderer,
        on_event: Callable[[Event], None],
        on_end: Callable[[T | None], None],
        clock: Clock | None = None,
        enough: float = ENOUGH,
    ) -> None:
        self._steps, self._renderer = steps, renderer
        self._on_event, self._on_end = on_event, on_end
        self._clock, self._enough = clock or SystemClock(), enough
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
        self._number = 0
        self._calls: list[tuple[str, float]] = []  # of Blender, in the tick at hand
        self._parts: dict[str, float] = {}  # that it went through, and the longest advance of each
        self._garbage = 0.0  # seconds of Python's search for it, which comes where it comes and tells nothing of a part

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
        self._number += 1
        self._calls.clear()
        self._parts.clear()
        self._garbage = 0.0
        start = time.thread_time()
        try:
            with told_to(self._on_call), _garbage_told_to(self._on_garbage):
                return self._go_on()
        finally:
            seconds = time.thread_time() - start
            call, longest = max(self._calls, key=lambda c: c[1], default=("", 0.0))
            most = max(self._parts, key=lambda part: self._parts[part], default="")
            self.times.add_tick(Tick(self._number, tuple(self._parts), most, call, seconds, seconds - longest))

    def _on_garbage(self, seconds: float) -> None:
        self._garbage += seconds
        self.times.calls.add("Python's garbage collection", seconds)

    def _on_call(self, name: str, seconds: float) -> None:
        self._calls.append((name, seconds))
        self.times.calls.add(name, seconds)

    def _go_on(self) -> float | None:
        start = time.perf_counter()
        while not self.ended:
            effect = self._pending
            if effect is not None and not self._is_answered(effect):
                return POLL
            # between two pauses lies what belongs together, as a picture and its records do
            if self._cancelled and effect is not None and not isinstance(effect, Offload):
                self._finish(None)
                break
            self._advance()
            spent = time.perf_counter() - start
            # a part that has not been seen yet may take all of it
            if spent + self.times.parts.longest.get(self._part, self._enough) >= self._enough:
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
        start, known, part, garbage = time.thread_time(), len(self._calls), self._part, self._garbage
        try:
            said = self._steps.send(answer) if error is None else self._steps.throw(error)
        except StopIteration as end:
            self._finish(end.value)
            return
        finally:
            longest = max((seconds for _, seconds in self._calls[known:]), default=0.0)
            seconds = time.thread_time() - start - longest - (self._garbage - garbage)
            self._parts[part] = max(seconds, self._parts.get(part, 0.0))
            self.times.parts.add(part, seconds)
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
