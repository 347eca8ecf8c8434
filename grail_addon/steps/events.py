# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says while it works, one dataclass a kind. Each front shows events in its own way; none is text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Base of all kinds.

    item: key of the item, empty for the run as a whole. step, obj, variant: its parts for tables. message: a sentence.
    data: numbers for machines.
    """

    kind: ClassVar[str]
    item: str = ""
    step: str = ""
    obj: str = ""
    variant: str = ""
    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def to_json(self) -> dict[str, Any]:
        """With its `kind`, without empty fields."""
        fields = asdict(self)
        data = fields.pop("data")
        return {k: v for k, v in {"kind": self.kind, **fields, "data": data}.items() if v not in ("", 0.0, {})}


@dataclass(frozen=True)
class Planned(Event):
    """A run begins. data: how many `items` and `objects`, and `workers` where there are any."""

    kind = "plan"


@dataclass(frozen=True)
class Note(Event):
    """Something that the user should know."""

    kind = "note"


@dataclass(frozen=True)
class Started(Event):
    """An item is begun."""

    kind = "start"


@dataclass(frozen=True)
class Progressed(Event):
    """How far an item is."""

    kind = "progress"


@dataclass(frozen=True)
class Done(Event):
    """An item was made. verdict: pass, warn, fail, stable, ...; path: main file, relative to the results folder;
    seconds: it took."""

    kind = "done"
    verdict: str = ""
    path: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Skipped(Event):
    """An item is up to date, or left out. verdict and path as of `Done`."""

    kind = "skip"
    verdict: str = ""
    path: str = ""


@dataclass(frozen=True)
class Failed(Event):
    """An item could not be made; `message` says why."""

    kind = "fail"


@dataclass(frozen=True)
class Ended(Event):
    """A run has ended. data: how many items came out in which way; seconds: it took."""

    kind = "end"
    seconds: float = 0.0


@dataclass(frozen=True)
class Reported(Event):
    """The report is being built. data: variants `done` of `all`; the last one has the page's path instead."""

    kind = "report"
    path: str = ""


_KINDS = {each.kind: each for each in (Planned, Note, Started, Progressed, Done, Skipped, Failed, Ended, Reported)}


def event_of(said: Mapping[str, Any]) -> Event:
    """The event whose `to_json` is `said`. Raises KeyError for an unknown kind, TypeError for unknown fields."""
    return _KINDS[said["kind"]](**{name: value for name, value in said.items() if name != "kind"})
