# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs many clips in one thread: no more at once than there are slots, and one batched status request per interval."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from .kling import KlingError, Reaction
from .video_desk import ClipPlan, Desk
from .video_events import AskStatus, ClipResult, ClipRun, Progress, Reply, StopStepError, Wait
from .video_job import run_clip

PoolEvent = Progress | Wait | ClipResult
Pool = Generator[PoolEvent, None, None]


@dataclass
class _Job:
    run: ClipRun
    wake: float
    asks: AskStatus | None = None
    reply: Reply = None
    started: bool = False


def run_pool(plans: Iterable[ClipPlan], desk: Desk, poll_seconds: float = 5.0) -> Pool:
    """Buy the clips; yields progress, each clip's result as it ends, and `Wait` when there is nothing to do.

    Closing the generator cancels: what was submitted stays in the ledger for --resume, the rest is released.
    Raises StopStepError before anything is reserved if the service is out of reach or does not take the key.
    """
    yield from say_hello(desk)
    desk.ledger.release_stale()
    pool = _Pool(iter(plans), desk, poll_seconds)
    try:
        yield from pool.go()
    finally:
        pool.close()


def say_hello(desk: Desk) -> Pool:
    """Ask the service who it is until it answers, yielding `Wait`; then `payee` knows. Raises StopStepError."""
    tries = 0
    while True:
        try:
            desk.service.payee()
            return
        except KlingError as error:
            tries += 1
            if error.reaction is not Reaction.WAIT or tries > desk.max_retries:
                raise StopStepError(error.problem()) from None
            yield Wait(desk.backoff("hello", tries, error.retry_after), error.kind.value)


class _Pool:
    def __init__(self, plans: Iterator[ClipPlan], desk: Desk, poll_seconds: float) -> None:
        self._plans = plans
        self._desk = desk
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
            now = self._desk.clock.monotonic()
            ready = [job for job in self._jobs if job.asks is None and job.wake <= now]
            for job in ready:
                yield from self._step(job)
            if ready:
                continue
            asking = [job for job in self._jobs if job.asks is not None]
            if asking and self._next_poll <= now:
                self._poll(asking)
                self._next_poll = self._desk.clock.monotonic() + self._poll_seconds
                continue
            wakes = [job.wake for job in self._jobs if job.asks is None]
            due = min([*wakes, self._next_poll] if asking else wakes)
            yield Wait(max(0.0, due - now), "waiting for the service" if asking else "waiting")

    def _admit(self) -> None:
        while len(self._jobs) < self._desk.slots:
            plan = next(self._plans, None)
            if plan is None:
                return
            self._jobs.append(_Job(run_clip(plan, self._desk), wake=0.0))

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
            if isinstance(event, Wait):
                job.wake = self._desk.clock.monotonic() + event.seconds
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
            answer.update(self._desk.service.poll([ask.task_id for ask in asks], min(ask.since for ask in asks)))
        except KlingError as failure:
            error = failure
        self._desk.ledger.seen(ask.external_id for ask in asks)
        for job, ask in zip(asking, asks, strict=True):
            job.asks, job.reply = None, error if error is not None else answer.get(ask.task_id)


def drain(pool: Pool, desk: Desk, on_event: Callable[[PoolEvent], None]) -> list[ClipResult]:
    """Run a pool to its end in this thread, sleeping where it waits; returns the results in the order they came."""
    results = []
    for event in pool:
        if isinstance(event, Wait):
            desk.clock.sleep(event.seconds)
        elif isinstance(event, ClipResult):
            results.append(event)
        on_event(event)
    return results
