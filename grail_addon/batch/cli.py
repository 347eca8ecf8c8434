# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless front: what `run_batch.py` does once its imports are there.

Exit codes: 0 all done, 1 some items failed, 2 the request itself is wrong (nothing was written), 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console

from ..core.assets import AssetRoot
from ..core.clock import SystemClock
from ..core.config.load import load
from ..core.config.report import print_config
from ..core.config.request import Request
from ..core.errors import InputError, Problem
from ..core.files import remove_own_temps, remove_stale_temps
from ..core.layout import ResultsLayout
from ..core.plan import caching_hasher, freshness
from .cli_judge import judge_again
from .cli_show import Show, json_target
from .interrupt import Interrupt, end_process
from .jobs import Jobs, make_jobs
from .reporting import make_report
from .run import Cancelled, Run

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
    errors = Console(stderr=True)
    try:
        request = load(argv, Path.cwd(), project_root)
        if request.print_config:
            sys.stdout.write(print_config(request))
            return DONE
        if request.regate or request.decisions is not None:
            return DONE if judge_again(request) else SOME_FAILED
        from ..stage.versions import blender_series

        roots = [AssetRoot(path) for path in request.data_dirs] + starter_roots(project_root, blender_series())
        jobs = make_jobs(request, roots, caching_hasher())
    except InputError as error:
        _complain(error.problems, errors)
        return BAD_INPUT
    if request.dry_run or request.explain:
        _explain(request, jobs, Console())
        if request.dry_run:
            return DONE
    return _run(request, jobs)


def _explain(request: Request, jobs: Jobs, console: Console) -> None:
    """One line for each item: whether it would run, and why."""
    config = request.config
    for obj, problems in jobs.missing:
        console.print(f"cannot run  {obj}: {' '.join(map(str, problems))}", markup=False, soft_wrap=True)
    for job in jobs.ready:
        for item in job.items:
            state = freshness(item, request.results_dir)
            if item.step == "settle" and config.skip_step1:
                verb = "uses cached" if state.fresh else "refuses"
            elif state.fresh and config.skip_done:
                verb = "skips"
            else:
                verb = "runs"
            why = state.why if config.skip_done or not state.fresh else "up to date, but skip_done is off"
            console.print(f"{verb}  {item.key}: {why}", markup=False, highlight=False, soft_wrap=True)


def _run(request: Request, jobs: Jobs) -> int:
    from ..stage.workshop import StageWorkshop

    config, clock = request.config, SystemClock()
    layout = ResultsLayout(request.results_dir)
    remove_stale_temps(layout.results_dir)
    texture_dir = Path(config.texture_dir)
    workshop = StageWorkshop(
        config, layout, clock, texture_dir if texture_dir.is_absolute() else request.cwd / texture_dir
    )
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
        run = Run(config, layout, jobs, workshop, clock, interrupt.asked.is_set)
        page: Path | None = None
        with interrupt:
            try:
                for event in run.events():
                    if event.kind == "end":
                        page = make_report(layout.results_dir, show.event)
                    show.event(event)
            except Cancelled:
                console.print("Stopped; finished items are kept.", style="yellow")
                return INTERRUPTED
        for what, where in (("results", layout.results_dir), ("report", page)):
            if where is not None:
                console.print(f"{what}: {where}", markup=False, highlight=False, soft_wrap=True)
    return SOME_FAILED if run.failed else DONE
