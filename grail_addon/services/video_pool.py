# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs many clips in one thread: no more at once than there are slots, and one batched status request per interval."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from .kling import KlingError, Reaction
from .purchase import ClipPlan, PurchaseContext
from .video_events import AskStatus, ClipResult, ClipRun, Delay, Progress, Reply, StopStepError
from .video_job import run_clip

PoolEvent = Progress | Delay | ClipResult
Pool = Generator[PoolEvent, None, None]


@dataclass
class _Job:
    run: ClipRun
    wake: float
    asks: AskStatus | None = None
    reply: Reply = None
    started: bool = False


def run_pool(plans: Iterable[ClipPlan], context: PurchaseContext, poll_seconds: float = 5.0) -> Pool:
    """Buy the clips; yields progress, each clip's result as it ends, and `Delay` when there is nothing to do.

    Closing the generator cancels: what was submitted stays in the ledger for --resume, the rest is released.
    Raises StopStepError before anything is reserved if the service is out of reach or does not take the key.
    """
    yield from identify_service(context)
    context.ledger.release_stale()
    pool = _Pool(iter(plans), context, poll_seconds)
    try:
        yield from pool.go()
    finally:
        pool.close()


def identify_service(context: PurchaseContext) -> Pool:
    """Ask the service who it is until it answers, yielding `Delay`; then `payee` knows. Raises StopStepError."""
    tries = 0
    while True:
        try:
            context.service.payee()
            return
        except KlingError as error:
            tries += 1
            if error.reaction is not Reaction.WAIT or tries > context.max_retries:
                raise StopStepError(error.problem()) from None
            yield Delay(context.backoff("payee", tries, error.retry_after), error.kind.value)


class _Pool:
    def __init__(self, plans: Iterator[ClipPlan], context: PurchaseContext, poll_seconds: float) -> None:
        self._plans = plans
        self._context = context
        self._poll_seconds = poll_seconds
        self._next_poll = 0.0
        self._jobs: list[_Job] = []

    def close(self) -> None:
        for job in self._jobs:
            job.run.close()

    def go(self) -> Pool:
        while True:
            self._admit()
            if not self._jobs:
                return
            now = self._context.clock.monotonic()
            ready = [job for job in self._jobs if job.asks is None and job.wake <= now]
            for job in ready:
                yield from self._step(job)
            if ready:
                continue
            asking = [job for job in self._jobs if job.asks is not None]
            if asking and self._next_poll <= now:
                self._poll(asking)
                self._next_poll = self._context.clock.monotonic() + self._poll_seconds
                continue
            wakes = [job.wake for job in self._jobs if job.asks is None]
            due = min([*wakes, self._next_poll] if asking else wakes)
            yield Delay(max(0.0, due - now), "waiting for the service" if asking else "waiting")

    def _admit(self) -> None:
        while len(self._jobs) < self._context.slots:
            plan = next(self._plans, None)
            if plan is None:
                return
            self._jobs.append(_Job(run_clip(plan, self._context), wake=0.0))

    def _step(self, job: _Job) -> Pool:
        """Let a job go on until it waits, asks or ends."""
        while True:
            try:
                event = job.run.send(job.reply) if job.started else next(job.run)
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
            yield event
            if event.step == "downloading":
                return  # others get their turn between two chunks

    def _poll(self, asking: list[_Job]) -> None:
        asks = [job.asks for job in asking if job.asks is not None]
        answer: dict[str, Reply] = {}
        error: KlingError | None = None
        try:
            answer.update(self._context.service.poll([ask.task_id for ask in asks], min(ask.since for ask in asks)))
        except KlingError as failure:
            error = failure
        self._context.ledger.seen(ask.external_id for ask in asks)
        for job, ask in zip(asking, asks, strict=True):
            job.asks, job.reply = None, error if error is not None else answer.get(ask.task_id)


def drain(pool: Pool, context: PurchaseContext, on_event: Callable[[PoolEvent], None]) -> list[ClipResult]:
    """Run a pool to its end in this thread, sleeping where it waits; returns the results in the order they came."""
    results = []
    for event in pool:
        if isinstance(event, Delay):
            context.clock.sleep(event.seconds)
        elif isinstance(event, ClipResult):
            results.append(event)
        on_event(event)
    return results
