# SPDX-License-Identifier: GPL-3.0-or-later
"""Deals units to workers and tells what they do as one run: each item once, whoever dies.

A unit has one live holder. One whose worker dies is dealt again until its tries are spent; what the first try made is
up to date then, and is not made or told again. An item that fails is not tried again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from ...steps.effects import Offload, Pause, Steps
from ...steps.events import Event, Note
from .crew import Crew, FixedCrew
from .lines import Message
from .link import Inbox, Link
from .tally import Tally
from .units import Unit

StartWorker = Callable[[int, Inbox], Link]
"""Starts the worker of a slot (0, 1, ...)."""

MESSAGE_SECONDS = 0.5
"""Seconds that the dealer waits for a message before it lets its driver look around."""

STOP_SECONDS = 5.0
"""Longest time from asking the workers to stop to ending them."""


@dataclass
class _Slot:
    """A place for a worker. open: the object that it has open; deaths: in a row, without a unit in between; leaving: it was
    told to leave, as fewer are wanted."""

    number: int
    link: Link | None = None
    ready: bool = False
    unit: Unit | None = None
    open: str = ""
    deaths: int = 0
    leaving: bool = False


@dataclass
class Dealer:
    """request: what workers get first (`to_portable`). workers: at most. tries: of a unit whose worker died. crew: how many
    there are at a time; without one, always `workers`."""

    request: Mapping[str, Any]
    units: Sequence[Unit]
    start_worker: StartWorker
    workers: int
    tries: int = 3
    tally: Tally = field(default_factory=Tally)
    crew: Crew | None = None

    def __post_init__(self) -> None:
        self._crew = self.crew or FixedCrew(self.workers)
        self._inbox: Inbox = SimpleQueue()
        self._waiting = deque(self.units)
        self._ended: set[str] = set()
        self._tries: dict[str, int] = {}
        self._slots = [_Slot(number) for number in range(self.workers)]
        self._refusal = "no worker could be started; see logs/ in the results folder."

    def steps(self) -> Steps[None]:
        """Do all units. Closing it stops the workers: asked first, ended after a grace."""
        try:
            while len(self._ended) < len(self.units):
                yield Pause("workers")
                yield from self._start()
                message = yield Offload(self._next, "workers")
                if message is not None:
                    yield from self._heard(*message)
                    yield from self._crew.heard(message[0].name, message[1])
                yield from self._deal()
            yield from self._crew.ending()
            self._dismiss()
        finally:
            self._crew.close()
            self._stop()

    def _next(self) -> tuple[Link, Message] | None:
        try:
            return self._inbox.get(timeout=MESSAGE_SECONDS)
        except Empty:
            return None

    # ---------------------------------------------------------------- workers

    def _start(self) -> Iterator[Event]:
        """Start workers in empty slots while there is work for them; give up where none can be started."""
        for slot in self._slots[: self._crew.size]:
            free = sum(s.link is not None and s.unit is None for s in self._slots)
            if slot.link is None and slot.deaths < self.tries and free < len(self._waiting):
                slot.link = self.start_worker(slot.number, self._inbox)
                slot.link.send(self.request)
                slot.ready = slot.leaving = False
                yield from self._crew.heard(slot.link.name, {"say": "started"})
        if all(slot.link is None for slot in self._slots):
            for unit in [*self._waiting]:
                yield from self._give_up(unit, self._refusal)

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
            # others may read it, on another node; this one is of no use
            slot.deaths, slot.link = self.tries, None
            link.send({"do": "close"})
            self._refusal = f"no worker can read the request: {message['why']}"
            yield Note(message=f"worker {link.name}: {message['why']}", data=_where(link))
        elif say == "event":
            event = self.tally.passed(message["event"], str(message["unit"]), _where(link))
            if event is not None:
                yield event
        elif say == "unit_end":
            self._unit_end(slot)
        elif say == "gone":
            yield from self._gone(slot, link, str(message["why"]))

    def _gone(self, slot: _Slot, link: Link, why: str) -> Iterator[Event]:
        unit, slot.link, slot.unit, slot.ready, slot.open = slot.unit, None, None, False, ""
        slot.deaths += unit is None and not slot.leaving
        if slot.leaving:
            return
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
        if self.tally.cannot_write:  # each further unit would fail, too
            self._ended.update(unit.id for unit in self._waiting)
            self._waiting.clear()
        for slot in self._slots:
            if slot.link is None or not slot.ready or slot.unit is not None or slot.leaving:
                continue
            if slot.number >= self._crew.size:
                slot.leaving = True
                slot.link.send({"do": "close"})
                continue
            possible = [unit for unit in self._waiting if not unit.after or unit.after in self._ended]
            if not possible:
                return
            unit = next((unit for unit in possible if unit.category == slot.open), possible[0])
            self._waiting.remove(unit)
            if self.tally.cannot_be_made(unit):
                self._ended.add(unit.id)
                yield from self.tally.without_settle(unit)
                continue
            slot.unit, slot.open = unit, unit.category
            self._tries[unit.id] = self._tries.get(unit.id, 0) + 1
            slot.link.send({"do": "unit", **unit.to_json()})

    def _unit_end(self, slot: _Slot) -> None:
        unit, slot.unit, slot.deaths = slot.unit, None, 0
        if unit is not None:
            self._ended.add(unit.id)

    def _give_up(self, unit: Unit, why: str) -> Iterator[Event]:
        if unit in self._waiting:
            self._waiting.remove(unit)
        self._ended.add(unit.id)
        yield from self.tally.given_up(unit, why)

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
