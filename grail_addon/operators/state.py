# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panels show: plain data, filled by operators and by the run, read by `draw`. Nothing of it is saved.

The truth is in the .blend (settings) and in the results folder (what was made); this is found again from there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Problem

MOST_LINES = 200


@dataclass(frozen=True)
class ErrorView:
    """What went wrong. item: that failed, empty where it is none; detail: for Copy Details; file: at fault, empty where there is
    none."""

    problems: tuple[Problem, ...]
    item: str = ""
    detail: str = ""
    file: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """In English, with key paths and files, as the command line says them."""
        head = f"{self.item}: " if self.item else ""
        return tuple(f"{head}{problem}" for problem in self.problems)


@dataclass
class Progress:
    """A run that goes on, or has just ended. title: what it does; item: what is being made; part: of that item.

    total, done, failed: items. started: of the run, item_started: of the item, seconds of the monotonic clock.
    item_seconds: of the items that were made, for the estimate. in_background: another Blender does it.
    """

    title: str
    started: float
    total: int = 0
    done: int = 0
    failed: int = 0
    item: str = ""
    part: str = ""
    item_started: float = 0.0
    item_seconds: list[float] = field(default_factory=list)
    is_running: bool = True
    is_stopping: bool = False
    waits: str = ""
    in_background: bool = False

    @property
    def share(self) -> float:
        """0 to 1, of the items."""
        return (self.done + self.failed) / self.total if self.total else 0.0

    def seconds_left(self, now: float) -> float | None:
        """By the items made so far; None before the first."""
        if not self.item_seconds:
            return None
        each = sum(self.item_seconds) / len(self.item_seconds)
        left = self.total - self.done - self.failed
        begun = now - self.item_started if self.item else 0.0
        return max(each * left - min(begun, each), 0.0)


@dataclass
class WindowState:
    """progress: the run at hand or the last one; error: what stopped it; log: last lines, newest last."""

    progress: Progress | None = None
    error: ErrorView | None = None
    log: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    views: dict[str, Any] = field(default_factory=dict)
    changes: int = 0
    """Rises whenever something was written into a results folder, so that views of it are read anew."""
    is_online: bool = False
    """Whether Blender allows online access, as the main thread saw it last."""

    @property
    def is_running(self) -> bool:
        return self.progress is not None and self.progress.is_running


STATE = WindowState()


def clear() -> None:
    """Forget everything: another file was opened, or the extension is turned off."""
    STATE.progress = STATE.error = None
    STATE.log.clear()
    STATE.views.clear()
