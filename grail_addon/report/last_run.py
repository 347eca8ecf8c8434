# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page says of the last run over the folder: how many items, how fast, by which object, worker and node, what failed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.layout import ResultsLayout
from .collect import json_of

MOST_OBJECTS = 200


def last_run(results_dir: Path) -> dict[str, Any] | None:
    """The run as plain data: `done`, `skipped`, `failed`, `planned`, `ended`, `seconds` since it began, `tables` (of a
    `title` and rows of a name, its node or "", done, skipped, failed, seconds an item), `reasons` (how many, which,
    an item of them) and `choices` (sentences on how many workers were taken). None where no run is known, or what is
    known is of another form."""
    status = json_of(ResultsLayout(results_dir).status)
    try:
        return None if status is None else _plain(status)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _plain(status: Mapping[str, Any]) -> dict[str, Any]:
    total, objects = status["total"], status["objects"]
    failed_first = dict(sorted(objects.items(), key=lambda named: -named[1]["failed"])[:MOST_OBJECTS])
    parts = {"Worker": status["workers"], "Node": status["nodes"], "Object": failed_first}
    return {
        **{name: int(total[name]) for name in ("done", "skipped", "failed")},
        "planned": int(status["planned"]),
        "ended": bool(status["ended"]),
        "seconds": round(float(status["time"]) - float(status["started"])),
        "tables": [{"title": title, "rows": _rows(named)} for title, named in parts.items() if named],
        "choices": [str(choice) for choice in status.get("choices", [])],
        "reasons": [[int(count), str(reason), str(item)] for count, reason, item in status["reasons"]],
    }


def _rows(named: Mapping[str, Mapping[str, Any]]) -> list[list[Any]]:
    return [
        [name, part["node"], part["done"], part["skipped"], part["failed"], _each(part)] for name, part in named.items()
    ]


def _each(part: Mapping[str, Any]) -> float | None:
    return round(part["seconds"] / part["done"], 1) if part["done"] else None
