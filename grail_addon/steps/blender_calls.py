# SPDX-License-Identifier: GPL-3.0-or-later
"""Single operators and library calls of Blender that nothing can split, marked so that a driver can tell them from our own
work. Marking changes nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, float], None]
"""Told the name of a call and the processor seconds that it took this thread."""

_listener: ContextVar[Listener | None] = ContextVar("blender_calls", default=None)


@contextmanager
def blender_call(name: str) -> Iterator[None]:
    """Around one operator or library call of Blender, and nothing else. name: as Blender calls it."""
    listener = _listener.get()
    start = time.thread_time()
    try:
        yield
    finally:
        if listener is not None:
            listener(name, time.thread_time() - start)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Have `listener` told of the calls that are made meanwhile in this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
