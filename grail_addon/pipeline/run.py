# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a plan item by item and says what happens: a step that yields events and effects, drained by a driver.

One object's failure never stops the others. Closing it cancels at the pause where it stands; finished items are never
lost, and of the item at hand nothing stays.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ..core.clock import Clock
from ..core.config.run import RunConfig
from ..core.errors import Problem
from ..core.gate.types import lost_textures
from ..core.layout import ObjectId
from ..core.plan.items import Item, ObjectJob, shown
from ..core.scale.priors import SizePriors
from ..core.settle.rest import RestPose, settled
from ..core.settle.result import SettleResult
from ..steps.effects import Pause, Steps, Stop, mapped, offload
from ..steps.events import Done, Ended, Event, Failed, Note, Planned, Skipped, Started
from ..steps.port import SettledObject, Workshop
from .attempt import Failure, attempt, attempt_steps
from .jobs import Jobs
from .overlap import Finished, Outcome, Overlap
from .probe import Prober
from .records.store import Records
from .size_check import asked_unit, size_notes

T = TypeVar("T")

MOST_REOPENED = 5
"""How often an item is begun again because its stage went."""


class LastStep(Protocol):
    """What a run does at last, over all its frames: step 4. planned: how many items it has events for."""

    @property
    def planned(self) -> int: ...

    def events(self) -> Steps[None]: ...


def _event(kind: type[Event], item: Item, **more: Any) -> Event:
    variant = str(item.vid).rsplit("/", 1)[-1] if item.vid else ""
    return kind(item.key, item.step, str(item.obj), variant, **more)


class Run:
    """One run over its jobs. workshop: may be None where there are no jobs. prober: needed for jobs with a probe.
    priors: plausible sizes, to warn of objects that nobody probes. keep_open: leave the workshop open for a later run; else it is closed after the last object.

    Once `events` is drained, `failed` counts failed items, `pending` the videos that a later run has to fetch.
    """

    def __init__(
        self,
        config: RunConfig,
        records: Records,
        jobs: Jobs,
        workshop: Workshop | None,
        clock: Clock,
        prober: Prober | None = None,
        last: LastStep | None = None,
        priors: SizePriors | None = None,
        keep_open: bool = False,
    ) -> None:
        self._config, self._records, self._jobs = config, records, jobs
        self._shop, self._clock = workshop, clock
        self._layout = records.layout
        self._prober, self._last, self._priors = prober, last, priors
        self._keep_open = keep_open
        self._opened: ObjectId | None = None
        self._overlap = Overlap(self._attempt, self._tell, self._tell_now)
        self.done = self.skipped = self.failed = 0
        self.pending = self.unsent = 0
        self._can_write = True

    @property
    def _workshop(self) -> Workshop:
        if self._shop is None:
            raise RuntimeError("only a run without objects needs no workshop")
        return self._shop

    def events(self) -> Steps[None]:
        """Do the work; see `steps.effects` for what is yielded beside events."""
        start = self._clock.monotonic()
        total = sum(len(job.items) for job in self._jobs.ready) + len(self._jobs.missing)
        total += self._last.planned if self._last is not None else 0
        try:
            yield Planned(data={"items": total, "objects": len(self._jobs.ready)})
            for obj, problems in self._jobs.missing:
                self.failed += 1
                yield Failed(f"object {obj}", "object", str(obj), **Failure(tuple(problems)).said)
            for job in self._jobs.ready:
                if self._can_write:
                    yield from self._object(job)
            yield Pause("close")
        finally:
            if self._shop is not None and not self._keep_open:
                self._shop.close()
        counts = {}
        if not self._can_write:
            counts["untried"] = total - self.done - self.failed - self.skipped
            self.failed += counts["untried"]
        elif self._last is not None:
            yield from mapped(self._last.events(), self._count)
            counts = {"pending": self.pending, "unsent": self.unsent}
        counts = {"done": self.done, "skipped": self.skipped, "failed": self.failed, **counts}
        yield Ended(seconds=self._clock.monotonic() - start, data=counts)

    def _count(self, event: Event) -> Event:
        if isinstance(event, Done):
            self.done += 1
        elif isinstance(event, Failed):
            self.failed += 1
        elif isinstance(event, Skipped):
            self.pending += event.verdict == "pending"
            self.unsent += event.verdict == "not sent"
            self.skipped += event.verdict not in ("pending", "not sent")
        return event

    def _is_fresh(self, item: Item) -> Steps[bool]:
        if not self._config.skip_done:
            return False
        found = yield from offload(lambda: self._records.freshness(item), "hashing")
        return found.fresh

    def _due(self, job: ObjectJob) -> Steps[set[str]]:
        """Keys of the job's settle and renders that are to be made."""
        items = [*job.renders, *([job.settle] if job.settle is not None and not self._config.skip_step1 else [])]
        due = set()
        for item in items:
            if not (yield from self._is_fresh(item)):
                due.add(item.key)
        return due

    def _object(self, job: ObjectJob) -> Steps[None]:
        yield Pause("next item")
        if job.probe is not None:
            job = yield from self._scaled(job, job.probe)
        due = yield from self._due(job)
        later = job.items[1:] if job.probe is not None else job.items
        if not due:
            for item in later:
                yield self._skip(item)
            return
        if job.settle is not None and job.settle.key not in due:
            stale = yield from self._stale_state(job.settle)
            if stale is not None:
                # refused before anything was tried: what is there stays, for when the old inputs come back
                yield from self._fail_all(job, later, [stale], record=False)
                return
        opened = yield from self._open(job)
        if isinstance(opened, Failure):
            yield from self._without(job, later, due, opened.problems)
            return
        rest = yield from self._rest(job, due)
        if isinstance(rest, Failure):
            yield from self._without(job, job.renders, due, rest.problems)
            return
        try:
            for item in job.renders:
                yield Pause("next item")
                if not self._can_write:
                    break
                if item.key in due:
                    yield from self._render(job, item, rest)
                else:
                    yield from self._overlap.wait()
                    yield self._skip(item)
            yield from self._overlap.wait()
        except Stop:
            yield from self._overlap.last_words()
            raise

    def _attempt(self, steps: Steps[T]) -> Steps[T | Failure]:
        """As `attempt_steps`; a full disk ends the run, as every further item would only say the same."""
        result = yield from attempt_steps(steps)
        if isinstance(result, Failure) and result.ends_run:
            self._can_write = False
        return result

    def _open(self, job: ObjectJob) -> Steps[Failure | None]:
        """Open the job's object, unless it is open."""
        if self._opened == job.obj:
            return None
        self._opened = None
        notes = yield from self._attempt(self._workshop.open(job))
        if isinstance(notes, Failure):
            return notes
        question = asked_unit(job, self._workshop, self._priors)
        if question is not None:
            return Failure((question,))
        self._opened = job.obj
        for note in [*notes, *size_notes(job, self._workshop, self._priors)]:
            yield Note(obj=str(job.obj), message=note)
        return None

    def _scaled(self, job: ObjectJob, item: Item) -> Steps[ObjectJob]:
        """The job planned for its probed scale; for the configured one where the probe fails, which is said."""
        prober = self._prober
        if prober is None:
            raise RuntimeError("a job with a probe needs a prober")
        known = yield from offload(lambda: prober.known(job), "hashing")
        if known.fresh:
            yield self._skip(item)
            return (yield from offload(lambda: prober.with_known_scale(job), "hashing"))
        yield _event(Started, item)
        start = self._clock.monotonic()
        opened = yield from self._open(job)
        if isinstance(opened, Failure):
            yield from self._fail_all(job, [item], opened.problems)
            return job
        record = yield from self._attempt(prober.probe(self._workshop, job, item))
        if isinstance(record, Failure):
            yield from self._fail_all(job, [item], record.problems)
            return job
        self.done += 1
        scale = ", ".join(f"{s:.4g}" for s in record["obj_scale"])
        yield _event(
            Done,
            item,
            seconds=self._clock.monotonic() - start,
            verdict=str(record["outcome"]),
            path=self._below_results(self._layout.obj_scale(job.obj)),
            message=" ".join([f"scale {scale}.", *record["warnings"]]),
        )
        return (yield from offload(lambda: prober.with_record(job, record), "hashing"))

    def _below_results(self, path: Path) -> str:
        return path.relative_to(self._layout.results_dir).as_posix()

    def _skip(self, item: Item, verdict: str = "") -> Event:
        self.skipped += 1
        path, lost = "", dict[str, list[str]]()
        if item.step == "render" and item.vid is not None:
            # the closing table shows a frame's verdict whenever it was made
            verdict, lost = self._records.verdict(item)
            path = self._below_results(self._layout.frame(item.vid))
        return _event(Skipped, item, message="up to date", verdict=verdict, path=path, data=lost)

    def _stale_state(self, item: Item) -> Steps[Problem | None]:
        """Why the settled state that is there cannot be used, if so."""
        state = yield from offload(lambda: self._records.freshness(item), "hashing")
        if state.fresh:
            return None
        return Problem(
            f"the settled state of {item.obj} no longer matches: {state.why}.", "Run once without --skip_step1."
        )

    def _without(
        self, job: ObjectJob, items: Sequence[Item], due: Container[str], problems: Sequence[Problem]
    ) -> Steps[None]:
        """None of `items` can be made. What is due has failed; what is up to date stays so."""
        for item in items:
            if item.key in due:
                yield from self._fail_all(job, [item], problems)
            else:
                yield self._skip(item)

    def _rest(self, job: ObjectJob, due: Container[str]) -> Steps[RestPose | Failure]:
        """Settle the object or fetch its state; Failure: why its frames cannot be made."""
        item = job.settle
        if item is None:
            if self._config.skip_step1 and self._config.simulation.use_initial_state:
                yield Note(obj=str(job.obj), message="no settled state there; standing as configured.")
            return attempt(lambda: self._workshop.unsettled(job))
        yield Pause("next item")
        if item.key in due:
            result = yield from self._settle(job, item)
        else:
            result = attempt(lambda: self._records.settled_state(job.obj))
            if isinstance(result, Failure):
                yield from self._fail_all(job, [item], result.problems, record=False)
            else:
                yield self._skip(item, _settle_verdict(result))
        if isinstance(result, Failure):
            return Failure((Problem("its object could not be settled."),))
        if not result.usable:
            why = " ".join(result.reasons) or "the object did not come to rest on its support."
            return Failure((Problem(f"not rendered: {why}"),))
        return (yield from offload(partial(settled, result), "rest pose"))

    def _on_stage(self, job: ObjectJob, work: Callable[[], Steps[T]]) -> Steps[T | Failure]:
        """Result of `work`; where the stage goes meanwhile (an undo in the window takes it), once more on a new one."""
        made = yield from self._attempt(work())
        for _ in range(MOST_REOPENED):
            if not (isinstance(made, Failure) and made.is_stage_lost):
                break
            self._opened = None
            opened = yield from self._open(job)
            if isinstance(opened, Failure):
                return opened
            made = yield from self._attempt(work())
        return made

    def _settle(self, job: ObjectJob, item: Item) -> Steps[SettleResult | Failure]:
        yield _event(Started, item)
        start = self._clock.monotonic()
        made = yield from self._on_stage(job, lambda: self._settled(job, item))
        if isinstance(made, Failure):
            yield from self._fail_all(job, [item], made.problems)
            return made
        result = made.result
        self.done += 1
        yield _event(
            Done,
            item,
            seconds=self._clock.monotonic() - start,
            verdict=_settle_verdict(result),
            path=self._below_results(self._layout.initial_state_json(job.obj)),
            message=" ".join(result.reasons),
            data={"confidence": result.confidence, "tip_angle_deg": result.tip_angle_deg},
        )
        return result

    def _settled(self, job: ObjectJob, item: Item) -> Steps[SettledObject]:
        made = yield from self._workshop.settle(job)
        versions, opened = self._workshop.versions, self._workshop.opened
        yield from offload(lambda: self._records.write_settled(item, made, versions, opened), "records")
        return made

    def _render(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[None]:
        """Make the picture of a frame, and begin what is left of it, which goes on beside the next picture."""
        yield _event(Started, item)
        start = self._clock.monotonic()
        shows = shown(job, item.vid, item.inputs["base_seed"]) if item.vid is not None else job
        picture = yield from self._on_stage(job, lambda: self._overlap.beside(self._workshop.render(shows, item, rest)))
        yield from self._overlap.wait()
        if isinstance(picture, Failure):
            yield from self._fail_all(job, [item], picture.problems)
            return
        made, versions, opened = picture, self._workshop.versions, self._workshop.opened

        def finish() -> Finished:
            frame = made.finish()
            self._records.write_frame(shows, item, rest, frame, versions, opened)
            return Finished(frame, self._clock.monotonic() - start)

        yield from self._overlap.begin(job, item, finish)

    def _tell(self, job: ObjectJob, item: Item, outcome: Outcome) -> Steps[None]:
        """Say what came of a frame."""
        if isinstance(outcome, Failure):
            yield from self._fail_all(job, [item], outcome.problems)
        else:
            yield self._done(item, outcome)

    def _tell_now(self, job: ObjectJob, item: Item, outcome: Outcome) -> Event:
        """As `_tell`; nothing more can be offloaded, so what went wrong is written here."""
        if not isinstance(outcome, Failure):
            return self._done(item, outcome)
        recorded = None if outcome.ends_run else attempt(self._failure_record(job, item, outcome.problems))
        return self._failed(item, outcome.problems, recorded)

    def _done(self, item: Item, finished: Finished) -> Event:
        self.done += 1
        frame = finished.frame
        return _event(
            Done,
            item,
            seconds=finished.seconds,
            verdict=frame.verdict.verdict,
            path=self._below_results(frame.picture),
            message=" ".join([*frame.verdict.reasons, *frame.notes]),
            data=lost_textures(frame.verdict.to_json()["measurements"]),
        )

    def _fail_all(
        self, job: ObjectJob, items: Sequence[Item], problems: Sequence[Problem], record: bool = True
    ) -> Steps[None]:
        """record: say so on disk too."""
        for item in items:
            recorded = None
            if record and self._can_write:
                recorded = yield from self._attempt(offload(self._failure_record(job, item, problems), "records"))
            yield self._failed(item, problems, recorded)

    def _failed(self, item: Item, problems: Sequence[Problem], recorded: Failure | None) -> Event:
        """recorded: what went wrong when it was written down, if so."""
        self.failed += 1
        failure = Failure((*problems, *(recorded.problems if recorded is not None else ())))
        return _event(Failed, item, **failure.said)

    def _failure_record(self, job: ObjectJob, item: Item, problems: Sequence[Problem]) -> Callable[[], None]:
        """Work that says on disk why an item failed."""
        return partial(self._records.write_failure, job, item, tuple(problems), self._workshop.versions)


def _settle_verdict(result: SettleResult) -> str:
    if not result.usable:
        return "fail"
    return "rolls" if result.rolls else "stable"
