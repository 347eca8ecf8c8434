# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the small project in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grail_addon.cli.arguments import read_command_line
from grail_addon.core.files import read_json
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.session import Session
from grail_addon.steps.events import Event

ROOT = Path(__file__).resolve().parents[2]


def session(argv: list[str]) -> Session:
    """The session of the command line `argv`."""
    request, options = read_command_line(argv, Path.cwd(), ROOT)
    return Session(request, options.run)


def run(argv: list[str]) -> list[Event]:
    """Drain a run of the command line `argv`; its events."""
    events: list[Event] = []
    drain(session(argv).run(), events.append)
    return events


def manifest(results: Path, name: str) -> dict[str, Any]:
    """Frame manifest by the last part of its video id."""
    (path,) = (results / "generation" / "manifests").rglob(f"{name}.json")
    data: dict[str, Any] = read_json(path)
    return data


def failures(events: list[Event]) -> list[str]:
    return [e.message for e in events if e.kind == "fail"]
