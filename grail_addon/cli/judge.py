# SPDX-License-Identifier: GPL-3.0-or-later
"""`--regate` and `--decisions` on the command line: frames judged again, what changed as a table, the report rebuilt."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..core.config.request import Request
from ..core.layout import ResultsLayout
from ..pipeline.judge import decide_folder, regate_folder
from ..pipeline.records.decisions import Change, Judged, read_decisions
from ..pipeline.reporting import make_report
from ..steps.events import Done, Ended, Event, Failed, Note
from .options import CommandOptions
from .show import VERDICT_STYLE, json_target, print_table


def judge_again(request: Request, options: CommandOptions) -> bool:
    """Do what `--regate` and `--decisions` ask, then rebuild the report; with `--dry_run` only show what would change.

    False where some frames could not be judged. Raises InputError before anything is written.
    """
    layout, write = ResultsLayout(request.results_dir), not options.dry_run
    decisions = read_decisions(options.decisions) if options.decisions is not None else None
    with ExitStack() as stack:
        json_out = json_target(options.log_json, sys.stdout, stack)
        console = Console(stderr=json_out is sys.stdout)

        def emit(event: Event) -> None:
            if json_out is not None:
                json_out.write(json.dumps(event.to_json()) + "\n")
                json_out.flush()
            if isinstance(event, Note):
                console.print(event.message, markup=False, highlight=False, soft_wrap=True)

        steps: dict[str, Judged] = {}
        if options.regate:
            steps["regate"] = regate_folder(layout, request.config.gate, write)
        if decisions is not None:
            steps["decisions"] = decide_folder(layout, decisions, write)
        for step, judged in steps.items():
            for event in _events(step, judged):
                emit(event)
            _show(console, step, judged, write)
        page = make_report(layout.results_dir, emit) if write else None
        if page is not None:
            console.print(f"report: {page}", markup=False, highlight=False, soft_wrap=True)
    return not any(judged.problems for judged in steps.values())


def _events(step: str, judged: Judged) -> list[Event]:
    """For machines: each frame that changed, each problem, and the counts."""
    changed = [
        Done(
            f"{step} {change.video_id}",
            step,
            change.video_id.rpartition("/")[0],
            change.video_id.rpartition("/")[2],
            " ".join(change.reasons),
            change.after,
            data={"before": change.before, "decision": change.decision},
        )
        for change in judged.changes
    ]
    problems = [Failed(step, step, message=problem) for problem in judged.problems]
    return [
        *changed,
        *problems,
        Ended(step=step, data={str(verdict): count for verdict, count in judged.counts.items()}),
    ]


def _show(console: Console, step: str, judged: Judged, write: bool) -> None:
    moved = [c for c in judged.changes if c.before != c.after or step == "decisions"]
    if moved:
        print_table(console, _table(moved))
    for problem in judged.problems:
        console.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in judged.counts.items())
    would = "" if write else "would be "
    words = f"{len(moved)} {would}changed"
    if len(judged.changes) > len(moved):
        words += f", {len(judged.changes) - len(moved)} more with other reasons or thresholds"
    console.print(f"{sum(judged.counts.values())} frames: {counts}; {words}.", style="bold", highlight=False)


def _table(changes: list[Change]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("variant", "before", "now", "decision", "why"):
        table.add_column(name)
    for change in changes:
        before, after = (f"[{VERDICT_STYLE[v]}]{v}[/]" for v in (change.before, change.after))
        why = change.reasons[0] if change.reasons else ""
        table.add_row(escape(change.video_id), before, after, change.decision, escape(why))
    return table
