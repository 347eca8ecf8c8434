# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 2 of a run for one object: has probe pictures made in the warm process, asks about them, keeps the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from ..core.clock import Clock
from ..core.config.run import RunConfig
from ..core.errors import Problem, UserError
from ..core.locks import check_locks
from ..core.plan.items import Freshness, Item, ObjectJob, rescaled
from ..core.scale.priors import SizePriors
from ..services.secrets import Secrets
from ..steps.effects import Steps, Wait, offload
from ..steps.port import Workshop
from .records.store import Records

if TYPE_CHECKING:  # what speaks with services is loaded where it is used: most runs make frames alone
    from ..services.scale_probe import ProbeResult, ProbeRun, Scale

LOCK_LOOKS = 0.5
"""Seconds between two looks at whether another shard has ended its probe of the same object."""


@dataclass
class Prober:
    """Probes objects for a run. shared: other shards of this run work on the same objects, and all must use one scale.
    in_window: the user sits at no command line."""

    config: RunConfig
    records: Records
    clock: Clock
    secrets: Secrets
    priors: SizePriors
    shared: bool = False
    in_window: bool = False
    _closed: Problem | None = None

    def known(self, job: ObjectJob) -> Freshness:
        """Whether an earlier probe can be used."""
        assert job.probe is not None  # asked for jobs with a probe only
        state = self.records.freshness(job.probe)
        if state.fresh and not (self.config.skip_done or self.shared):
            return Freshness(False, "up to date, but skip_done is off")
        return state

    def with_known_scale(self, job: ObjectJob) -> ObjectJob:
        """The job planned for the scale that an earlier probe found."""
        return self.with_record(job, self.records.scale(job.obj))

    def with_record(self, job: ObjectJob, record: Mapping[str, Any]) -> ObjectJob:
        """The job planned for the scale of `record`."""
        return rescaled(self.config, self.records.layout, job, record, self.records.hasher)

    def probe(self, workshop: Workshop, job: ObjectJob, item: Item) -> Steps[Mapping[str, Any]]:
        """Find the scale; writes obj_scale.json, pictures and manifest, and returns the record.

        Raises UserError where nobody can be asked (key, quota, model name): then no further object asks either.
        """
        path = self.records.layout.obj_scale(job.obj)
        check_locks(path.parent)
        while True:
            with suppress(Timeout), FileLock(path.with_name("probe.lock"), blocking=False):
                if self.shared and (yield from offload(lambda: self.known(job), "hashing")).fresh:
                    return self.records.scale(job.obj)
                return (yield from self._probe(workshop, job, item, path.parent))
            yield Wait(LOCK_LOOKS, f"another process probes {job.obj}")

    def _probe(self, workshop: Workshop, job: ObjectJob, item: Item, folder: Path) -> Steps[Mapping[str, Any]]:
        from ..services.scale_probe import ProbeOrder, probe_scale
        from ..services.vision import VisionError, VisionModel

        if self._closed is not None:
            raise UserError(self._closed)
        start = self.clock.monotonic()
        sizes = workshop.sizes(job)
        order = ProbeOrder(
            job.obj.category, job.settings.obj_scale, sizes.extents, sizes.person_height, self.config.scale
        )
        asks = self.config.scale.evaluator == "openai" and self.config.scale.decide is None
        model: VisionModel | None = None
        if asks:  # in a thread: the library takes seconds to import
            scale = self.config.scale
            model = yield from offload(
                lambda: VisionModel(self.secrets, scale.model, scale.image_detail, self.clock), "opening the model"
            )
        pictures: list[Path] = []

        def views(scale: Scale) -> Steps[Sequence[Path]]:
            made = yield from workshop.probe_views(job, scale, folder / f"probe_{len(pictures) // 2}")
            pictures.extend(made)
            return made

        try:
            result = yield from _drive(probe_scale(order, self.priors, model), views)
        except VisionError as error:
            problem = error.problem()
            do_without = "" if self.in_window else "Or pass --skip_step2."
            self._closed = Problem(problem.message, f"{problem.fix} {do_without}".strip())
            raise UserError(self._closed) from None
        finally:
            if model is not None:
                model.close()
        seconds, record, versions = self.clock.monotonic() - start, result.record, workshop.versions
        made, opened = tuple(pictures), workshop.opened
        write = offload(lambda: self.records.write_scale(item, record, made, versions, seconds, opened), "records")
        yield from write
        return record


def _drive(asking: ProbeRun, views: Callable[[Scale], Steps[Sequence[Path]]]) -> Steps[ProbeResult]:
    """Run the probe to its end; views: scale -> the two pictures of it. Questions are asked in a thread."""
    from ..services.scale_probe import ProbeResult

    made: Sequence[Path] | None = None
    while True:
        answer = yield from offload(partial(_advance, asking, made), "question")
        if isinstance(answer, ProbeResult):
            return answer
        made = yield from views(answer)


def _advance(asking: ProbeRun, pictures: Sequence[Path] | None) -> Scale | ProbeResult:
    """The next scale of which pictures are wanted, or the result. pictures: None at the start."""
    try:
        return next(asking) if pictures is None else asking.send(pictures)
    except StopIteration as end:
        result: ProbeResult = end.value
        return result
