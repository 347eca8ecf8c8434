# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes one segment from wherever the ledger says it is to a verified file. Crash safe at every instruction."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..core.errors import InputError, Problem
from ..core.ledger import steps
from ..core.ledger.rows import ClipKey, Entry, Payee
from ..core.ledger.store import BudgetError
from ..core.video.request import VideoRequest, request_record
from .download import intact, put_in_place
from .kling import ErrorKind, KlingError, Reaction, VideoTask
from .kling.errors import RUN_AGAIN, failed_task_kind
from .lanes import call
from .purchase import ClipPlan, PurchaseContext, segment_request
from .video_cost import reported_cost
from .video_events import AskStatus, ClipEvent, ClipProgress, ClipStep, Delay, Reply, StopStepError
from .video_fetch import fetch_clip
from .video_submit import LIST_MARGIN, NOT_SENT, PendingError, submit_clip

UNKNOWN_LIMIT = 5
"""How often in a row the service may not know a task that it once accepted."""

ODD_ANSWERS = 5
"""How often in a row an answer about a task may make no sense, before the clip is left for a later run."""

FETCHES_OF_A_BROKEN_FILE = 2
"""How often a file that cannot be played is fetched again; one that comes the same twice is what was made."""


class FailedError(Exception):
    """This segment will not come without a change; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def purchase_file(plan: ClipPlan, ext: str) -> Path:
    """Where the file of a task is kept; never overwritten by another task."""
    return plan.purchases / f"{ext}.mp4"


class Segment:
    """One segment of one clip."""

    def __init__(self, context: PurchaseContext, plan: ClipPlan, payee: Payee, number: int, frame: Path) -> None:
        self._context = context
        self._ledger = context.ledger
        self._plan = plan
        self._key: ClipKey = plan.key(payee, number)
        self._number = number
        self._frame = frame
        self._bought_again = False
        self._broken: set[str | None] = set()
        self._made: VideoTask | None = None  # the answer that said so; its link is fresh

    def buy(self) -> Generator[ClipEvent, Reply, Entry]:
        """Run to `verified` and return the row. FailedError, PendingError or StopStepError otherwise."""
        entry = self._ledger.latest(self._key)
        while True:
            if entry is None or entry.state == "released":
                entry = self._reserve()
                yield self._progress("reserved", entry.external_id)
            elif entry.state in ("reserved", "submitting"):
                entry = yield from submit_clip(self._context, self._plan, entry, partial(self._request_of, entry))
                yield self._progress("submitted", entry.task_id or entry.message)
            elif entry.state == "submitted":
                entry = yield from self._follow(entry)
            elif entry.state == "succeeded":
                yield self._progress("downloading", "")
                made, self._made = self._made, None
                target = purchase_file(self._plan, entry.external_id)
                entry = yield from fetch_clip(self._context, entry, target, made, self._ask, self._progress)
            elif entry.state == "downloaded":
                entry = yield from self._verify(entry)
                if entry.state == "verified":
                    yield self._progress("verified", entry.verdict or "")
            elif entry.state == "verified":
                path = purchase_file(self._plan, entry.external_id)
                if (yield from call(partial(intact, path, entry.bytes, entry.sha256), "files")):
                    return entry
                entry = steps.lost_file(self._ledger, entry.external_id)
            else:
                entry = self._after_end(entry)

    # ---------------------------------------------------------------- money

    def _request(self) -> VideoRequest:
        context = self._context
        try:
            return segment_request(self._plan, self._number, self._frame, context.models, context.service.generation)
        except InputError as error:
            raise FailedError(error.problems[0]) from None

    def _request_of(self, entry: Entry) -> VideoRequest:
        # the prompt that was reserved is the one that is sent, whatever a later refinement would say
        try:
            prompt = json.loads(entry.request)["prompt"]
        except (ValueError, KeyError, TypeError):
            prompt = None
        if not isinstance(prompt, str) or not prompt:
            what = "The ledger does not say what was to be sent for this clip, so it is not sent."
            raise PendingError(Problem(what, "Put back a good copy of the ledger.", detail=entry.external_id))
        return replace(self._request(), prompt=prompt)

    def _reserve(self) -> Entry:
        if self._context.stopped is not None:
            raise StopStepError(self._context.stopped)
        if not self._context.send:
            raise PendingError(NOT_SENT)
        request = self._request()
        cost = self._context.prices.clip(request.model, request.mode, request.duration)
        if cost is None:
            raise FailedError(
                Problem(f"No price is known for {request.model} {request.mode}.", "Add it to configs/prices.yaml.")
            )
        record = json.dumps(
            request_record(request, self._context.service.generation), ensure_ascii=False, sort_keys=True
        )
        try:
            return self._ledger.reserve(self._key, record, cost.micro_usd, self._context.cap)
        except BudgetError as error:
            raise StopStepError(error.problems) from None  # what is reserved already still goes out

    def _after_end(self, entry: Entry) -> Entry:
        """Buy again after a failed, refused or expired attempt, where that is allowed; FailedError where not."""
        passing = entry.state == "failed" and failed_task_kind(entry.message) is ErrorKind.SERVER
        again = passing and entry.attempt < self._context.task_attempts
        if not again and (not self._context.retry_failed or self._bought_again):
            fix = "Change the prompt or the picture, or pass --retry_failed to pay for another try."
            raise FailedError(Problem(entry.message or f"The task is {entry.state}.", fix, detail=entry.external_id))
        self._bought_again = not again
        return self._reserve()

    # ---------------------------------------------------------------- the task

    def _ask(self, entry: Entry) -> Generator[ClipEvent, Reply, VideoTask | None]:
        """The task as the service reports it; passing errors are retried; None if it is not known there."""
        tries = odd = 0
        while True:
            reply = yield AskStatus(entry.task_id or "", entry.external_id, entry.submitted_at or entry.created_at)
            if isinstance(reply, VideoTask) and reply.external_id not in ("", entry.external_id):
                reply = KlingError(ErrorKind.FOREIGN, f"task {entry.task_id} is shown with the id of another clip")
            if not isinstance(reply, KlingError):
                known: VideoTask | None = reply
                return known
            tries += 1
            odd = odd + 1 if reply.kind in (ErrorKind.UNREADABLE, ErrorKind.FOREIGN) else 0
            if reply.reaction is Reaction.STOP:
                self._context.stopped = reply.problem()
                raise StopStepError(reply.problem())
            if tries > self._context.max_retries or odd >= ODD_ANSWERS:
                raise PendingError(reply.problem())
            yield Delay(self._context.backoff(entry.external_id, tries, reply.retry_after), reply.kind.value)

    def _follow(self, entry: Entry) -> Generator[ClipEvent, Reply, Entry]:
        began = self._context.clock.monotonic()
        unknown = 0
        while True:
            task = yield from self._ask(entry)
            if task is None:
                unknown += 1
                if unknown >= UNKNOWN_LIMIT:
                    return (yield from self._find_anew(entry))
                yield Delay(self._context.backoff(entry.external_id, unknown, None), "the task is not known yet")
            elif task.state == "running":
                unknown = 0
                patience = self._context.patience
                if patience is not None and self._context.clock.monotonic() - began > patience:
                    raise PendingError(
                        Problem("The task is still running at the service.", "Run again with --resume to fetch it.")
                    )
            else:
                cost = reported_cost(self._context.prices, task, entry.estimated)
                if cost.note:
                    yield self._progress("note", cost.note)
                if task.state == "succeeded":
                    self._made = task
                    return steps.succeeded(self._ledger, entry, cost.micro_usd, cost.units, cost.note)
                return steps.failed(self._ledger, entry.external_id, task.message, cost.micro_usd)

    def _find_anew(self, entry: Entry) -> Generator[ClipEvent, Reply, Entry]:
        """The row with the id under which the service shows our task; PendingError if it shows none."""
        since = (entry.submitted_at or entry.created_at) - LIST_MARGIN
        try:
            task = yield from call(partial(self._context.service.find, entry.external_id, since), "service")
        except KlingError as error:
            raise PendingError(error.problem()) from None
        if (
            task is None
            or task.task_id == entry.task_id
            or self._ledger.taken_by_another(entry.external_id, task.task_id)
        ):
            what = f"The service does not know task {entry.task_id} any more."
            raise PendingError(Problem(what, f"Search its console for {entry.external_id}. {RUN_AGAIN}"))
        return steps.corrected(self._ledger, entry.external_id, task.task_id)

    # ---------------------------------------------------------------- the file

    def _verify(self, entry: Entry) -> Generator[ClipEvent, Reply, Entry]:
        """The row as verified; or as succeeded again, where the file is gone or another fetch may bring a whole one."""
        target = purchase_file(self._plan, entry.external_id)
        if not (yield from call(partial(put_in_place, target, entry.bytes, entry.sha256), "files")):
            return steps.lost_file(self._ledger, entry.external_id)
        inspect = partial(self._context.inspect, self._plan, self._number, self._frame, target)
        verdict = yield from call(inspect, "files")
        if not verdict.playable and entry.sha256 not in self._broken and len(self._broken) < FETCHES_OF_A_BROKEN_FILE:
            self._broken.add(entry.sha256)
            return steps.lost_file(self._ledger, entry.external_id)
        if self._context.review is not None and verdict.playable:
            verdict = yield from call(
                partial(self._context.review, self._plan, self._number, target, verdict), "vision"
            )
        return steps.verified(self._ledger, entry.external_id, verdict.verdict, " ".join(verdict.reasons))

    def _progress(self, step: ClipStep, text: str) -> ClipProgress:
        return ClipProgress(self._plan.video_id, self._plan.clip, self._number, step, text)
