# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says while it works. Each front shows events in its own way; none of them is text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["plan", "note", "start", "progress", "done", "skip", "fail", "end", "report"]


@dataclass(frozen=True)
class Event:
    """kind: `plan` (how many items), `note`, `start`, `progress` (within an item), `done`, `skip` (up to date, or left out), `fail`, `end`,
    `report` (data: variants `done` of `all`; the last one carries the page's path instead).

    item: key of the item, empty for the run as a whole. step, obj, variant: its parts for tables. message: a sentence.
    verdict: pass, warn, fail, stable, ... ; path: main file made, relative to the results folder; seconds: it took.
    data: numbers for machines.
    """

    kind: Kind
    item: str = ""
    step: str = ""
    obj: str = ""
    variant: str = ""
    message: str = ""
    verdict: str = ""
    path: str = ""
    seconds: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Without empty fields."""
        return {k: v for k, v in asdict(self).items() if v not in ("", 0.0, {})}
