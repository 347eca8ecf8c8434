# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is, from its events: per object, worker and node, what failed and why, how fast, and how long it will take.

Written now and then into the results folder, so that `--status` can show it from any machine that sees the folder.
"""

from __future__ import annotations

import os
import platform
import re
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from ..core.clock import Clock
from ..core.files import read_json, write_json
from ..core.layout import ResultsLayout
from ..steps.events import Done, Ended, Event, Failed, Note, Planned, Skipped

Moment = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]

WRITE_SECONDS = 5.0
"""Between two writes of the status file."""

RATE_SECONDS = 600.0
"""The rate is that of the last ten minutes."""


@dataclass
class Subtotal:
    """Items of one object, worker or node. seconds: spent on those that were made."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    seconds: float = 0.0
    node: str = ""

    def add(self, event: Event) -> None:
        """Count one item."""
        self.done += isinstance(event, Done)
        self.skipped += isinstance(event, Skipped)
        self.failed += isinstance(event, Failed)
        self.seconds += event.seconds if isinstance(event, Done) else 0.0


@dataclass
class RunProgress:
    """Takes a run's events. reasons: why items failed, numbers left out -> how many, and one of them. choices: how many
    workers were taken, and why."""

    clock: Clock
    planned: int = 0
    total: Subtotal = field(default_factory=Subtotal)
    objects: dict[str, Subtotal] = field(default_factory=dict)
    workers: dict[str, Subtotal] = field(default_factory=dict)
    nodes: dict[str, Subtotal] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)
    started: float = 0.0
    ended: bool = False
    stopped: bool = False
    detached: bool = False

    def __post_init__(self) -> None:
        self.started = self.clock.time()
        self._made: deque[float] = deque()

    def event(self, event: Event) -> None:
        """Count what an event says."""
        if isinstance(event, Planned):
            self.planned = int(event.data["items"])
        elif isinstance(event, Ended):
            self.ended, self.detached = True, "detached" in event.data
        elif isinstance(event, Note) and "auto" in event.data:
            self.choices.append(event.message)
        elif isinstance(event, Done | Skipped | Failed):
            self._item(event)

    def _item(self, event: Event) -> None:
        worker, node = str(event.data.get("worker", "")), str(event.data.get("node", ""))
        self.total.add(event)
        self.objects.setdefault(event.obj, Subtotal()).add(event)
        if worker:
            part = self.workers.setdefault(worker, Subtotal())
            part.node = node
            part.add(event)
            self.nodes.setdefault(node, Subtotal()).add(event)
        if isinstance(event, Failed):
            reason = reason_of(event.message)
            self.reasons[reason] += 1
            self.examples.setdefault(reason, event.item)
        if isinstance(event, Done):
            self._made.append(self.clock.time())

    @property
    def per_minute(self) -> float:
        """Items made in a minute, lately."""
        now = self.clock.time()
        while self._made and self._made[0] < now - RATE_SECONDS:
            self._made.popleft()
        span = min(now - self.started, RATE_SECONDS)
        return 60.0 * len(self._made) / span if span > 0 else 0.0

    @property
    def left_seconds(self) -> float | None:
        """How long the rest takes at that rate; None where nothing was made lately."""
        left = self.planned - self.total.done - self.total.skipped - self.total.failed
        rate = self.per_minute
        return 60.0 * max(left, 0) / rate if rate > 0 else None

    def to_json(self) -> dict[str, Any]:
        """Plain data; see `StatusFile`."""
        return {
            "machine": platform.node(), "process": os.getpid(), "started": self.started, "time": self.clock.time(),
            "ended": self.ended, "stopped": self.stopped, "detached": self.detached,
            "planned": self.planned, "per_minute": self.per_minute, "left_seconds": self.left_seconds,
            "total": asdict(self.total), "choices": self.choices,
            "objects": {name: asdict(part) for name, part in self.objects.items()},
            "workers": {name: asdict(part) for name, part in self.workers.items()},
            "nodes": {name: asdict(part) for name, part in self.nodes.items()},
            "reasons": [[count, reason, self.examples[reason]] for reason, count in self.reasons.most_common()],
        }  # fmt: skip


def reason_of(message: str) -> str:
    """A failure's message without its numbers, so that equal faults of many items are one line."""
    return re.sub(r"\d+(?:[.,]\d+)*", "N", message)


class StatusFile:
    """Keeps `status.json` of a results folder up to date while a run goes on."""

    def __init__(self, layout: ResultsLayout, progress: RunProgress) -> None:
        self._path, self._progress, self._written = layout.status, progress, float("-inf")

    def event(self, event: Event) -> None:
        """Count it, and write where it is time; a folder that cannot be written stops no run."""
        self._progress.event(event)
        now = self._progress.clock.monotonic()
        if isinstance(event, Planned | Ended) or now - self._written >= WRITE_SECONDS:
            self.write()
            self._written = now

    def write(self) -> None:
        """Write what is known now."""
        with suppress(OSError):  # the run itself says what is wrong with the folder
            write_json(self._path, self._progress.to_json())


class _Part(BaseModel):
    done: int
    skipped: int
    failed: int
    seconds: float
    node: str


class _Status(BaseModel):
    """What of a status file has to be there; older runs wrote less than is written now."""

    machine: str
    started: Moment
    time: Moment
    ended: bool
    planned: int
    per_minute: Moment
    left_seconds: Moment | None
    total: _Part
    objects: dict[str, _Part]
    workers: dict[str, _Part]
    nodes: dict[str, _Part]
    reasons: list[tuple[int, str, str]]
    choices: list[str] = []


def read_status(results_dir: Path) -> Mapping[str, Any] | None:
    """What the last run of a results folder wrote; None where there is nothing that can be read."""
    try:
        status: Mapping[str, Any] = read_json(ResultsLayout(results_dir).status)
        _Status.model_validate(status, strict=False)
    except (OSError, ValueError, RecursionError):
        return None
    return status
