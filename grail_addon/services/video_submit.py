# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets a reserved segment accepted by the service exactly once.

The rule: our own id goes out with the request, and whenever it is unclear whether a task exists (crash, time-out, cut
reply, gateway error) the id is looked up, several times, before the same request with the *same* id is sent again. A
service that refuses used ids then cannot make a second task; one that does not was asked long enough before.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

from ..core.errors import Problem
from ..core.ledger import steps
from ..core.ledger.rows import Entry
from ..core.video.request import VideoRequest
from .kling import ErrorKind, KlingError, Reaction, Task
from .purchase import ClipPlan, PurchaseContext
from .video_events import ClipEvent, Delay, Progress, Reply, StopStepError

DUPLICATE_ROUNDS = 3
"""How often the service may call our id used without showing its task, before a person has to look."""

SLOT_WAIT = 2.0
"""Seconds between looks whether a slot is free."""


NOT_SENT = Problem("This clip has not been sent.", "Run without --resume to send it.")


class PendingError(Exception):
    """This clip does not go on in this run; `problem` says why. Nothing is lost."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


MakeRequest = Callable[[], VideoRequest]


def place(
    context: PurchaseContext, plan: ClipPlan, entry: Entry, request: MakeRequest
) -> Generator[ClipEvent, Reply, Entry]:
    """Bring a row from reserved or submitting to submitted (or refused). Returns the row.

    request is called only when something is to be sent; a look-up does not need it.
    Raises StopStepError for what holds for all clips, PendingError when passing errors did not pass in time. A row that
    was never sent is released on the way out, so that its money is free.
    """
    run = _Submit(context, plan, entry, request)
    try:
        return (yield from run.go())
    finally:
        # also when the generator is closed: only a row that surely made no task may be given back
        if context.ledger.get(entry.external_id).state == "reserved":
            steps.released(context.ledger, entry.external_id, "not sent")


class _Submit:
    def __init__(self, context: PurchaseContext, plan: ClipPlan, entry: Entry, request: MakeRequest) -> None:
        self._context = context
        self._plan = plan
        self._entry = entry
        self._request = request
        self._ext = entry.external_id
        self._doubt = entry.state == "submitting"  # an earlier run was cut off while sending
        self._tries = 0
        self._duplicates = 0

    def go(self) -> Generator[ClipEvent, Reply, Entry]:
        while True:
            task = yield from self._look_up()
            if task is not None:
                return self._adopt(task)
            if not self._context.send:
                raise PendingError(NOT_SENT)
            request = self._request()
            if not self._doubt:
                yield from self._take_slot()
            try:
                return self._adopt(self._context.service.submit(request, self._ext))
            except KlingError as error:
                refused = yield from self._after(error)
            if refused is not None:
                return refused

    def _adopt(self, task: Task) -> Entry:
        now = self._context.clock.time()
        return steps.accepted(self._context.ledger, self._ext, task.task_id, task.created or now, now)

    def _look_up(self) -> Generator[ClipEvent, Reply, Task | None]:
        waits = self._context.doubt_waits if self._doubt else (0.0,)
        for seconds in waits:
            if seconds > 0:
                yield Delay(seconds, "looking for a task that may exist")
            while True:
                try:
                    task = self._context.service.find(self._ext)
                    break
                except KlingError as error:
                    if error.reaction is Reaction.ITEM:
                        raise PendingError(error.problem()) from None
                    yield from self._pause(error)
            if task is not None:
                return task
        return None

    def _take_slot(self) -> Generator[ClipEvent, Reply, None]:
        while True:
            if self._context.stopped is not None:
                raise StopStepError(self._context.stopped)
            if self._context.ledger.begin_submit(self._ext, self._context.slots):
                return
            self._context.ledger.touch(self._ext)
            yield Delay(SLOT_WAIT, "all slots are taken")

    def _after(self, error: KlingError) -> Generator[ClipEvent, Reply, Entry | None]:
        """Decide after a failed create. Returns the row if it ends here, None to go round again."""
        if error.may_exist or error.kind is ErrorKind.DUPLICATE:
            # a used id means that our task exists though the look-up did not show it yet
            self._doubt = True
            self._duplicates += error.kind is ErrorKind.DUPLICATE
            if self._duplicates > DUPLICATE_ROUNDS:
                raise PendingError(replace(error.problem(), fix=f"Search the service's console for {self._ext}."))
            yield from self._pause(error)
            return None
        if error.reaction is Reaction.ITEM:
            return steps.refused(self._context.ledger, self._ext, str(error.problem()))
        if not self._doubt:
            steps.not_taken(self._context.ledger, self._ext, error.message)
        yield from self._pause(error)
        return None

    def _pause(self, error: KlingError) -> Generator[ClipEvent, Reply, None]:
        """Delay because of an error that may pass; raise if it will not, or not in time."""
        if error.reaction is Reaction.STOP:
            self._context.stopped = error.problem()
            raise StopStepError(error.problem())
        self._tries += 1
        if self._tries > self._context.max_retries:
            raise PendingError(error.problem())
        yield Progress(self._plan.video_id, self._plan.clip, self._entry.segment, "retry", str(error.problem()))
        yield Delay(self._context.backoff(self._ext, self._tries, error.retry_after), error.kind.value)
