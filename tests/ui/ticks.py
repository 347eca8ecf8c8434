# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what the extension's timers cost the window's main thread."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import bpy

Timer = Callable[[], "float | None"]


class TickWatch:
    """Stands between an extension and `bpy.app.timers`; timers that are registered from now on are measured.

    seconds: (timer's name, processor time of one call), in the order of the calls.
    """

    def __init__(self, package: str) -> None:
        self.seconds: list[tuple[str, float]] = []
        self._package = package
        self._wrapped: dict[Any, Timer] = {}
        timers: Any = bpy.app.timers
        self._register, self._unregister, self._known = timers.register, timers.unregister, timers.is_registered
        timers.register, timers.unregister, timers.is_registered = self.register, self.unregister, self.is_registered

    def register(self, function: Timer, **how: Any) -> None:
        if not str(getattr(function, "__module__", "")).startswith(self._package):
            self._register(function, **how)
            return

        def measured() -> float | None:
            start = time.thread_time()
            try:
                return function()
            finally:
                self.seconds.append((function.__qualname__, time.thread_time() - start))

        self._wrapped[function] = measured
        self._register(measured, **how)

    def unregister(self, function: Timer) -> None:
        self._unregister(self._wrapped.pop(function, function))

    def is_registered(self, function: Timer) -> bool:
        return bool(self._known(self._wrapped.get(function, function)))

    def report(self) -> dict[str, Any]:
        """Calls, the longest in ms and whose it was."""
        name, longest = max(self.seconds, key=lambda call: call[1], default=("", 0.0))
        return {"calls": len(self.seconds), "longest_ms": round(1000 * longest, 2), "longest": name}


class GarbageWatch:
    """Measures Python's searches for garbage; whichever thread does one, the window waits for it.

    seconds: (generation, whether in this thread, processor time), in their order.
    """

    def __init__(self) -> None:
        self.seconds: list[tuple[int, bool, float]] = []
        self._thread, self._start = threading.get_ident(), 0.0
        gc.callbacks.append(self._on_garbage)

    def _on_garbage(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._start = time.thread_time()
        else:
            taken = time.thread_time() - self._start
            self.seconds.append((info["generation"], threading.get_ident() == self._thread, taken))


class CallWatch:
    """Measures what operators and panels of an extension do when Blender calls them.

    longest: class and method -> processor seconds of its longest call.
    """

    def __init__(self, classes: Iterable[type]) -> None:
        self.longest: dict[str, float] = {}
        for cls in classes:
            for name, wrapped in (
                ("execute", self._of_context),
                ("draw", self._of_context),
                ("invoke", self._of_event),
            ):
                if name in vars(cls):
                    setattr(cls, name, wrapped(f"{cls.__name__}.{name}", vars(cls)[name]))

    def _call(self, name: str, method: Callable[..., Any], *given: Any) -> Any:
        start = time.thread_time()
        try:
            return method(*given)
        finally:
            self.longest[name] = max(self.longest.get(name, 0.0), time.thread_time() - start)

    # Blender gives a method as many arguments as its signature names
    def _of_context(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda own, context: self._call(name, method, own, context)

    def _of_event(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda own, context, event: self._call(name, method, own, context, event)
