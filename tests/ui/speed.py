# SPDX-License-Identifier: GPL-3.0-or-later
"""How slow this machine is at the moment, for times that are bounded; needs nothing but Python, so that Blender can import it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

REFERENCE = 0.0018
"""Processor seconds of `_work` on the machine that the bounds were measured on."""
TRIES = 7
PIECES = 150
"""So many pieces of work take longer than what a busy machine gives to one process at a time."""


def slowness() -> float:
    """How many times as much processor time as on the reference machine a fixed piece of work takes here and now, the least of
    some tries; at least 1. A bound of processor time is multiplied by it, measured in the same run."""
    return max(1.0, least_seconds(_work, TRIES) / REFERENCE)


def lateness() -> float:
    """The same by the clock on the wall, which other programs slow down, too, for bounds in seconds that pass."""
    start = time.monotonic()
    for _ in range(PIECES):
        _work()
    return max(1.0, (time.monotonic() - start) / (PIECES * REFERENCE))


def least_seconds(work: Callable[[], object], tries: int = 3) -> float:
    """Processor seconds of this thread that `work` takes: the least of some tries, as whatever else runs only adds to it."""
    seconds = []
    for _ in range(tries):
        start = time.thread_time()
        work()
        seconds.append(time.thread_time() - start)
    return min(seconds)


def _work() -> int:
    """What most of our own time goes into: calls, attributes, small containers and text."""
    rows = [{"name": f"row {n}", "at": (n, n / 2, str(n))} for n in range(1500)]
    text = json.dumps(rows)
    return sum(len(row["name"]) for row in sorted(json.loads(text), key=lambda row: -row["at"][0]))
