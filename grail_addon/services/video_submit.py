# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets a reserved segment accepted by the service exactly once.

The rule: our own id goes out with the request, and whenever it is unclear whether a task exists (crash, time-out, cut
reply, gateway error, an answer that nobody foresaw) the row stays `submitting` and the id is looked up, by itself and in
the service's list. Only when it has been missing for `absent_after` seconds since it was sent, or when a person says that
it is not there, is the same request with the *same* id sent again. While in doubt, a refusal proves nothing: it may be the
service's way to say that the id is used.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Generator
from functools import partial

from ..core.errors import Problem
from ..core.ledger import steps
from ..core.ledger.rows import Entry
from ..core.ledger.store import TaskTakenError
from ..core.video.request import VideoRequest
from .kling import ErrorKind, KlingError, Reaction, VideoTask
from .lanes import call
from .purchase import ClipPlan, PurchaseContext
from .video_events import ClipEvent, ClipProgress, Delay, Reply, StopStepError

REFUSALS_IN_DOUBT = 3
"""How often the service may refuse a request whose task may exist, before a person has to look."""

SLOT_WAIT = 2.0
"""Seconds between looks whether a slot is free."""

LIST_MARGIN = 600.0
"""Seconds before our own submit from which the service's list is looked through, for clocks that differ."""

NOT_SENT = Problem("This clip has not been sent.", "Run without --resume to send it.")


class PendingError(Exception):
    """This clip does not go on in this run; `problem` says why. Nothing is lost."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


MakeRequest = Callable[[], VideoRequest]
Submitting = Generator[ClipEvent, Reply, Entry]


def submit_clip(context: PurchaseContext, plan: ClipPlan, entry: Entry, request: MakeRequest) -> Submitting:
    """Bring a row from reserved or submitting to submitted (or refused). Returns the row.

    request is called only when something is to be sent; a look-up does not need it.
    Raises StopStepError for what holds for all clips, PendingError when passing errors did not pass in time. A row that
    was never sent is released on the way out, so that its money is free.
    """
    if entry.state == "submitting" and entry.external_id in context.absent:
        entry = steps.declared_absent(context.ledger, entry.external_id)
    run = _Submission(context, plan, entry, request)
    try:
        return (yield from run.go())
    finally:
        # also when the generator is closed: only a row that surely made no task may be given back
        if context.ledger.get(entry.external_id).state == "reserved":
            steps.released(context.ledger, entry.external_id, "not sent")


class _Submission:
    def __init__(self, context: PurchaseContext, plan: ClipPlan, entry: Entry, request: MakeRequest) -> None:
        self._context = context
        self._plan = plan
        self._entry = entry
        self._request = request
        self._ext = entry.external_id
        self._doubt = entry.state == "submitting"  # an earlier run was cut off while sending
        self._why = ""
        self._tries = 0
        self._refusals = 0
        self._sent: float | None = None  # by the clock that nobody sets, where this process has sent it

    def go(self) -> Submitting:
        while True:
            task = yield from self._look_up()
            if task is not None:
                return self._adopt(task)
            if self._doubt and not self._absence_is_known():
                raise PendingError(self._doubtful())
            if not self._context.send:
                raise PendingError(NOT_SENT)
            request = self._request()
            if self._doubt:
                steps.sent_again(self._context.ledger, self._ext)
            else:
                yield from self._take_slot()
            self._sent = self._context.clock.monotonic()
            try:
                submit = partial(self._context.service.submit, request, self._ext)
                return self._adopt((yield from call(submit, "service")))
            except (KlingError, TaskTakenError) as error:
                refused = yield from self._after(error)
            if refused is not None:
                return refused

    def _adopt(self, task: VideoTask) -> Entry:
        # the vendor's own time is not taken: results are dated by our clock alone
        now = self._context.clock.time()
        return steps.accepted(self._context.ledger, self._ext, task.task_id, now)

    # ---------------------------------------------------------------- doubt

    def _sent_at(self) -> float:
        row = self._context.ledger.get(self._ext)
        return row.seen_at or row.updated_at

    def _absence_is_known(self) -> bool:
        clock = self._context.clock
        waited = clock.time() - self._sent_at()
        if self._sent is not None:  # a clock that is set forward meanwhile proves nothing
            waited = min(waited, clock.monotonic() - self._sent)
        return waited >= self._context.absent_after

    def _doubtful(self) -> Problem:
        known = datetime.datetime.fromtimestamp(self._sent_at() + self._context.absent_after, datetime.UTC)
        return Problem(
            f"It is not known whether the service has this clip{self._why and f' ({self._why})'}; it is not paid again "
            "while that is so.",
            f"Run the same again after {known:%H:%M} UTC: it is looked up, and sent again if it is not there. Or search the "
            f"service's console for {self._ext}; if it is not there, pass --send_again {self._ext}.",
            detail=self._ext,
        )

    def _look_up(self) -> Generator[ClipEvent, Reply, VideoTask | None]:
        waits = self._context.doubt_waits if self._doubt else (0.0,)
        since = self._sent_at() - LIST_MARGIN if self._doubt else None
        for seconds in waits:
            if seconds > 0:
                yield Delay(seconds, "looking for a task that may exist")
            task = yield from self._find(since)
            if task is not None and self._context.ledger.taken_by_another(self._ext, task.task_id):
                self._why = "the service shows a task that belongs to another clip"
                raise PendingError(self._doubtful())
            if task is not None:
                return task
        return None

    def _find(self, since: float | None) -> Generator[ClipEvent, Reply, VideoTask | None]:
        while True:
            try:
                task: VideoTask | None = yield from call(
                    partial(self._context.service.find, self._ext, since), "service"
                )
                return task
            except KlingError as error:
                if error.kind in (ErrorKind.FOREIGN, ErrorKind.UNSURE):
                    # whether ours exists is open
                    self._why = error.message
                    raise PendingError(self._doubtful()) from None
                if error.reaction is Reaction.ITEM:
                    raise PendingError(error.problem()) from None
                yield from self._pause(error)

    # ---------------------------------------------------------------- sending

    def _take_slot(self) -> Generator[ClipEvent, Reply, None]:
        while True:
            if self._context.stopped is not None:
                raise StopStepError(self._context.stopped)
            if self._context.ledger.begin_submit(self._ext, self._context.slots):
                return
            self._context.ledger.touch(self._ext)
            yield Delay(SLOT_WAIT, "all slots are taken")

    def _after(self, error: KlingError | TaskTakenError) -> Generator[ClipEvent, Reply, Entry | None]:
        """Decide after a failed create. Returns the row if it ends here, None to go round again."""
        if isinstance(error, TaskTakenError):
            self._doubt, self._why = True, "the service gave it the task of another clip"
            return None
        in_doubt = self._doubt or error.kind is ErrorKind.DUPLICATE
        refusal = error.reaction is Reaction.ITEM
        if error.may_exist or (in_doubt and refusal):
            self._doubt, self._why = True, error.message
            self._refusals += refusal
            if self._refusals > REFUSALS_IN_DOUBT:
                raise PendingError(self._doubtful())
            yield from self._pause(error)
            return None
        if refusal:
            return steps.refused(self._context.ledger, self._ext, str(error.problem()))
        if not self._doubt:
            steps.not_taken(self._context.ledger, self._ext, error.message)
        yield from self._pause(error)
        return None

    def _pause(self, error: KlingError) -> Generator[ClipEvent, Reply, None]:
        """Wait because of an error that may pass; raise if it will not, or not in time."""
        if error.reaction is Reaction.STOP:
            self._context.stopped = error.problem()
            raise StopStepError(error.problem())
        self._tries += 1
        if self._tries > self._context.max_retries:
            raise PendingError(self._doubtful() if self._doubt else error.problem())
        yield ClipProgress(self._plan.video_id, self._plan.clip, self._entry.segment, "retry", str(error.problem()))
        yield Delay(self._context.backoff(self._ext, self._tries, error.retry_after), error.kind.value)
