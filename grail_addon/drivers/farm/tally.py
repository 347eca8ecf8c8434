# SPDX-License-Identifier: GPL-3.0-or-later
"""What workers say, told as one run: each item once, whoever made it and however often it was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ...steps.effects import Steps
from ...steps.events import Done, Ended, Event, Failed, Planned, Reported, Skipped, event_of
from .units import Unit


@dataclass
class Tally:
    """Counts of items that were told of. told: their keys. unsettled, missing: units whose object could not be settled
    or has no files, so that what waits for them cannot be made. cannot_write: a worker found the disk full or locked."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    told: set[str] = field(default_factory=set)
    unsettled: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    cannot_write: bool = False

    def passed(self, said: Mapping[str, Any], unit: str, where: Mapping[str, str]) -> Event | None:
        """A worker's event as the run tells it; None for what is told already, is the worker's own affair, or is none."""
        try:
            event = event_of(said)
        except (KeyError, TypeError):
            return None
        if isinstance(event, Ended) and "untried" in event.data:
            self.cannot_write = True
        if isinstance(event, Planned | Ended | Reported) or event.item in self.told:
            return None
        if isinstance(event, Failed) and event.step != "render":
            (self.missing if event.step == "object" else self.unsettled).add(unit)
        self._count(event)
        return replace(event, data={**event.data, **where})

    def given_up(self, unit: Unit, why: str) -> Iterator[Event]:
        """A failure of each item of a unit that nothing was heard of."""
        self.unsettled.add(unit.id)
        for key in unit.items:
            if key not in self.told:
                step, _, name = key.partition(" ")
                obj, variant = (name.rpartition("/")[0], name.rpartition("/")[2]) if step == "render" else (name, "")
                event = Failed(key, step, obj, variant, message=why)
                self._count(event)
                yield event

    def cannot_be_made(self, unit: Unit) -> bool:
        """Whether what the unit waits for has failed."""
        return unit.after in self.unsettled or unit.after in self.missing

    def without_settle(self, unit: Unit) -> Iterator[Event]:
        """Failures of a unit that cannot be made; an object without files is told once."""
        if unit.after in self.missing:
            self.told.update(unit.items)
        yield from self.given_up(unit, "its object could not be settled.")

    def _count(self, event: Event) -> None:
        if isinstance(event, Done | Skipped | Failed):
            self.told.add(event.item)
            self.done += isinstance(event, Done)
            self.skipped += isinstance(event, Skipped)
            self.failed += isinstance(event, Failed)


class Engine(Protocol):
    """Has units made by workers. tally: what came of them."""

    tally: Tally

    @property
    def units(self) -> Sequence[Unit]: ...

    def steps(self) -> Steps[None]:
        """Do all units; closing it stops the workers."""
        ...
