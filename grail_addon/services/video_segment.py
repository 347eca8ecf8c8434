# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes one segment from wherever the ledger says it is to a verified file. Crash safe at every instruction."""

from __future__ import annotations

import datetime
import json
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..core.errors import InputError, Problem
from ..core.files import sha256_file
from ..core.ledger import steps
from ..core.ledger.rows import ClipKey, Entry, Payee
from ..core.ledger.store import BudgetError
from ..core.money import micro_usd
from ..core.video.request import VideoRequest, request_record
from .download import DownloadError, fetch, part_file, seal, settle
from .kling import ErrorKind, KlingError, Reaction, Task
from .kling.errors import failed_task_kind
from .purchase import ClipPlan, PurchaseContext, segment_request
from .video_events import AskStatus, ClipEvent, Delay, Progress, Reply, Step, StopStepError
from .video_submit import NOT_SENT, PendingError, place

RESULT_DAYS = 30
"""The service removes results after this many days."""

UNKNOWN_LIMIT = 5
"""How often in a row the service may not know a task that it once accepted."""


DEAD_LINKS = 3
"""How many fresh links may be dead before the result counts as gone."""


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
        self._made: Task | None = None  # the answer that said so; its link is fresh

    def buy(self) -> Generator[ClipEvent, Reply, Entry]:
        """Run to `verified` and return the row. FailedError, PendingError or StopStepError otherwise."""
        entry = self._ledger.latest(self._key)
        while True:
            if entry is None or entry.state == "released":
                entry = self._reserve()
                yield self._progress("reserved", entry.external_id)
            elif entry.state in ("reserved", "submitting"):
                entry = yield from place(self._context, self._plan, entry, partial(self._request_of, entry))
                yield self._progress("submitted", entry.task_id or entry.message)
            elif entry.state == "submitted":
                entry = yield from self._follow(entry)
            elif entry.state == "succeeded":
                entry = yield from self._fetch(entry)
            elif entry.state == "downloaded":
                entry = self._verify(entry)
                yield self._progress("verified", entry.verdict or "")
            elif entry.state == "verified":
                if self._intact(entry, purchase_file(self._plan, entry.external_id)):
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
        return replace(self._request(), prompt=str(json.loads(entry.request)["prompt"]))

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
            self._context.stopped = error.problems[0]
            raise StopStepError(error.problems) from None

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

    def _ask(self, entry: Entry) -> Generator[ClipEvent, Reply, Task | None]:
        """The task as the service tells it, through passing errors; None if it is not known there."""
        tries = 0
        while True:
            reply = yield AskStatus(entry.task_id or "", entry.external_id, entry.submitted_at or entry.created_at)
            if not isinstance(reply, KlingError):
                return reply
            tries += 1
            if reply.reaction is Reaction.STOP:
                self._context.stopped = reply.problem()
                raise StopStepError(reply.problem())
            if tries > self._context.max_retries:
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
                    raise PendingError(
                        Problem(f"The service does not know task {entry.task_id} any more.", "See its console.")
                    )
                yield Delay(self._context.backoff(entry.external_id, unknown, None), "the task is not known yet")
            elif task.state == "succeeded":
                self._made = task
                return steps.succeeded(self._ledger, entry, self._charged(task), _text(task.units))
            elif task.state == "failed":
                return steps.failed(self._ledger, entry.external_id, task.message, self._charged(task))
            else:
                unknown = 0
                patience = self._context.patience
                if patience is not None and self._context.clock.monotonic() - began > patience:
                    raise PendingError(
                        Problem("The task is still running at the service.", "Run again with --resume to fetch it.")
                    )

    def _charged(self, task: Task) -> int | None:
        if task.usd is not None:
            return micro_usd(task.usd)
        return None if task.units is None else self._context.prices.of_units(task.units).micro_usd

    # ---------------------------------------------------------------- the file

    def _fetch(self, entry: Entry) -> Generator[ClipEvent, Reply, Entry]:
        target = purchase_file(self._plan, entry.external_id)
        tries = 0
        while True:
            task, self._made = self._made or (yield from self._ask(entry)), None
            if task is None or task.url is None:
                return self._gone(entry, "the service no longer has it")
            try:
                for size in fetch(task.url, target):
                    yield self._progress("downloading", str(size))
                done = seal(target)
                return steps.downloaded(self._ledger, entry.external_id, done.sha256, done.bytes)
            except DownloadError as error:
                tries += 1
                if error.gone and tries >= DEAD_LINKS:
                    return self._gone(entry, str(error))
                if tries > self._context.max_retries:
                    raise PendingError(
                        Problem(f"The clip could not be fetched: {error}.", "Run again with --resume.")
                    ) from None
                yield self._progress("retry", str(error))
            yield Delay(self._context.backoff(entry.external_id, tries, None), "download")

    def _age_days(self, entry: Entry) -> float:
        return (self._context.clock.time() - (entry.submitted_at or entry.created_at)) / 86400.0

    def _gone(self, entry: Entry, why: str) -> Entry:
        if self._age_days(entry) < RESULT_DAYS:
            raise PendingError(Problem(f"The clip cannot be fetched now: {why}.", "Run again with --resume."))
        since = datetime.datetime.fromtimestamp(entry.submitted_at or entry.created_at, datetime.UTC).date()
        text = f"The clip was made on {since.isoformat()}; results are removed after {RESULT_DAYS} days ({why})."
        return steps.expired(self._ledger, entry.external_id, text)

    def _verify(self, entry: Entry) -> Entry:
        target = purchase_file(self._plan, entry.external_id)
        if not self._intact(entry, target):
            if not self._intact(entry, part_file(target)):
                return steps.lost_file(self._ledger, entry.external_id)
            settle(target)
        verdict = self._context.inspect(self._plan, self._number, self._frame, target)
        return steps.verified(self._ledger, entry.external_id, verdict.verdict, " ".join(verdict.reasons))

    @staticmethod
    def _intact(entry: Entry, path: Path) -> bool:
        return path.is_file() and path.stat().st_size == entry.bytes and sha256_file(path) == entry.sha256

    def _progress(self, step: Step, text: str) -> Progress:
        return Progress(self._plan.video_id, self._plan.clip, self._number, step, text)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
