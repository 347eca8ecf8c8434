# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is that was left to SLURM, from what its tasks have written into the results folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.clock import Clock
from ...core.files import read_json
from ...pipeline.progress import RunProgress
from .lines import message_of
from .tally import Tally


def whole_messages(data: bytes) -> tuple[list[Mapping[str, Any]], int]:
    """The messages in what tasks wrote, up to its last whole line; also how many bytes those are."""
    size = data.rfind(b"\n") + 1
    found = []
    for line in data[:size].splitlines():
        message = message_of(line)  # none: half a line of a task that died, and the next task's first line behind it
        if message is not None:
            found.append(message)
    return found, size


def sent_progress(results_dir: Path, status: Mapping[str, Any], clock: Clock) -> dict[str, Any] | None:
    """A status as of `read_status`, brought up to date, with `tasks`: how many have ended of how many. None where the
    last run was not left to SLURM."""
    folder = results_dir / "farm"
    try:
        jobs = read_json(folder / "job.json")["jobs"] if status.get("detached") else None
    except (OSError, ValueError, KeyError, TypeError):
        jobs = None
    if not isinstance(jobs, list):
        return None
    progress, tally, closed, newest = RunProgress(clock), Tally(), 0, float(status["time"])
    progress.planned, progress.started = int(status["planned"]), float(status["started"])
    for number in range(len(jobs)):
        path = folder / f"events-{number}.jsonl"
        try:
            messages, newest = whole_messages(path.read_bytes())[0], max(newest, path.stat().st_mtime)
        except OSError:
            continue  # it waits
        closed += any(message.get("say") == "closed" for message in messages)
        _count(progress, tally, number, messages)
    minutes = max(newest - progress.started, 1.0) / 60.0
    left = progress.planned - len(tally.told)
    rate = tally.done / minutes
    return {
        **progress.to_json(), "machine": "SLURM", "time": newest, "tasks": [closed, len(jobs)], "per_minute": rate,
        "left_seconds": 60.0 * max(left, 0) / rate if rate else None,
    }  # fmt: skip


def _count(progress: RunProgress, tally: Tally, number: int, messages: list[Mapping[str, Any]]) -> None:
    for message in messages:
        if message.get("say") == "event":
            where = {"worker": str(number), "node": str(message.get("node", ""))}
            event = tally.passed(message["event"], str(message["unit"]), where)
            if event is not None:
                progress.event(event)
