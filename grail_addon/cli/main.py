# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless front: what `run_batch.py` does once its imports are there.

Exit codes: 0 all done, 1 some items failed or are left for --resume, 2 the request itself is wrong (nothing was written), 130 interrupted.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from ..core.clock import Clock, SystemClock
from ..core.config.report import print_config
from ..core.config.request import Request
from ..core.errors import InputError, Problem, UserError, disk_problem
from ..core.files import mark_writer, remove_leftovers, remove_own_temps
from ..core.ledger.report import cost_text
from ..drivers.blocking import Cancelled, drain
from ..drivers.farm.run import FarmRun
from ..pipeline.progress import RunProgress, StatusFile
from ..pipeline.quote import ledger_entries
from ..pipeline.reporting import make_report
from ..pipeline.session import Session
from ..steps.events import Ended, Event, Note
from .arguments import read_command_line
from .interrupt import Interrupt
from .judge import judge_again
from .leave import end_process
from .options import CommandOptions
from .paid import agreed, quote_text
from .show import Show, json_target
from .status import show_parts, show_status
from .terrain import terrain_text
from .worker import work

DONE, SOME_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
STOPPED_WITHIN = "Stopped in the middle of an item; finished ones are kept."


class _Output(io.FileIO):
    """A descriptor whose reader may go: a closed terminal or a `tee` that was interrupted ends no run."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EIO):
                raise
            return len(memoryview(data).cast("B"))


@contextmanager
def _quiet_stdout(log: Path | None) -> Iterator[TextIO]:
    """Yield the real standard output; what Blender and Cycles print meanwhile goes to `log` (None: nowhere else)."""
    sys.stdout.flush()
    real = io.TextIOWrapper(
        io.BufferedWriter(_Output(os.dup(1), "w")), encoding="utf-8", errors="replace", line_buffering=True
    )
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
    if list(argv) == ["--worker"]:
        return work()
    if list(argv)[:1] == ["--status"] and len(argv) == 2:  # needs no configuration
        return _status(Path(argv[1]), errors, clock)
    try:
        request, options = read_command_line(argv, Path.cwd(), project_root)
        answered = _instead_of_a_run(request, options, clock)
        if answered is not None:
            return answered
        session = Session(request, options.run, clock, by_workers=request.config.farm.engine != "none")
        if _only_tells(session, options, clock):
            return DONE
        if not agreed(session, options.yes, clock, sys.stdin, sys.stdout):
            errors.print("Nothing was done. Without videos: --skip_step4.", markup=False, highlight=False)
            return BAD_INPUT
        run = _runner(session, options, clock)
    except UserError as error:
        _complain(error.problems, errors)
        return BAD_INPUT
    except OSError as error:
        _complain([disk_problem(error)], errors)
        return BAD_INPUT
    except KeyboardInterrupt:
        errors.print("Stopped before anything was begun.", style="yellow", markup=False, highlight=False)
        return INTERRUPTED
    try:
        return _run(session, run, options, clock)
    except UserError as error:
        _complain(error.problems, errors)
        return SOME_FAILED
    except OSError as error:
        _complain([disk_problem(error)], errors)
        return SOME_FAILED


def _instead_of_a_run(request: Request, options: CommandOptions, clock: Clock) -> int | None:
    """Do what a switch asks for in place of a run; its exit code, None where none does."""
    if options.terrain is not None:
        sys.stdout.write(terrain_text(options.terrain, request.config.seed, Path.cwd()))
        return DONE
    if options.print_config:
        sys.stdout.write(print_config(request))
        return DONE
    if options.report and not (options.dry_run or options.estimate):  # which write nothing
        page = make_report(request.results_dir, lambda event: None)
        sys.stdout.write(f"report: {page}\n" if page is not None else "no report could be built\n")
        return DONE if page is not None else SOME_FAILED
    if options.report_costs:
        sys.stdout.write(cost_text(ledger_entries(request, clock)))
        return DONE
    if options.regate or options.decisions is not None:
        return DONE if judge_again(request, options) else SOME_FAILED
    if options.status is not None:
        show_status(options.status, Console(), clock)
        return DONE
    return None


def _status(folder: Path, errors: Console, clock: Clock) -> int:
    try:
        show_status(folder, Console(), clock)
    except InputError as error:
        _complain(error.problems, errors)
        return BAD_INPUT
    return DONE


def _only_tells(session: Session, options: CommandOptions, clock: Clock) -> bool:
    """Check the request, and show the estimate or the plan where that is asked for; True where that is all."""
    for flag, given in (("estimate", options.estimate), ("resume", options.run.resume)):
        if given and session.request.config.skip_step4:
            raise InputError(Problem("is about videos, which `skip_step4` leaves out.", file=f"command line --{flag}"))
    if options.estimate:
        found = session.quote(as_it_stands=True)
        assert found is not None  # step 4 is not left out
        sys.stdout.write(quote_text(session, found, clock))
        return True
    if not options.dry_run:
        session.check()
    if options.dry_run or options.explain:
        console = Console()
        for item in session.plan().items:
            console.print(str(item), markup=False, highlight=False, soft_wrap=True)
    return options.dry_run


def _runner(session: Session, options: CommandOptions, clock: Clock) -> Session | FarmRun:
    """What does the work: the session itself, or workers. Raises InputError where the engine is not there, or cannot go on alone."""
    engine = session.request.config.farm.engine
    if options.detach and engine != "slurm":
        message = "Only a cluster's queue goes on alone; the workers of this run end with it."
        raise InputError(Problem(message, "Use it with --engine slurm.", file="command line --detach"))
    if engine == "none":
        return session
    return FarmRun(session, clock, detach=options.detach)


def _run(session: Session, run: Session | FarmRun, options: CommandOptions, clock: Clock) -> int:
    layout, verbose = session.layout, session.request.config.verbose
    remove_leftovers(layout.results_dir, clock.time())
    log = None if verbose else layout.results_dir / "logs" / f"blender-{os.getpid()}.log"
    with ExitStack() as stack:
        stack.enter_context(mark_writer(layout.results_dir))
        out = stack.enter_context(_quiet_stdout(log))
        console = Console(file=out)
        json_out = json_target(options.log_json, out, stack)
        if json_out is out:
            console = Console(stderr=True)
        show = stack.enter_context(Show(console, json_out, verbose))

        def give_up() -> None:
            remove_own_temps()
            console.print(STOPPED_WITHIN, style="yellow")
            out.flush()
            end_process(INTERRUPTED)

        said_to = 2 if json_out is out else out.fileno()
        interrupt = Interrupt(
            lambda: console.print("Stopping ...", style="yellow"), give_up, said_to, STOPPED_WITHIN, INTERRUPTED
        )
        page: Path | None = None
        progress = RunProgress(clock)
        status = StatusFile(layout, progress)

        def on_event(event: Event) -> None:
            nonlocal page
            status.event(event)
            if isinstance(event, Ended) and "untried" not in event.data:
                page = make_report(layout.results_dir, show.event)
            show.event(event)

        with interrupt:
            for text in options.notes:
                on_event(Note(message=text, data={"auto": 1, "final": True}))
            try:
                drain(
                    run.run(),
                    on_event,
                    is_cancelled=interrupt.asked.is_set,
                    clock=clock,
                    before_long=interrupt.before_long,
                )
            except Cancelled:
                progress.ended = progress.stopped = True
                status.write()
                console.print("Stopped; finished items are kept.", style="yellow")
                return INTERRUPTED
        if progress.workers:
            show_parts(progress.to_json(), console)
        for what, where in (("results", layout.results_dir), ("report", page)):
            if where is not None:
                console.print(f"{what}: {where}", markup=False, highlight=False, soft_wrap=True)
    return SOME_FAILED if run.failed or run.pending else DONE
