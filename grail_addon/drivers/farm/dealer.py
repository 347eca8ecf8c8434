# SPDX-License-Identifier: GPL-3.0-or-later
"""Deals units to workers and tells what they do as one run: each item once, whoever dies.

A unit has one live holder. One whose worker dies is dealt again until its tries are spent; what the first try made is
up to date then, and is not made or told again. An item that fails is not tried again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Any

from ...steps.effects import Offload, Pause, Steps
from ...steps.events import Done, Ended, Event, Failed, Note, Planned, Reported, Skipped, event_of
from .link import Inbox, Link, Message
from .units import Unit

StartWorker = Callable[[int, Inbox], Link]
"""Starts the worker of a slot (0, 1, ...)."""

LOOK = 0.5
"""Seconds that the dealer waits for a message before it lets its driver look around."""

STOP_SECONDS = 5.0
"""Longest time from asking the workers to stop to ending them."""

_TOLD = (Done, Skipped, Failed)


@dataclass
class _Slot:
    """A place for a worker. open: the object that it has open; deaths: in a row, without a unit in between."""

    number: int
    link: Link | None = None
    ready: bool = False
    unit: Unit | None = None
    open: str = ""
    deaths: int = 0


@dataclass
class Counts:
    """What came of the items."""

    done: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass
class Dealer:
    """request: what workers get first (`to_portable`). tries: of a unit whose worker died."""

    request: Mapping[str, Any]
    units: Sequence[Unit]
    start_worker: StartWorker
    workers: int
    tries: int = 3
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self._inbox: Inbox = SimpleQueue()
        self._waiting = deque(self.units)
        self._ended: set[str] = set()
        self._tries: dict[str, int] = {}
        self._told: set[str] = set()
        self._unsettled: set[str] = set()
        self._missing: set[str] = set()
        self._slots = [_Slot(number) for number in range(self.workers)]

    @property
    def planned(self) -> int:
        """How many items there are, as far as names tell."""
        return sum(len(unit.items) for unit in self.units)

    def steps(self) -> Steps[None]:
        """Do all units. Closing it stops the workers: asked first, ended after a grace."""
        try:
            while len(self._ended) < len(self.units):
                yield Pause("workers")
                yield from self._start()
                message = yield Offload(self._next, "workers")
                if message is not None:
                    yield from self._heard(*message)
                yield from self._deal()
            self._dismiss()
        finally:
            self._stop()

    def _next(self) -> tuple[Link, Message] | None:
        try:
            return self._inbox.get(timeout=LOOK)
        except Empty:
            return None

    # ---------------------------------------------------------------- workers

    def _start(self) -> Iterator[Event]:
        """Start workers in empty slots while there is work for them; give up where none can be started."""
        for slot in self._slots:
            free = sum(s.link is not None and s.unit is None for s in self._slots)
            if slot.link is None and slot.deaths < self.tries and free < len(self._waiting):
                slot.link = self.start_worker(slot.number, self._inbox)
                slot.link.send(self.request)
                slot.ready = False
        if all(slot.link is None for slot in self._slots):
            for unit in [*self._waiting]:
                yield from self._give_up(unit, f"no worker could be started; see {self._logs()}.")

    def _logs(self) -> str:
        return "logs/ in the results folder"

    def _slot_of(self, link: Link) -> _Slot | None:
        return next((slot for slot in self._slots if slot.link is link), None)

    def _heard(self, link: Link, message: Message) -> Iterator[Event]:
        slot = self._slot_of(link)
        if slot is None:
            return
        say = message["say"]
        if say == "ready":
            slot.ready = True
            link.node = str(message.get("node", link.node))
        elif say == "refused":
            slot.deaths = self.tries
            yield Note(message=f"worker {link.name}: {message['why']}", data=_where(link))
        elif say == "event":
            event = self._passed(slot, event_of(message["event"]))
            if event is not None:
                yield event
        elif say == "unit_end":
            yield from self._unit_end(slot)
        elif say == "gone":
            yield from self._gone(slot, link, str(message["why"]))

    def _gone(self, slot: _Slot, link: Link, why: str) -> Iterator[Event]:
        unit, slot.link, slot.unit, slot.ready, slot.open = slot.unit, None, None, False, ""
        slot.deaths += unit is None
        if unit is None:
            if slot.deaths < self.tries:
                yield Note(message=f"worker {link.name} {why}; another takes its place.", data=_where(link))
            return
        tries = self._tries[unit.id]
        if tries < self.tries:
            self._waiting.appendleft(unit)
            message = f"worker {link.name} {why} at {unit.id}; it is dealt again (try {tries + 1} of {self.tries})."
            yield Note(obj=unit.category, message=message, data=_where(link))
        else:
            yield from self._give_up(unit, f"its worker {why}, {tries} times.")

    # ---------------------------------------------------------------- units

    def _deal(self) -> Iterator[Event]:
        for slot in self._slots:
            if slot.link is None or not slot.ready or slot.unit is not None:
                continue
            possible = [unit for unit in self._waiting if not unit.after or unit.after in self._ended]
            if not possible:
                return
            unit = next((unit for unit in possible if unit.category == slot.open), possible[0])
            self._waiting.remove(unit)
            if unit.after in self._unsettled or unit.after in self._missing:
                if unit.after in self._missing:  # its object has no files, which is told once
                    self._told.update(unit.items)
                yield from self._give_up(unit, "its object could not be settled.")
                continue
            slot.unit, slot.open = unit, unit.category
            self._tries[unit.id] = self._tries.get(unit.id, 0) + 1
            slot.link.send({"do": "unit", **unit.to_json()})

    def _unit_end(self, slot: _Slot) -> Iterator[Event]:
        unit, slot.unit, slot.deaths = slot.unit, None, 0
        if unit is not None:
            self._ended.add(unit.id)
        yield from ()

    def _give_up(self, unit: Unit, why: str) -> Iterator[Event]:
        """Tell of all items of a unit that nothing was heard of."""
        if unit in self._waiting:
            self._waiting.remove(unit)
        self._ended.add(unit.id)
        self._unsettled.add(unit.id)
        for key in unit.items:
            if key not in self._told:
                step, _, name = key.partition(" ")
                obj, variant = (name.rpartition("/")[0], name.rpartition("/")[2]) if step == "render" else (name, "")
                self._count(Failed(key, step, obj, variant, message=why))
                yield Failed(key, step, obj, variant, message=why)

    def _passed(self, slot: _Slot, event: Event) -> Event | None:
        """An event of a worker as the run tells it; None for what is told already or is the worker's own affair."""
        if isinstance(event, (Planned, Ended, Reported)) or event.item in self._told:
            return None
        if isinstance(event, _TOLD):
            self._count(event)
            if isinstance(event, Failed) and event.step != "render" and slot.unit is not None:
                (self._missing if event.step == "object" else self._unsettled).add(slot.unit.id)
        assert slot.link is not None
        return replace(event, data={**event.data, **_where(slot.link)})

    def _count(self, event: Event) -> None:
        self._told.add(event.item)
        self.counts.done += isinstance(event, Done)
        self.counts.skipped += isinstance(event, Skipped)
        self.counts.failed += isinstance(event, Failed)

    # ---------------------------------------------------------------- the end

    def _dismiss(self) -> None:
        links = [slot.link for slot in self._slots if slot.link is not None]
        for link in links:
            link.send({"do": "close"})
        for link in links:
            link.wait(STOP_SECONDS)

    def _stop(self) -> None:
        links = [slot.link for slot in self._slots if slot.link is not None]
        for link in links:
            if not link.wait(0.0):
                link.stop()
        for link in links:
            if not link.wait(STOP_SECONDS):
                link.kill()


def _where(link: Link) -> dict[str, str]:
    return {"worker": link.name, "node": link.node}
