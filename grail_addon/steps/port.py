# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run needs from the stage. The real one is `stage.workshop`; tests of the run hand in one of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..core.plan.items import Item, ObjectJob
from ..core.settle.rest import RestPose
from ..core.settle.result import SettleResult


@dataclass(frozen=True)
class FrameResult:
    """A frame that was made. verdict: the gate's; reasons: its sentences; path: the picture;
    notes: what else the user should know."""

    verdict: str
    reasons: tuple[str, ...]
    path: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """extents: of the open object's unscaled mesh, metres; person_height: metres from sole to crown."""

    extents: tuple[float, float, float]
    person_height: float


class Workshop(Protocol):
    """Makes the items of one object after another. Every method may raise UserError for a reason the user can act on."""

    def open(self, job: ObjectJob) -> Sequence[str]:
        """Get ready for a job's items (room, person, object); notes for the log."""
        ...

    def sizes(self, job: ObjectJob) -> Sizes:
        """What a scale probe has to know of the open job's object and person."""
        ...

    def probe_views(self, job: ObjectJob, scale: tuple[float, float, float], folder: Path) -> Sequence[Path]:
        """Make two small pictures in `folder`: the open job's object at `scale` beside the person, from two sides."""
        ...

    def record_probe(self, item: Item, record: Mapping[str, Any], files: Mapping[str, Path], seconds: float) -> None:
        """Write the manifest of a probe; record: content of obj_scale.json."""
        ...

    def settle(self, job: ObjectJob, item: Item) -> SettleResult:
        """Settle the open job's object and write its state files and manifest."""
        ...

    def cached_settle(self, job: ObjectJob) -> SettleResult:
        """The state that an earlier run wrote."""
        ...

    def unsettled(self, job: ObjectJob) -> RestPose:
        """The open job's object as configured."""
        ...

    def render(self, job: ObjectJob, item: Item, rest: RestPose) -> FrameResult:
        """Make one frame with all its files and its manifest."""
        ...

    def record_failure(self, job: ObjectJob, item: Item, reasons: Sequence[str]) -> None:
        """Write a manifest that says why an item could not be made."""
        ...

    def close(self) -> None:
        """Put back whatever was touched."""
        ...
