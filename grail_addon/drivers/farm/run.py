# SPDX-License-Identifier: GPL-3.0-or-later
"""A session's run with its objects made by workers; step 4 stays in this process, so that one alone spends money."""

from __future__ import annotations

from ...core.clock import Clock
from ...core.config.portable import to_portable
from ...pipeline.session import Session
from ...steps.effects import Steps, mapped
from ...steps.events import Done, Ended, Event, Failed, Planned, Skipped
from .dealer import Dealer, StartWorker
from .local import LocalWorkers, default_workers, worker_command
from .units import units_of


class FarmRun:
    """As `pipeline.run.Run`: drain `run()`, then look at `failed` and `pending`."""

    def __init__(self, session: Session, clock: Clock, start_worker: StartWorker | None = None) -> None:
        request = session.request
        farm = request.config.farm
        self.workers = default_workers(request.config.rendering.gpu) if farm.workers == "auto" else farm.workers
        start_worker = start_worker or LocalWorkers(
            worker_command(request.project_root),
            self.workers,
            session.layout.results_dir / "logs",
            request.config.rendering.gpu,
        )
        units = [] if session.only_videos else units_of(request, self.workers)
        self._session, self._clock = session, clock
        self._dealer = Dealer({"do": "request", **to_portable(request)}, units, start_worker, self.workers, farm.tries)
        self.pending = self._unsent = 0

    @property
    def failed(self) -> int:
        """Items that failed so far."""
        return self._dealer.counts.failed

    def run(self) -> Steps[None]:
        """The steps that do the work, for a driver. Raises InputError, before anything is done, for what `Session.check` looks at."""
        self._session.check()
        return self._steps()

    def _steps(self) -> Steps[None]:
        start, last, counts = self._clock.monotonic(), self._session.last_step, self._dealer.counts
        planned = self._dealer.planned + (last.planned if last is not None else 0)
        objects = len({unit.category for unit in self._dealer.units})
        yield Planned(data={"items": planned, "objects": objects, "workers": self.workers})
        yield from self._dealer.steps()
        more = {}
        if last is not None:
            yield from mapped(last.events(), self._count)
            more = {"pending": self.pending, "unsent": self._unsent}
        data = {"done": counts.done, "skipped": counts.skipped, "failed": counts.failed, **more}
        yield Ended(seconds=self._clock.monotonic() - start, data=data)

    def _count(self, event: Event) -> Event:
        counts = self._dealer.counts
        if isinstance(event, Done):
            counts.done += 1
        elif isinstance(event, Failed):
            counts.failed += 1
        elif isinstance(event, Skipped):
            self.pending += event.verdict == "pending"
            self._unsent += event.verdict == "not sent"
            counts.skipped += event.verdict not in ("pending", "not sent")
        return event
