# SPDX-License-Identifier: GPL-3.0-or-later
"""A session's run with its objects made by workers; step 4 stays in this process, so that one alone spends money."""

from __future__ import annotations

from ...core.clock import Clock
from ...core.config.portable import to_portable
from ...core.files import remove_leftovers
from ...pipeline.session import Session
from ...steps.effects import Offload, Steps, mapped, offload
from ...steps.events import Done, Ended, Event, Failed, Planned, Skipped
from .crew import MeasuredCrew
from .dealer import Dealer, StartWorker
from .local import LocalWorkers, most_here, report_command, worker_command, workers_here
from .machine import CardWatch, cards, cores, free_mb
from .ray_engine import RayWorkers
from .slurm import SlurmArray, check_slurm
from .tally import Engine
from .units import Unit, units_of


class FarmRun:
    """As `pipeline.session.Session`: drain `run()`, then look at `failed` and `pending`. Raises InputError where the engine is
    not there.

    start_worker: how workers are started, by default as the engine does; then no Blender is touched, in any thread. detach: leave once all is sent to SLURM.
    """

    def __init__(
        self, session: Session, clock: Clock, start_worker: StartWorker | None = None, detach: bool = False
    ) -> None:
        farm, gpu = session.request.config.farm, session.request.config.rendering.gpu
        self.workers = (most_here if farm.engine == "local" else workers_here)(farm.workers, gpu)
        self._session, self._clock, self._detach = session, clock, detach
        self._start_worker = start_worker
        at_once = 1 if farm.engine == "slurm" else self.workers  # an array's task does whole objects
        self._engine = self._engine_of([] if session.only_videos else units_of(session.request, at_once))
        self.pending = self._unsent = 0

    def _engine_of(self, units: list[Unit]) -> Engine:
        request, results = self._session.request, self._session.layout.results_dir
        farm = request.config.farm
        first = {
            "do": "request",
            **to_portable(request),
            "verify": self._session.options.verify,
            "in_window": self._session.options.in_window,
        }
        if self._start_worker is not None:
            return Dealer(first, units, self._start_worker, self.workers, farm.tries)
        command = worker_command(request.project_root)
        if farm.engine == "slurm":
            check_slurm()
            report = report_command(command, results)
            return SlurmArray(first, units, farm, self.workers, command, results / "farm", self._detach, report)
        if farm.engine == "ray":
            workers = RayWorkers(farm, command, results / "logs", request.config.rendering.gpu)
            return Dealer(first, units, workers, self.workers, farm.tries)
        workers_of = LocalWorkers(command, self.workers, results / "logs", request.config.rendering.gpu)
        crew = self._crew(units, workers_of) if farm.workers == "auto" else None
        return Dealer(first, units, workers_of, self.workers, farm.tries, crew=crew)

    def _crew(self, units: list[Unit], workers_of: LocalWorkers) -> MeasuredCrew:
        """As many workers as are worth it, by what the first frames take."""
        watch = CardWatch(cards() if self._session.request.config.rendering.gpu else ())
        return MeasuredCrew(self._clock, units, self.workers, len(cores()), watch, free_mb, workers_of.spread)

    @property
    def failed(self) -> int:
        """Items that failed so far."""
        return self._engine.tally.failed

    def run(self) -> Steps[None]:
        """The steps that do the work, for a driver. Raise InputError, before anything is done, for what `Session.check` looks at."""
        last = yield from offload(self._session.ready, "planning")
        start, tally = self._clock.monotonic(), self._engine.tally
        planned = sum(len(unit.items) for unit in self._engine.units) + (last.planned if last is not None else 0)
        objects = len({unit.category for unit in self._engine.units})
        yield Planned(data={"items": planned, "objects": objects, "workers": self.workers})
        yield from self._engine.steps()
        # what workers left that died in the middle of a file
        yield Offload(lambda: remove_leftovers(self._session.layout.results_dir, self._clock.time()), "leftovers")
        more = {"detached": 1} if self._detach else {}
        if tally.cannot_write:
            more = {"untried": planned - tally.done - tally.skipped - tally.failed}
            tally.failed += more["untried"]
        elif last is not None and not self._detach:
            yield from mapped(last.events(), self._count)
            more = {"pending": self.pending, "unsent": self._unsent}
        data = {"done": tally.done, "skipped": tally.skipped, "failed": tally.failed, **more}
        yield Ended(seconds=self._clock.monotonic() - start, data=data)

    def _count(self, event: Event) -> Event:
        tally = self._engine.tally
        if isinstance(event, Done):
            tally.done += 1
        elif isinstance(event, Failed):
            tally.failed += 1
        elif isinstance(event, Skipped):
            self.pending += event.verdict == "pending"
            self._unsent += event.verdict == "not sent"
            tally.skipped += event.verdict not in ("pending", "not sent")
        return event
