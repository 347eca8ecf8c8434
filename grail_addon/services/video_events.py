# SPDX-License-Identifier: GPL-3.0-or-later
"""What the video runner yields: plain events that a blocking front and a window drain alike.

A job is a generator. It never sleeps, polls or blocks by itself: it yields `Delay`, `AskStatus` or `LaneWork` and goes on when
it is sent the reply, so hundreds of jobs share one thread, and closing the generator cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..core.errors import Problem, UserError
from ..core.ledger.rows import Payee

ClipStep = Literal["reserved", "found", "submitted", "running", "downloading", "verified", "joined", "retry", "note"]
ClipStatus = Literal["done", "failed", "pending", "stopped", "busy"]


@dataclass(frozen=True)
class ClipProgress:
    """Something happened to a clip. segment: from 0."""

    video_id: str
    clip: int
    segment: int
    step: ClipStep
    text: str = ""


@dataclass(frozen=True)
class Delay:
    """Go on after `seconds`."""

    seconds: float
    why: str


@dataclass(frozen=True)
class AskStatus:
    """Ask the service about a task; the reply is a Task, None (unknown there) or the KlingError of the attempt."""

    task_id: str
    external_id: str
    since: float


@dataclass(frozen=True)
class LaneWork:
    """Do `run` in a thread of a lane; the reply is what it returns, or it is raised in the job. `run` gets plain data and
    touches no ledger."""

    run: Callable[[], Any]
    lane: Literal["service", "files", "vision"]


@dataclass(frozen=True)
class ClipResult:
    """How a clip ended.

    done: bought, on disk, checked (`verdict` pass, warn or suspect with `reasons`). failed: will not come without a change.
    pending: goes on with the next run. stopped: the step was stopped before it. busy: another process works on it.
    cost: micro-dollars charged for its segments so far.
    """

    video_id: str
    clip: int
    status: ClipStatus
    payee: Payee
    file: Path | None = None
    verdict: str | None = None
    reasons: tuple[str, ...] = ()
    cost: int = 0
    external_ids: tuple[str, ...] = ()
    problem: Problem | None = None


ClipEvent = ClipProgress | Delay | AskStatus | LaneWork
Reply = Any
"""A Task, KlingError or None to `AskStatus`; to `LaneWork` its result; None to the others."""

ClipRun = Generator[ClipEvent, Reply, ClipResult]


class StopStepError(UserError):
    """Something that holds for every clip (key, balance, budget): nothing more is to be sent."""
