# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how fast so many workers make frames, and takes more of them while that pays; see `crew_size`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, median
from typing import Protocol

from ...core.clock import Clock
from ...steps.events import Event, Note
from .crew_size import Choice, Room, Stretch, choose
from .lines import Message
from .machine import CardWatch
from .units import Unit

SPANS = 3
"""Each worker is measured over at least so many spans from one frame to its next."""


class Crew(Protocol):
    """Says how many workers a dealer has. size: at the moment; it may grow and shrink."""

    @property
    def size(self) -> int: ...

    def heard(self, worker: str, message: Message) -> Iterator[Event]:
        """Take a worker's message (and {"say": "started"} before its first); gives what is to be told."""
        ...

    def ending(self) -> Iterator[Event]:
        """What is to be told when all units are done."""
        ...

    def close(self) -> None:
        """Nothing is measured any more."""
        ...


class FixedCrew:
    """Always the same number."""

    def __init__(self, size: int) -> None:
        self.size = size

    def heard(self, worker: str, message: Message) -> Iterator[Event]:
        return iter(())

    def ending(self) -> Iterator[Event]:
        return iter(())

    def close(self) -> None:
        pass


@dataclass
class _Watched:
    """A worker. started, first, last: when it was started, had made its first frame, and began its last one; cpu, mb: its
    processor seconds and memory then; spans, costs: seconds and processor seconds from frame to frame in the stretch."""

    started: float
    first: float | None = None
    last: float | None = None
    cpu: float | None = None
    mb: float | None = None
    spans: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def begins_frame(self, now: float, used: Message) -> None:
        """One more frame is begun. Not when one ends: its files may be ready while the next picture is being made."""
        cpu = used.get("cpu")
        if self.last is not None:
            self.spans.append(now - self.last)
            if cpu is not None and self.cpu is not None:
                self.costs.append(cpu - self.cpu)
        self.last, self.cpu, self.mb = now, cpu, used.get("mb")

    def anew(self) -> None:
        """A stretch begins; a frame that was begun before is no part of it."""
        self.last = None
        self.spans.clear()
        self.costs.clear()


@dataclass
class MeasuredCrew:
    """Begins with one worker. free_mb: of the machine's memory. watch: of the cards, without any where there are none.
    spread: told of each change of the number, to share out the cores."""

    clock: Clock
    units: Sequence[Unit]
    most: int
    cores: int
    watch: CardWatch
    free_mb: Callable[[], float | None]
    spread: Callable[[int], None] = lambda _: None

    def __post_init__(self) -> None:
        self.size = 1
        self.spread(1)
        self._workers: dict[str, _Watched] = {}
        self._stretches: list[Stretch] = []
        self._is_warm = False
        self._decided: Choice | None = None
        self._units = len(self.units)
        self._left = {key for unit in self.units for key in unit.items if key.startswith("render ")}
        self._is_frame_a_unit = len(self._left) <= len(self.units)

    def heard(self, worker: str, message: Message) -> Iterator[Event]:
        if self._decided is not None:
            return
        say = message["say"]
        if say == "started":
            self.watch.start()
            self._workers[worker] = _Watched(self.clock.monotonic())
        elif say == "gone":
            self._workers.pop(worker, None)
            self._is_warm = False
        elif say == "unit_end":
            self._units -= 1
            if worker in self._workers and not self._is_frame_a_unit:
                self._workers[worker].last = None  # to open and to settle the next object is no frame's time
        elif say == "event":
            self._event(worker, message)
            yield from self._look()

    def _event(self, worker: str, message: Message) -> None:
        event, now, watched = message["event"], self.clock.monotonic(), self._workers.get(worker)
        if watched is None or event.get("step") != "render":
            return
        if event["kind"] == "start":
            watched.begins_frame(now, message.get("used", {}))
            return
        if event["kind"] == "fail":
            watched.last = None  # it may have ended early
        elif event["kind"] == "done" and watched.first is None:
            watched.first = now
        self._left.discard(event["item"])
        if not self._is_warm and self._all_at_work():
            self._begin()

    def _all_at_work(self) -> bool:
        """Whether there are as many as are wanted, and each has made a frame."""
        return len(self._workers) >= self.size and all(w.first is not None for w in self._workers.values())

    def _begin(self) -> None:
        """A stretch begins: what was measured while a worker was still starting is of another number of workers."""
        self._is_warm = True
        if self.size > 1:
            for worker in self._workers.values():
                worker.anew()
            self.watch.clear()

    def _look(self) -> Iterator[Event]:
        """Decide where the stretch is long enough."""
        watched = list(self._workers.values())
        if not self._is_warm or not self._all_at_work() or any(len(w.spans) < SPANS for w in watched):
            return
        self._stretches.append(self._stretch(watched))
        yield from self._go_on(choose(self._stretches, self._room()))

    def _stretch(self, watched: Sequence[_Watched]) -> Stretch:
        # a rate of each, as one that happens to be fast has made more frames meanwhile than the others
        each = self.size / sum(1.0 / max(fmean(worker.spans), 1e-6) for worker in watched)
        costs = [cost for worker in watched for cost in worker.costs]
        starts = [w.first - w.started for w in watched if w.first is not None]
        return Stretch(
            self.size, each, max(median(starts) - each, 0.0), median(costs) if costs else None,
            max((w.mb for w in watched if w.mb is not None), default=None),
            self.watch.held_mb(self.size), self.watch.busy(self.size),
        )  # fmt: skip

    def _room(self) -> Room:
        return Room(self.cores, self.most, self._units, len(self._left), self.free_mb(), self.watch.free_mb())

    def _go_on(self, choice: Choice) -> Iterator[Event]:
        if choice.workers != self.size:
            self.size = choice.workers
            self.spread(self.size)
        self._is_warm = False
        if choice.is_final:
            self._decided = choice
            self.watch.close()
        measured = asdict(self._stretches[-1]) if self._stretches else {}
        yield Note(message=str(choice), data={"auto": choice.workers, "final": choice.is_final, "measured": measured})

    def ending(self) -> Iterator[Event]:
        if self._decided is None:
            yield from self._go_on(Choice(self.size, "the work ended before more could be measured.", True))

    def close(self) -> None:
        self.watch.close()
