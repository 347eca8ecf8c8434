# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting in tests: for something that happens, never for a time. How long it takes is no test; that it happens is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds until a test gives up: a hang, whatever else the machine does."""


def until(holds: Callable[[], object], what: str = "what was waited for", seconds: float = PATIENCE) -> None:
    """Return once `holds()` is true; AssertionError that names `what` where it never is."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.02)
