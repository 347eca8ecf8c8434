# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a plan item by item and tells what happens. A generator, so that a blocking loop or a timer can drain it.

One object's failure never stops the others. A cancel is honoured between items; finished items are never lost.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..core.clock import Clock
from ..core.config.run import RunConfig
from ..core.errors import Problem, UserError
from ..core.layout import ResultsLayout
from ..core.plan import Item, ObjectJob, freshness
from ..core.rest import RestPose, settled
from ..core.settle_result import SettleResult
from .events import Event, Kind
from .jobs import Jobs
from .workshop import Workshop

T = TypeVar("T")


class Cancelled(Exception):
    """The user asked to stop."""


def _event(kind: Kind, item: Item, **more: object) -> Event:
    variant = str(item.vid).rsplit("/", 1)[-1] if item.vid else ""
    return Event(kind, item.key, item.step, str(item.obj), variant, **more)  # type: ignore[arg-type]


class Run:
    """One run over its jobs. `failed` counts failed items once `events` is drained."""

    def __init__(
        self,
        config: RunConfig,
        layout: ResultsLayout,
        jobs: Jobs,
        workshop: Workshop,
        clock: Clock,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._config, self._layout, self._jobs = config, layout, jobs
        self._workshop, self._clock, self._is_cancelled = workshop, clock, is_cancelled
        self.failed = 0
        self.done = 0
        self.skipped = 0

    def events(self) -> Iterator[Event]:
        """Do the work. Raises Cancelled after the item at hand when the user asked to stop."""
        start = self._clock.monotonic()
        total = sum(len(job.items) for job in self._jobs.ready) + len(self._jobs.missing)
        yield Event("plan", data={"items": total, "objects": len(self._jobs.ready)})
        for obj, problems in self._jobs.missing:
            self.failed += 1
            yield Event("fail", f"object {obj}", "object", str(obj), message=" ".join(str(p) for p in problems))
        try:
            for job in self._jobs.ready:
                yield from self._object(job)
        finally:
            self._workshop.close()
        counts = {"done": self.done, "skipped": self.skipped, "failed": self.failed}
        yield Event("end", seconds=self._clock.monotonic() - start, data=counts)

    def _stop_if_cancelled(self) -> None:
        if self._is_cancelled():
            raise Cancelled

    def _is_fresh(self, item: Item) -> bool:
        return self._config.skip_done and freshness(item, self._layout.results_dir).fresh

    def _object(self, job: ObjectJob) -> Iterator[Event]:
        self._stop_if_cancelled()
        todo = {item.key for item in job.renders if not self._is_fresh(item)}
        settle_due = job.settle is not None and not self._config.skip_step1 and not self._is_fresh(job.settle)
        if not todo and not settle_due:
            for item in job.items:
                self.skipped += 1
                yield _event("skip", item, message="up to date")
            return
        notes = _attempt(lambda: self._workshop.open(job))
        if isinstance(notes, Failure):
            yield from self._fail_all(job, job.items, notes.problems)
            return
        for note in notes:
            yield Event("note", obj=str(job.obj), message=note)
        rest = yield from self._rest(job, settle_due)
        if rest is None:
            return
        for item in job.renders:
            self._stop_if_cancelled()
            if item.key in todo:
                yield from self._render(job, item, rest)
            else:
                self.skipped += 1
                yield _event("skip", item, message="up to date")

    def _rest(self, job: ObjectJob, settle_due: bool) -> Generator[Event, None, RestPose | None]:
        """Settle the object or fetch its state; None when its frames cannot be made."""
        item = job.settle
        if item is None:
            if self._config.skip_step1 and self._config.simulation.use_initial_state:
                yield Event("note", obj=str(job.obj), message="no settled state there; standing as configured.")
            return self._workshop.unsettled(job)
        self._stop_if_cancelled()
        result: SettleResult | None = None
        if settle_due:
            result = yield from self._settle(job, item)
        else:
            state = freshness(item, self._layout.results_dir)
            if state.fresh:
                result = self._workshop.cached_settle(job)
                self.skipped += 1
                yield _event("skip", item, message="up to date", verdict=_settle_verdict(result))
            else:
                problem = Problem(
                    f"the settled state of {job.obj} no longer matches: {state.why}.", "Run once without --skip_step1."
                )
                yield from self._fail_all(job, job.items, [problem])
                return None
        if result is None:
            yield from self._fail_all(job, job.renders, [Problem("its object could not be settled.")])
            return None
        if not result.usable:
            why = " ".join(result.reasons) or "the object did not come to rest on its support."
            yield from self._fail_all(job, job.renders, [Problem(f"not rendered: {why}")])
            return None
        return settled(result)

    def _settle(self, job: ObjectJob, item: Item) -> Generator[Event, None, SettleResult | None]:
        yield _event("start", item)
        start = self._clock.monotonic()
        result = _attempt(lambda: self._workshop.settle(job, item))
        if isinstance(result, Failure):
            yield from self._fail_all(job, [item], result.problems)
            return None
        self.done += 1
        path = self._layout.initial_state_json(job.obj).relative_to(self._layout.results_dir).as_posix()
        yield _event(
            "done",
            item,
            seconds=self._clock.monotonic() - start,
            verdict=_settle_verdict(result),
            path=path,
            message=" ".join(result.reasons),
            data={"confidence": result.confidence, "tip_angle_deg": result.tip_angle_deg},
        )
        return result

    def _render(self, job: ObjectJob, item: Item, rest: RestPose) -> Iterator[Event]:
        yield _event("start", item)
        start = self._clock.monotonic()
        frame = _attempt(lambda: self._workshop.render(job, item, rest))
        if isinstance(frame, Failure):
            yield from self._fail_all(job, [item], frame.problems)
            return
        self.done += 1
        path = frame.path.relative_to(self._layout.results_dir).as_posix()
        yield _event(
            "done",
            item,
            seconds=self._clock.monotonic() - start,
            verdict=frame.verdict,
            path=path,
            message=" ".join(frame.reasons),
        )

    def _fail_all(self, job: ObjectJob, items: Sequence[Item], problems: Sequence[Problem]) -> Iterator[Event]:
        message = " ".join(str(p) for p in problems)
        detail = "\n".join(p.detail for p in problems if p.detail)
        for item in items:
            self.failed += 1
            self._workshop.record_failure(job, item, [str(p) for p in problems])
            yield _event("fail", item, message=message, data={"detail": detail} if detail else {})


@dataclass(frozen=True)
class Failure:
    """Why a piece of work came to nothing."""

    problems: tuple[Problem, ...]


def _attempt(work: Callable[[], T]) -> T | Failure:
    """The worker's top level: what one item runs into, foreseen or not, must not end the night."""
    try:
        return work()
    except UserError as error:
        return Failure(error.problems)
    except Exception as error:
        return Failure((_unexpected(error),))


def _unexpected(error: Exception) -> Problem:
    detail = "".join(traceback.format_exception(error))
    return Problem(
        f"{type(error).__name__}: {error}", "This is a fault in the program; --log_json has the details.", detail
    )


def _settle_verdict(result: SettleResult) -> str:
    if not result.usable:
        return "fail"
    return "rolls" if result.rolls else "stable"
