# SPDX-License-Identifier: GPL-3.0-or-later
"""What all clips of a run share: ledger, service, tables, clock, limits; and what one clip is to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..core.clock import Clock
from ..core.errors import InputError, Problem
from ..core.ledger.rows import ClipKey, Payee
from ..core.ledger.store import Ledger
from ..core.task import Task
from ..core.video.prices import Prices
from ..core.video.request import Generation, ModelTable, VideoRequest, check_request, image_facts
from ..core.video.verdict import Verdict
from .kling import VideoService
from .retry import backoff_seconds


@dataclass(frozen=True)
class ClipPlan:
    """One clip to be bought, as plain data.

    prompts: one per segment. tail: end frame, reached at the end of segment `tail_segment`. masks: pictures of what
    moves in the frame (object, person), for the stillness check; person_mask, object_mask: the same by name, with the task
    for the check of what happens. purchases: folder where bought files are kept under
    their task's name, never overwritten; `output` is a link to (or the join of) them.
    """

    video_id: str
    fingerprint: str
    clip: int
    frame: Path
    prompts: tuple[str, ...]
    model: str
    mode: str
    duration: int
    output: Path
    purchases: Path
    tail: Path | None = None
    tail_segment: int = -1
    masks: tuple[Path, ...] = ()
    depth: Path | None = None
    person_mask: Path | None = None
    object_mask: Path | None = None
    task: Task | None = None

    def tail_of(self, segment: int) -> Path | None:
        """The end frame of a segment, if it is the one that gets it."""
        last = self.tail_segment % len(self.prompts)
        return self.tail if segment == last else None

    def key(self, payee: Payee, segment: int) -> ClipKey:
        """What the ledger calls this segment."""
        return ClipKey(payee, self.fingerprint, self.video_id, self.clip, segment)


def segment_request(
    plan: ClipPlan, segment: int, frame: Path, models: ModelTable, generation: Generation
) -> VideoRequest:
    """What is to be asked for a segment that starts at `frame`. InputError with all that the service would refuse."""
    pictures = [image_facts(path) for path in (frame, plan.tail_of(segment)) if path is not None]
    unreadable = [picture for picture in pictures if isinstance(picture, Problem)]
    facts = [picture for picture in pictures if not isinstance(picture, Problem)]
    if unreadable:
        raise InputError(unreadable)
    model = models.canonical(plan.model) or plan.model
    tail = facts[1] if len(facts) > 1 else None
    request = VideoRequest(model, plan.mode, plan.duration, plan.prompts[segment], facts[0], tail)
    problems = check_request(models, generation, request)
    if problems:
        raise InputError(problems)
    return request


Inspect = Callable[[ClipPlan, int, Path, Path], Verdict]
"""(plan, segment, first frame that was sent, video file) -> verdict on the file."""

Review = Callable[[ClipPlan, int, Path, Verdict], Verdict]
"""(plan, segment, video file, verdict so far) -> verdict with what a vision model says."""


DOUBT_WAITS = (0.0, 2.0, 5.0, 10.0, 20.0, 30.0, 45.0)
ABSENT_AFTER = 900.0


@dataclass
class PurchaseContext:
    """The shared part of a run. One thread, but for `inspect` and `review`.

    cap: budget in micro-dollars. slots: most tasks in flight. max_retries, retry_wait: upper bounds of waiting for
    passing errors. patience: seconds to wait for a task in this run before it is left for --resume; None = no end.
    send: False only carries on with what was sent earlier (--resume): nothing is reserved or submitted.
    doubt_waits: seconds before each look-up by our own id after a doubt. absent_after: seconds since it was sent after
    which a task that no look-up shows does not exist. absent: own ids of which a person says that the service does not
    have them. retry_failed: a person said that refused, failed or expired clips may be bought again.
    """

    ledger: Ledger
    service: VideoService
    models: ModelTable
    prices: Prices
    clock: Clock
    inspect: Inspect
    review: Review | None = None
    cap: int | None = None
    slots: int = 5
    max_retries: int = 100
    retry_wait: float = 30.0
    patience: float | None = None
    doubt_waits: tuple[float, ...] = field(default_factory=lambda: DOUBT_WAITS)
    absent_after: float = ABSENT_AFTER
    absent: frozenset[str] = frozenset()
    task_attempts: int = 2
    retry_failed: bool = False
    send: bool = True
    stopped: Problem | None = field(default=None, init=False)

    def backoff(self, who: str, tries: int, asked: float | None) -> float:
        """Seconds to wait before try number `tries` + 1, at most `retry_wait`."""
        return backoff_seconds(who, tries, asked, self.retry_wait)
