# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless front: what `run_batch.py` does once its imports are there.

Exit codes: 0 all done, 1 some items failed or are left for --resume, 2 the request itself is wrong (nothing was written), 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console

from ..core.clock import Clock, SystemClock
from ..core.config.load import load
from ..core.config.report import print_config
from ..core.config.request import Request
from ..core.errors import InputError, Problem
from ..core.files import remove_own_temps, remove_stale_temps
from ..core.layout import ResultsLayout
from ..core.plan.assets import AssetRoot
from ..core.plan.items import Hasher, caching_hasher, freshness
from ..pipeline.jobs import Jobs, make_jobs
from ..pipeline.money import costs_text, prepare
from ..pipeline.probe import Prober
from ..pipeline.reporting import make_report
from ..pipeline.run import Cancelled, Run
from ..pipeline.size_check import SizeCheck, size_check
from ..steps.port import Workshop
from .interrupt import Interrupt, end_process
from .judge import judge_again
from .paid import NO_JOBS, PaidSteps, only_videos
from .show import Show, json_target

DONE, SOME_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
STARTER_ENV = "GRAIL_STARTER_DIR"


def starter_roots(project_root: Path, series: tuple[int, int]) -> list[AssetRoot]:
    """Starter sets that a Blender of this series can open: built by it or an older one, the newest first."""
    given = os.environ.get(STARTER_ENV)
    if given:
        return [AssetRoot(Path(given), is_starter=True)]
    found = []
    for folder in (project_root / "assets").glob("blender-*.*"):
        major, _, minor = folder.name.removeprefix("blender-").partition(".")
        if major.isdigit() and minor.isdigit() and (int(major), int(minor)) <= series:
            found.append(((int(major), int(minor)), folder))
    own = project_root / "assets" / f"blender-{series[0]}.{series[1]}"
    folders = [folder for _, folder in sorted(found, reverse=True)] or [own]
    return [AssetRoot(folder, is_starter=True) for folder in folders]


@contextmanager
def _quiet_stdout(log: Path | None) -> Iterator[TextIO]:
    """Yield the real standard output; what Blender and Cycles print meanwhile goes to `log` (None: nowhere else)."""
    sys.stdout.flush()
    real = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    if log is None:
        yield real
        real.flush()
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        os.dup2(sink.fileno(), 1)
    try:
        yield real
    finally:
        sys.stdout.flush()
        real.flush()
        os.dup2(real.fileno(), 1)


def _complain(problems: Sequence[Problem], console: Console) -> None:
    for problem in problems:
        console.print(f"error: {problem}", style="red", markup=False, highlight=False, soft_wrap=True)


def main(argv: Sequence[str], project_root: Path) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    errors, clock = Console(stderr=True), SystemClock()
    try:
        request = load(argv, Path.cwd(), project_root)
        if request.print_config:
            sys.stdout.write(print_config(request))
            return DONE
        if request.report_costs:
            sys.stdout.write(costs_text(request.results_dir, clock))
            return DONE
        if request.regate or request.decisions is not None:
            return DONE if judge_again(request) else SOME_FAILED
        paid, hasher = prepare(request), caching_hasher()
        jobs = NO_JOBS if only_videos(request) else _jobs(request, project_root, hasher)
        steps = PaidSteps.of(request, paid, jobs, clock) if paid is not None else None
        prober = steps.prober(hasher) if steps is not None else None
        if steps is not None and request.estimate:
            sys.stdout.write(steps.estimate())
            return DONE
        if request.dry_run or request.explain:
            _explain(request, jobs, prober, steps, Console())
        if request.dry_run:
            return DONE
        sizes = size_check(request.project_root / "configs" / "size_priors.yaml")
        if steps is not None and not steps.agreed():
            errors.print("Nothing was done. Without videos: --skip_step4.", markup=False, highlight=False)
            return BAD_INPUT
    except InputError as error:
        _complain(error.problems, errors)
        return BAD_INPUT
    return _run(request, jobs, prober, steps, sizes, clock)


def _jobs(request: Request, project_root: Path, hasher: Hasher) -> Jobs:
    from ..stage.versions import blender_series

    roots = [AssetRoot(path) for path in request.data_dirs] + starter_roots(project_root, blender_series())
    return make_jobs(request, roots, hasher)


def _explain(request: Request, jobs: Jobs, prober: Prober | None, steps: PaidSteps | None, console: Console) -> None:
    """One line for each item: whether it would run, and why."""
    config = request.config

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    for obj, problems in jobs.missing:
        line(f"cannot run  {obj}: {' '.join(map(str, problems))}")
    for job in jobs.ready:
        if job.probe is not None and prober is not None:
            known = prober.known(job)
            line(f"{'skips' if known.fresh else 'runs'}  {job.probe.key}: {known.why}")
            if not known.fresh:
                for item in job.items[1:]:
                    line(f"may run  {item.key}: its scale comes from the probe")
                continue
            job = prober.with_known_scale(job)
        for item in (item for item in job.items if item.step != "probe"):
            state = freshness(item, request.results_dir)
            if item.step == "settle" and config.skip_step1:
                verb = "uses cached" if state.fresh else "refuses"
            elif state.fresh and config.skip_done:
                verb = "skips"
            else:
                verb = "runs"
            why = state.why if config.skip_done or not state.fresh else "up to date, but skip_done is off"
            line(f"{verb}  {item.key}: {why}")
    for text in steps.explained() if steps is not None else ():
        line(text)


def _workshop(request: Request, clock: Clock) -> Workshop:
    from ..stage.workshop import StageWorkshop

    texture_dir = request.cwd / Path(request.config.texture_dir)  # an absolute one stays
    return StageWorkshop(request.config, ResultsLayout(request.results_dir), clock, texture_dir)


def _run(
    request: Request, jobs: Jobs, prober: Prober | None, steps: PaidSteps | None, sizes: SizeCheck, clock: Clock
) -> int:
    config, layout = request.config, ResultsLayout(request.results_dir)
    remove_stale_temps(layout.results_dir)
    workshop = None if only_videos(request) else _workshop(request, clock)
    log = None if config.verbose else layout.results_dir / "logs" / f"blender-{os.getpid()}.log"
    with ExitStack() as stack:
        out = stack.enter_context(_quiet_stdout(log))
        console = Console(file=out)
        json_out = json_target(request.log_json, out, stack)
        if json_out is out:
            console = Console(stderr=True)
        show = stack.enter_context(Show(console, json_out, config.verbose))

        def give_up() -> None:
            remove_own_temps(layout.results_dir)
            console.print("Stopped in the middle of an item; finished ones are kept.", style="yellow")
            out.flush()
            end_process(INTERRUPTED)

        interrupt = Interrupt(lambda: console.print("Stopping ...", style="yellow"), give_up)
        is_asked = interrupt.asked.is_set
        last = steps.videos(is_asked) if steps is not None else None
        run = Run(config, layout, jobs, workshop, clock, is_asked, prober, last, sizes)
        page: Path | None = None
        with interrupt:
            try:
                for event in run.events():
                    if event.kind == "end":
                        page = make_report(layout.results_dir, show.event)
                    show.event(event)
                    if event.kind == "wait":
                        clock.sleep(event.seconds)
            except Cancelled:
                console.print("Stopped; finished items are kept.", style="yellow")
                return INTERRUPTED
        for what, where in (("results", layout.results_dir), ("report", page)):
            if where is not None:
                console.print(f"{what}: {where}", markup=False, highlight=False, soft_wrap=True)
    return SOME_FAILED if run.failed or run.pending else DONE
