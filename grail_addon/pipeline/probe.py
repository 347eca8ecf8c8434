# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 2 of a run for one object: has probe pictures made in the warm process, asks about them, keeps the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..core.clock import Clock
from ..core.config.run import RunConfig
from ..core.errors import Problem, UserError
from ..core.files import read_json, write_json
from ..core.layout import ResultsLayout
from ..core.plan.items import Freshness, Hasher, Item, ObjectJob, freshness, rescaled
from ..core.scale.priors import SizePriors
from ..services.scale_probe import ProbeOrder, ProbeResult, Scale, probe_scale
from ..services.secrets import Secrets
from ..services.vision import VisionError, VisionModel
from ..steps.port import Workshop

LOCK_LOOKS = 0.5
"""Seconds between two looks at whether another shard has ended its probe of the same object."""


@dataclass
class Prober:
    """Probes objects for a run. shared: other shards of this run work on the same objects, and all must use one scale.

    hasher: of the plan, to plan the later items again for the scale that was found.
    """

    config: RunConfig
    layout: ResultsLayout
    clock: Clock
    secrets: Secrets
    priors: SizePriors
    hasher: Hasher
    shared: bool = False
    _closed: Problem | None = None

    def known(self, job: ObjectJob) -> Freshness:
        """Whether an earlier probe can be used."""
        assert job.probe is not None  # asked for jobs with a probe only
        state = freshness(job.probe, self.layout.results_dir)
        if state.fresh and not (self.config.skip_done or self.shared):
            return Freshness(False, "up to date, but skip_done is off")
        return state

    def with_known_scale(self, job: ObjectJob) -> ObjectJob:
        """The job planned for the scale that an earlier probe found."""
        return self.with_record(job, read_json(self.layout.obj_scale(job.obj)))

    def with_record(self, job: ObjectJob, record: Mapping[str, Any]) -> ObjectJob:
        """The job planned for the scale of `record`."""
        return rescaled(self.config, self.layout, job, record, self.hasher)

    def probe(self, workshop: Workshop, job: ObjectJob, item: Item) -> Mapping[str, Any]:
        """Find the scale; writes obj_scale.json, pictures and manifest, and returns the record.

        Raises UserError where nobody can be asked (key, quota, model name): then no further object asks either.
        """
        path = self.layout.obj_scale(job.obj)
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            with suppress(Timeout), FileLock(path.with_name("probe.lock"), blocking=False):
                if self.shared and self.known(job).fresh:
                    record: dict[str, Any] = read_json(path)
                    return record
                return self._probe(workshop, job, item, path)
            self.clock.sleep(LOCK_LOOKS)

    def _probe(self, workshop: Workshop, job: ObjectJob, item: Item, path: Path) -> Mapping[str, Any]:
        if self._closed is not None:
            raise UserError(self._closed)
        start = self.clock.monotonic()
        sizes = workshop.sizes(job)
        order = ProbeOrder(
            job.obj.category, job.settings.obj_scale, sizes.extents, sizes.person_height, self.config.scale
        )
        asks = self.config.scale.evaluator == "openai" and self.config.scale.decide is None
        model = None
        if asks:
            model = VisionModel(self.secrets, self.config.scale.model, self.config.scale.image_detail, self.clock)
        pictures: list[Path] = []

        def views(scale: Scale) -> Sequence[Path]:
            made = workshop.probe_views(job, scale, path.parent / f"probe_{len(pictures) // 2}")
            pictures.extend(made)
            return made

        try:
            result = _drive(order, self.priors, model, views)
        except VisionError as error:
            problem = error.problem()
            self._closed = Problem(problem.message, f"{problem.fix} Or pass --skip_step2.".strip())
            raise UserError(self._closed) from None
        finally:
            if model is not None:
                model.close()
        write_json(path, result.record)
        files = {"obj_scale": path, **{f"picture_{number}": file for number, file in enumerate(pictures)}}
        workshop.record_probe(item, result.record, files, self.clock.monotonic() - start)
        return result.record


def _drive(
    order: ProbeOrder, priors: SizePriors, model: VisionModel | None, views: Callable[[Scale], Sequence[Path]]
) -> ProbeResult:
    """Run the probe to its end; views: scale -> the two pictures of it."""
    asking = probe_scale(order, priors, model)
    try:
        scale = next(asking)
        while True:
            scale = asking.send(views(scale))
    except StopIteration as end:
        result: ProbeResult = end.value
        return result
