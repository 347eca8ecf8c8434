# SPDX-License-Identifier: GPL-3.0-or-later
"""How the command line shows a run: a live bar with the time left on a terminal, plain lines elsewhere, a table at last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from ..steps.events import Done, Ended, Event, Failed, Note, Planned, Progressed, Reported, Skipped, Started

VERDICT_STYLE = {
    "pass": "green",
    "stable": "green",
    "rolls": "yellow",
    "warn": "yellow",
    "suspect": "red",
    "fail": "red",
}
VIDEO_STYLE = {
    "pass": "green", "warn": "yellow", "suspect": "red", "pending": "yellow", "not sent": "dim", "failed": "red",
}  # fmt: skip
_COUNTED = {
    "done": "done",
    "skipped": "up to date",
    "failed": "failed",
    "pending": "pending",
    "unsent": "not sent",
    "untried": "of them not tried",
}
_ALWAYS = ("done", "skipped", "failed")
_ANY_WIDTH = 10_000


def json_target(log_json: str | None, out: TextIO, stack: ExitStack) -> TextIO | None:
    """Where `--log_json` sends its lines: `out` for `-`, else a file that `stack` closes; None without the flag."""
    if log_json is None:
        return None
    if log_json == "-":
        return out
    path = Path(log_json)
    path.parent.mkdir(parents=True, exist_ok=True)
    return stack.enter_context(path.open("a", encoding="utf-8"))


def print_table(console: Console, table: Table) -> None:
    """Each row on one line, however narrow the terminal: a path that is folded into a column cannot be copied."""
    width = Measurement.get(console, console.options.update(max_width=_ANY_WIDTH), table).maximum
    Console(file=console.file, width=width, force_terminal=console.is_terminal).print(table)


def _names(objects: list[str]) -> str:
    """The first few."""
    return ", ".join(objects[:3]) + (f" and {len(objects) - 3} more" if len(objects) > 3 else "")


@dataclass
class Row:
    """A line of the closing table."""

    obj: str
    variant: str
    seconds: dict[str, float] = field(default_factory=dict)
    verdict: str = ""
    path: str = ""
    message: str = ""
    video: str = ""
    lost: tuple[str, ...] = ()


class Show:
    """Takes events. json_out: where event lines for machines go, None for nowhere."""

    def __init__(self, console: Console, json_out: TextIO | None, verbose: bool) -> None:
        self._console, self._json, self._verbose = console, json_out, verbose
        self._rows: dict[tuple[str, str], Row] = {}
        self._settle_seconds: dict[str, float] = {}
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("planning", total=None)
        self._seen_notes: set[str] = set()

    def __enter__(self) -> Show:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def event(self, event: Event) -> None:
        """Show one event."""
        if self._json is not None:
            self._json.write(json.dumps(event.to_json()) + "\n")
            self._json.flush()
        match event:
            case Planned():
                self._planned(event)
            case Note():
                self._note(event)
            case Started():
                self._started(event)
            case Progressed():
                self._progressed(event)
            case Done():
                self._done(event)
            case Skipped():
                self._skipped(event)
            case Failed():
                self._failed(event)
            case Ended():
                self._ended(event)
            case Reported():
                self._reported(event)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(escape(text), style=style or None, highlight=False, soft_wrap=True)

    def _planned(self, event: Planned) -> None:
        self._bar.update(self._task, total=event.data["items"], description="starting")

    def _note(self, event: Note) -> None:
        if event.message not in self._seen_notes:  # the same room and person serve many objects
            self._seen_notes.add(event.message)
            self._line(event.message, "dim")

    def _started(self, event: Started) -> None:
        self._bar.update(self._task, description=f"{event.step} {event.variant or event.obj}")

    def _progressed(self, event: Progressed) -> None:
        self._bar.update(self._task, description=f"{event.step} {event.variant or event.obj}: {event.message}")
        if self._verbose:
            self._line(f"{event.item}  {event.message}", "dim")

    def _advance(self, event: Event) -> Row:
        self._bar.advance(self._task)
        return self._rows.setdefault((event.obj, event.variant), Row(event.obj, event.variant))

    def _done(self, event: Done) -> None:
        row = self._advance(event)
        row.seconds[event.step] = event.seconds
        if event.step == "video":
            row.video = event.verdict
        else:
            row.verdict, row.path, row.message = event.verdict, event.path, event.message
            row.lost = tuple(event.data.get("textures_lost", ()))
        tail = f": {event.message}" if event.message else ""
        self._line(f"{event.item}  {event.seconds:.1f} s  {event.verdict}{tail}", VERDICT_STYLE.get(event.verdict, ""))

    def _skipped(self, event: Skipped) -> None:
        row = self._advance(event)
        if event.step == "video":
            row.video = event.verdict
        else:
            row.verdict, row.path = row.verdict or event.verdict or event.message, row.path or event.path
            row.lost = tuple(event.data.get("textures_lost", ()))
        if event.step == "video" and event.verdict != "pass":
            self._line(f"{event.item}  {event.message}", "yellow")
        elif self._verbose:
            self._line(f"{event.item}  {event.message}", "dim")

    def _failed(self, event: Failed) -> None:
        row = self._advance(event)
        if event.step == "video":
            row.video = "failed"
        else:
            row.verdict, row.message = "failed", event.message
        self._line(f"{event.item}  failed: {event.message}", "red")
        if self._verbose and event.data.get("detail"):
            self._line(str(event.data["detail"]), "dim")

    def _ended(self, event: Ended) -> None:
        self._bar.stop()
        print_table(self._console, self._table())
        for line in self._lost_lines():
            self._line(line, "yellow")
        counts: Mapping[str, int] = event.data
        words = [f"{counts[k]} {text}" for k, text in _COUNTED.items() if counts.get(k) or k in _ALWAYS]
        self._line(f"{', '.join(words)} in {event.seconds:.0f} s.", "bold")

    def _lost_lines(self) -> list[str]:
        """Each texture that is lost once, with the objects whose frames show it."""
        objects: dict[str, list[str]] = {}
        for row in self._rows.values():
            for words in row.lost:
                objects[words] = list(dict.fromkeys([*objects.get(words, ()), row.obj]))
        return [f"lost texture: {words}: {_names(found)}" for words, found in objects.items()]

    def _reported(self, event: Reported) -> None:
        if "all" in event.data:
            self._bar.update(self._task, description="report", completed=event.data["done"], total=event.data["all"])

    def _table(self) -> Table:
        table = Table(box=None, header_style="bold", pad_edge=False)
        with_videos = any(row.video for row in self._rows.values())
        with_lost = any(row.lost for row in self._rows.values())
        more = (*(("textures lost",) if with_lost else ()), *(("video s", "video") if with_videos else ()))
        for name in ("object", "variant", "settle s", "render s", "verdict", *more, "path"):
            table.add_column(name, justify="right" if name.endswith(" s") else "left")
        for row in self._rows.values():
            seconds = [f"{row.seconds[s]:.1f}" if s in row.seconds else "" for s in ("settle", "render")]
            style = VERDICT_STYLE.get(row.verdict, "red" if row.verdict == "failed" else "")
            verdict = f"[{style}]{escape(row.verdict)}[/]" if style else escape(row.verdict)
            cells = (*seconds, verdict, *((str(len(row.lost) or ""),) if with_lost else ()))
            if with_videos:
                took = f"{row.seconds['video']:.1f}" if "video" in row.seconds else ""
                cells += (took, f"[{VIDEO_STYLE.get(row.video, 'dim')}]{escape(row.video)}[/]")
            table.add_row(escape(row.obj), escape(row.variant or "(settled)"), *cells, escape(row.path))
        return table
