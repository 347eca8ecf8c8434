# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs many clips from one thread: no more at once than there are slots, one batched status request per interval, and
what blocks in lanes of its own, so that a slow download holds up nobody."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from .kling import KlingError, Reaction
from .lanes import NEXT_LOOK, Lanes, ended, result_of
from .purchase import ClipPlan, PurchaseContext
from .video_events import AskStatus, ClipProgress, ClipResult, ClipRun, Delay, LaneWork, Reply, StopStepError
from .video_job import run_clip

PoolEvent = ClipProgress | Delay | ClipResult
Pool = Generator[PoolEvent, None, None]


@dataclass
class _Job:
    """One clip. asks: the status it waits for; future: its work in a lane; else it goes on at `wake`, with `reply`."""

    run: ClipRun
    wake: float
    asks: AskStatus | None = None
    future: Future[Any] | None = None
    reply: Reply = None
    started: bool = False


def run_pool(plans: Iterable[ClipPlan], context: PurchaseContext, poll_seconds: float = 5.0) -> Pool:
    """Buy the clips; yields progress, each clip's result as it ends, and `Delay` when there is nothing to do.

    Closing the generator cancels: what was submitted stays in the ledger for --resume, the rest is released.
    Raises StopStepError before anything is reserved if the service is out of reach or does not take the key.
    """
    yield from identify_service(context)
    context.ledger.release_stale()
    with Lanes() as lanes:
        pool = _Pool(iter(plans), context, lanes, poll_seconds)
        try:
            yield from pool.go()
        finally:
            pool.close()


def identify_service(context: PurchaseContext) -> Pool:
    """Ask the service who it is until it answers, yielding `Delay`; then `payee` knows. Raises StopStepError."""
    tries = 0
    with Lanes() as lanes:
        while True:
            try:
                yield from result_of(lanes.start(LaneWork(context.service.payee, "service")), "waiting for the service")
                return
            except KlingError as error:
                tries += 1
                if error.reaction is not Reaction.WAIT or tries > context.max_retries:
                    raise StopStepError(error.problem()) from None
                yield Delay(context.backoff("payee", tries, error.retry_after), error.kind.value)


class _Pool:
    def __init__(self, plans: Iterator[ClipPlan], context: PurchaseContext, lanes: Lanes, poll_seconds: float) -> None:
        self._plans = plans
        self._context = context
        self._lanes = lanes
        self._poll_seconds = poll_seconds
        self._next_poll = 0.0
        self._poll: Future[dict[str, Any]] | None = None
        self._polled: list[_Job] = []
        self._jobs: list[_Job] = []

    def close(self) -> None:
        for job in self._jobs:
            job.run.close()

    def go(self) -> Pool:
        while True:
            self._admit()
            if not self._jobs:
                return
            self._take_poll()
            now = self._context.clock.monotonic()
            ready = [job for job in self._jobs if self._is_ready(job, now)]
            for job in ready:
                yield from self._step(job)
            if ready or self._start_poll(now):
                continue
            under_way = [job.future for job in self._jobs if job.future is not None]
            if self._poll is not None:
                under_way.append(self._poll)
            if under_way and ended(under_way):
                continue
            yield self._pause(now, bool(under_way))

    def _is_ready(self, job: _Job, now: float) -> bool:
        if job.future is not None:
            return job.future.done()
        return job.asks is None and job.wake <= now

    def _pause(self, now: float, busy: bool) -> Delay:
        asking = any(job.asks is not None for job in self._jobs)
        if busy:
            return Delay(NEXT_LOOK, "waiting for the service")
        due = [job.wake for job in self._jobs if job.asks is None] + ([self._next_poll] if asking else [])
        return Delay(max(0.0, min(due) - now), "waiting for the service" if asking else "waiting")

    def _admit(self) -> None:
        while len(self._jobs) < self._context.slots:
            plan = next(self._plans, None)
            if plan is None:
                return
            self._jobs.append(_Job(run_clip(plan, self._context), wake=0.0))

    def _step(self, job: _Job) -> Pool:
        """Let a job go on until it waits, asks, has work done or ends."""
        while True:
            try:
                event = self._resume(job)
            except StopIteration as end:
                self._jobs.remove(job)
                yield end.value
                return
            job.started, job.reply = True, None
            if isinstance(event, Delay):
                job.wake = self._context.clock.monotonic() + event.seconds
                return
            if isinstance(event, AskStatus):
                job.asks = event
                return
            if isinstance(event, LaneWork):
                job.future = self._lanes.start(event)
                return
            yield event

    def _resume(self, job: _Job) -> Any:
        if not job.started:
            return next(job.run)
        future, job.future = job.future, None
        if future is None:
            return job.run.send(job.reply)
        error = future.exception()
        return job.run.send(future.result()) if error is None else job.run.throw(error)

    # ---------------------------------------------------------------- one status request for all

    def _start_poll(self, now: float) -> bool:
        """Ask about all tasks that jobs wait for, if it is time."""
        asking = [job for job in self._jobs if job.asks is not None]
        if not asking or self._poll is not None or self._next_poll > now:
            return False
        asks = [job.asks for job in asking if job.asks is not None]
        ids, since = [ask.task_id for ask in asks], min(ask.since for ask in asks)
        self._polled = asking
        self._poll = self._lanes.start(LaneWork(partial(self._context.service.poll, ids, since), "service"))
        return True

    def _take_poll(self) -> None:
        if self._poll is None or not self._poll.done():
            return
        poll, self._poll = self._poll, None
        error = poll.exception()
        if error is not None and not isinstance(error, KlingError):
            raise error
        answer = {} if error is not None else poll.result()
        self._context.ledger.seen(job.asks.external_id for job in self._polled if job.asks is not None)
        for job in self._polled:
            if job.asks is not None:
                job.reply = error if error is not None else answer.get(job.asks.task_id)
                job.asks, job.wake = None, 0.0
        self._next_poll = self._context.clock.monotonic() + self._poll_seconds
