# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run needs from the stage. The real one is `stage.workshop`; tests of the run hand in one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..core.plan import Item, ObjectJob
from ..core.rest import RestPose
from ..core.settle_result import SettleResult


@dataclass(frozen=True)
class FrameResult:
    """A frame that was made. verdict: the gate's; reasons: its sentences; path: the picture."""

    verdict: str
    reasons: tuple[str, ...]
    path: Path


class Workshop(Protocol):
    """Makes the items of one object after another. Every method may raise UserError for a reason the user can act on."""

    def open(self, job: ObjectJob) -> Sequence[str]:
        """Get ready for a job's items (room, person, object); notes for the log."""
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
