# SPDX-License-Identifier: GPL-3.0-or-later
"""`--status DIR`, and the end of a run by several workers: who did how much, how fast, and what failed for which reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..core.clock import Clock
from ..core.errors import InputError, Problem
from ..drivers.farm.sent import sent_progress
from ..pipeline.progress import read_status
from .show import print_table

MOST_OBJECTS = 20
SILENT_SECONDS = 120.0
"""A run that has said nothing for so long is dead, or between two long items."""


def show_status(results_dir: Path, console: Console, clock: Clock) -> None:
    """The state of the last run over a results folder. Raises InputError where there is none."""
    status = read_status(results_dir)
    if status is None:
        raise InputError(
            Problem(f"no run is known in {results_dir}.", "Name a results folder.", file="command line --status")
        )
    status = sent_progress(results_dir, status, clock) or status
    console.print(_headline(status, clock.time()), style="bold", highlight=False, soft_wrap=True)
    for line in (*_rest(status), *status.get("choices", [])):  # older runs wrote none
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    show_parts(status, console)


def show_parts(status: Mapping[str, Any], console: Console) -> None:
    """Tables of workers and nodes, the objects with failures, and the failures by reason."""
    for title, parts in (("worker", status["workers"]), ("node", status["nodes"] if len(status["nodes"]) > 1 else {})):
        if parts:
            print_table(console, _table(title, parts))
    failed = {name: part for name, part in status["objects"].items() if part["failed"]}
    if failed:
        print_table(console, _table("object with failures", dict(list(failed.items())[:MOST_OBJECTS])))
    for count, reason, example in status["reasons"][:MOST_OBJECTS]:
        console.print(
            f"{count} x {reason} (such as {example})", style="red", markup=False, highlight=False, soft_wrap=True
        )


def _headline(status: Mapping[str, Any], now: float) -> str:
    total = status["total"]
    counts = f"{total['done']} done, {total['skipped']} up to date, {total['failed']} failed of {status['planned']}"
    if "tasks" in status:
        ended, tasks = status["tasks"]
        return f"Left to SLURM {_span(now - status['started'])} ago, {ended} of {tasks} tasks have ended: {counts}."
    if status["ended"]:
        word = "Stopped" if status.get("stopped") else "Ended"  # older runs do not say
        return f"{word} after {_span(status['time'] - status['started'])}: {counts}."
    silent = now - status["time"]
    late = f" Nothing was heard for {_span(silent)}; it may be dead." if silent > SILENT_SECONDS else ""
    return f"Running for {_span(now - status['started'])} on {status['machine']}: {counts}.{late}"


def _rest(status: Mapping[str, Any]) -> Iterator[str]:
    if "tasks" in status and status["tasks"][0] == status["tasks"][1]:
        yield "The same command without --detach tells the rest and builds the report."
    elif not status["ended"]:
        left = status["left_seconds"]
        yield f"{status['per_minute']:.1f} items a minute, {'about ' + _span(left) if left is not None else 'unknown time'} left"


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"


def _table(title: str, parts: Mapping[str, Any]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    with_node = any(part["node"] for part in parts.values())
    for name in (title, "done", "up to date", "failed", "s an item", *(("node",) if with_node else ())):
        table.add_column(name, justify="left" if name in (title, "node") else "right")
    for name, part in parts.items():
        each = f"{part['seconds'] / part['done']:.1f}" if part["done"] else ""
        cells = (str(part["done"]), str(part["skipped"]), str(part["failed"]), each)
        table.add_row(escape(name), *cells, *((escape(part["node"]),) if with_node else ()))
    return table
