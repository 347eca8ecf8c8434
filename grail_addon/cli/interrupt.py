# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C while Blender renders: noticed at once, honoured after the item at hand or after a short grace.

Python runs signal handlers only between its own instructions, and a render is one instruction that lasts a minute. So
a thread waits on the wake-up pipe that the interpreter writes to from the real handler.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import TracebackType

GRACE_SECONDS = 3.0


class Interrupt:
    """Context in which SIGINT and SIGTERM set `asked`, call `on_ask` once, and after a grace, or the second signal,
    call `on_give_up` from another thread (which is expected to end the process)."""

    def __init__(self, on_ask: Callable[[], None], on_give_up: Callable[[], None]) -> None:
        self._on_ask, self._on_give_up = on_ask, on_give_up
        self.asked = threading.Event()
        self._finished = threading.Event()
        self._old: dict[int, object] = {}

    def __enter__(self) -> Interrupt:
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._old[number] = signal.signal(number, lambda *_: None)
        threading.Thread(target=self._watch, daemon=True, name="interrupt").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finished.set()
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            # None: a handler that Python did not set and cannot put back (Blender 5.2 has one of its own)
            signal.signal(number, signal.SIG_DFL if handler is None else handler)  # type: ignore[arg-type]
        self._write.close()

    def ask(self) -> None:
        """As if a signal had come; may be called from any thread."""
        with contextlib.suppress(OSError):  # it is over already
            self._write.send(b"\0")

    def _watch(self) -> None:
        # This thread touches no bpy and no run state: it waits, sets a flag, and at last ends the process.
        with self._read:
            if not self._signalled(None) or self._finished.is_set():
                return
            self.asked.set()
            self._on_ask()
            self._signalled(GRACE_SECONDS)
            if not self._finished.wait(0.05):
                self._on_give_up()

    def _signalled(self, timeout: float | None) -> bool:
        self._read.settimeout(timeout)
        try:
            return bool(self._read.recv(1))
        except (TimeoutError, OSError):
            return False


def end_process(code: int) -> None:
    """Leave at once, without Python's or Blender's teardown."""
    os._exit(code)
