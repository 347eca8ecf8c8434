# SPDX-License-Identifier: GPL-3.0-or-later
"""One request, from plan to results: what a command line, a panel, a worker or a notebook works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..core.clock import Clock, SystemClock
from ..core.config.request import Request
from ..core.errors import InputError, Problem, disk_problem
from ..core.layout import ObjectId, ResultsLayout, VideoId
from ..core.paths import check_writable
from ..core.plan.assets import AssetRoot
from ..core.plan.items import Hasher, caching_hasher
from ..core.scale.priors import SizePriors, read_priors
from ..steps.effects import Steps, offload
from ..steps.options import StageOptions
from ..steps.port import Workshop
from .base_seed import keep_base_seed, with_base_seed
from .explain import PlannedItem, planned_items, planned_videos
from .jobs import Jobs, make_jobs
from .options import RunOptions
from .paid import PaidServices, key_problems, option_problems, read_paid, sends
from .probe import Prober
from .quote import Quote, ledger_of, payee_of, quote
from .records.store import Records
from .run import LastStep, Run
from .stage_options import stage_options
from .starter import blender_series, starter_roots
from .videos.frames import frames_to_send, planned_frames

WorkshopFactory = Callable[[StageOptions, ResultsLayout, Clock], Workshop]


def stage_workshop(options: StageOptions, layout: ResultsLayout, clock: Clock) -> Workshop:
    """The real workshop; loads Blender."""
    from ..stage.workshop import StageWorkshop

    return StageWorkshop(options, layout, clock)


@dataclass(frozen=True)
class Plan:
    """What a run would do. missing: objects that cannot run, and why. items: in the order of a run."""

    jobs: Jobs
    items: tuple[PlannedItem, ...]

    @property
    def missing(self) -> tuple[tuple[ObjectId, tuple[Problem, ...]], ...]:
        return self.jobs.missing


class Session:
    """Plans, quotes and runs one request. Nothing is read, written or loaded before it is asked for, but the results
    folder's base seed where the request leaves that open.

    make_workshop: called once, when a run starts. hasher: of asset files, shared between sessions to hash each file once.
    keep_open: leave the workshop open after a run. by_workers: the objects are made by other processes, so that their
    files are not looked at here. environ: holds the keys, by default the process's environment.
    """

    def __init__(
        self,
        request: Request,
        options: RunOptions = RunOptions(),  # noqa: B008 (frozen)
        clock: Clock | None = None,
        make_workshop: WorkshopFactory = stage_workshop,
        hasher: Hasher | None = None,
        keep_open: bool = False,
        by_workers: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._as_asked = request
        self.request, self.options = with_base_seed(request), options
        self.layout = ResultsLayout(request.results_dir)
        self._clock, self._make_workshop = clock or SystemClock(), make_workshop
        self._hasher = hasher or caching_hasher()
        self._keep_open, self._by_workers = keep_open, by_workers
        self._environ = environ
        self._run: Run | None = None

    # ---------------------------------------------------------------- what there is to do

    @property
    def only_videos(self) -> bool:
        """Whether the run is about step 4 alone, so that no asset and no Blender is needed."""
        config = self.request.config
        return self.options.resume or (config.skip_step1 and config.skip_step2 and config.skip_step3)

    @cached_property
    def jobs(self) -> Jobs:
        """Objects and their items. Raises InputError where not one object has its files."""
        if self.only_videos:
            return Jobs((), ())
        roots = [AssetRoot(path) for path in self.request.data_dirs]
        roots += starter_roots(self.request.project_root, blender_series())
        return make_jobs(self.request, roots, self._hasher)

    @cached_property
    def _services(self) -> PaidServices | None:
        """Keys and tables of the paid steps as they are read, once."""
        return read_paid(self.request, self.options, self._environ)

    @cached_property
    def paid(self) -> PaidServices | None:
        """Keys and tables of the paid steps, None where there are none. Raises InputError for options that no service
        takes and for damaged files; keys may be missing."""
        paid = self._services
        problems = [] if paid is None else option_problems(self.request, paid)
        if problems:
            raise InputError(problems)
        return paid

    def check(self) -> None:
        """Raise InputError with what keeps a run from starting: keys and options of the paid steps, files, tables."""
        if sends(self.request):
            self._check_buying()
        paid = self._services
        if paid is not None:
            problems = key_problems(self.request, self.options, paid.secrets)
            problems += option_problems(self.request, paid)
            if problems:
                raise InputError(problems)
        try:
            check_writable(self.layout.results_dir)
        except OSError as error:
            raise InputError(replace(disk_problem(error), key_path="results_dir")) from error
        self._keep_base_seed()
        _ = self._priors
        if not self._by_workers:
            _ = self.jobs

    def _keep_base_seed(self) -> None:
        """Settle on the base seed of the results folder, before anything is made with it."""
        kept = keep_base_seed(self._as_asked, self.request)
        if kept.config.seed != self.request.config.seed:
            self.request = kept
            for planned in ("jobs", "frames", "workshop", "_prober"):
                self.__dict__.pop(planned, None)

    def _check_buying(self) -> None:
        ledger_of(self.request)
        if self.request.shard.count > 1 and not self.only_videos:
            message = "A shard does not make frames and videos: its machine would stand idle while the service works."
            fix = "Pass --skip_step4, and make the videos afterwards: --skip_step1 --skip_step2 --skip_step3."
            raise InputError(Problem(message, fix, file="command line --num_job_chunks"))

    @cached_property
    def frames(self) -> tuple[VideoId, ...]:
        """Frames that videos start from."""
        if self.paid is None or self.request.config.skip_step4:
            return ()
        if self.only_videos or self._by_workers or self.request.config.skip_step3:
            return frames_to_send(planned_frames(self.request))
        return frames_to_send(item.vid for job in self.jobs.ready for item in job.renders)

    def plan(self) -> Plan:
        """What a run would do with each item, and why; reads manifests and hashes files."""
        prober = self._prober
        items = [*planned_items(self.request, self.jobs, prober, self.records)]
        renders = not (self.only_videos or self.request.config.skip_step3)
        items += planned_videos(
            self.request, self.frames, renders, self.options.send_failed, payee_of(self.request, self._clock)
        )
        return Plan(self.jobs, tuple(items))

    def quote(self, as_it_stands: bool = False) -> Quote | None:
        """The most that step 4 spends; None where it has nothing to do. as_it_stands: for the frames that the request
        names as they are, without a look at any asset; else for those that a run now would leave."""
        if self.paid is None or self.request.config.skip_step4:
            return None
        frames = frames_to_send(planned_frames(self.request)) if as_it_stands else self.frames
        if not frames and not as_it_stands:
            return None
        return quote(self.request, self.options, self.paid, frames, self._clock, as_it_stands)

    # ---------------------------------------------------------------- doing it

    def ready(self) -> LastStep | None:
        """`check`, and read what a run needs but Blender, so that nothing is left to read when it starts; returns step 4.
        May be called in a thread."""
        self.check()
        _ = self._prober
        return self.last_step

    def run(self) -> Steps[None]:
        """The steps that do the work, for a driver; see `Run.events`. Raise InputError, before anything is done, for what
        `check` looks at, in a thread."""
        last_step = yield from offload(self.ready, "planning")
        workshop = None if self.only_videos else self.workshop
        self._run = Run(
            self.request.config,
            self.records,
            self.jobs,
            workshop,
            self._clock,
            self._prober,
            last_step,
            self._priors,
            self._keep_open,
        )
        yield from self._run.events()

    @cached_property
    def records(self) -> Records:
        """What is on disk of this request's items."""
        return Records(self.layout, self._clock, self._hasher, self.options.verify)

    @cached_property
    def workshop(self) -> Workshop:
        """Makes the items; opened with the first use."""
        options = stage_options(self.request.config, self.request.cwd)
        return self._make_workshop(options, self.layout, self._clock)

    @property
    def failed(self) -> int:
        """Items that failed in the run so far."""
        return 0 if self._run is None else self._run.failed

    @property
    def pending(self) -> int:
        """Videos that a later run has to fetch."""
        return 0 if self._run is None else self._run.pending

    @cached_property
    def _priors(self) -> SizePriors | None:
        services = self._services
        if services is not None:
            return services.priors
        return read_priors(self.request.project_root / "configs" / "size_priors.yaml")

    @cached_property
    def _prober(self) -> Prober | None:
        if self.paid is None:
            return None
        shared = self.request.shard.count > 1
        paid, in_window = self.paid, self.options.in_window
        return Prober(self.request.config, self.records, self._clock, paid.secrets, paid.priors, shared, in_window)

    @property
    def last_step(self) -> LastStep | None:
        """Step 4; None where the request leaves it out."""
        if self.paid is None or self.request.config.skip_step4:
            return None
        if self.request.config.video.model_api == "dry-run":
            from .videos.dry import DryStep

            return DryStep(self.request, self.options, self.paid, self.frames)
        from .videos.step import VideoStep

        return VideoStep(self.request, self.options, self.paid, self.frames, self._clock)
