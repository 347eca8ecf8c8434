# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in a thread whose outcome comes back on the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import bpy

from .online import note_online_access

T = TypeVar("T")
TICK_SECONDS = 0.1
JOIN_SECONDS = 2.0
"""How long disabling the extension waits for a thread; one that hangs in the network ends with its own deadline."""


@dataclass
class Work(Generic[T]):
    """Something that runs. error: what it raised, else `value` is its result; either is there once the thread has ended."""

    run: Callable[[], T]
    done: Callable[[Work[T]], None]
    value: T | None = None
    error: Exception | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._work, daemon=True, name="grail work")

    def _work(self) -> None:
        try:
            self.value = self.run()
        except Exception as error:
            self.error = error


_running: list[Work] = []


def in_thread(run: Callable[[], T], done: Callable[[Work[T]], None]) -> None:
    """Run plain Python (no bpy) in a thread; `done` follows on the main thread. In background mode both happen at once."""
    note_online_access()
    work = Work(run, done)
    work.thread.start()
    if bpy.app.background:
        work.thread.join()
        done(work)
        return
    _running.append(work)
    if not bpy.app.timers.is_registered(_deliver):
        bpy.app.timers.register(_deliver, first_interval=TICK_SECONDS, persistent=True)


def _deliver() -> float | None:
    note_online_access()
    for work in [work for work in _running if not work.thread.is_alive()]:
        _running.remove(work)
        work.done(work)
    return TICK_SECONDS if _running else None


def unregister() -> None:
    """Stop waiting for threads."""
    if bpy.app.timers.is_registered(_deliver):
        bpy.app.timers.unregister(_deliver)
    for work in _running:
        work.thread.join(JOIN_SECONDS)
    _running.clear()
