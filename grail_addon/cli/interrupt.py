# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C while Blender renders: noticed at once, honoured after the item at hand or after a short grace.

Python runs signal handlers only between its own instructions, and a render is one instruction that lasts a minute. So
a thread waits on the wake-up pipe that the interpreter writes to from the real handler. Importers let no thread run
either: before a long one a process of its own begins to watch the same pipe, see `guard`.
"""

from __future__ import annotations

import contextlib
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

from .guard import Guard

GRACE_SECONDS = 2.2
GUARD_SECONDS = 0.3
"""What the process beside this one waits longer than the thread."""
ASKS = frozenset((0, signal.SIGINT, signal.SIGTERM))
"""Numbers that ask to stop: those of the signals, and of `ask`. Other signals, too, come through the pipe."""


class Interrupt:
    """Context in which SIGINT and SIGTERM set `asked`, call `on_ask` once, and after a grace, or the second signal,
    call `on_give_up` from another thread (which is expected to end the process). out, words, code: where a long call keeps
    that thread from running, `words` go to the descriptor `out`, and the process ends with `code`. grace: seconds."""

    def __init__(
        self,
        on_ask: Callable[[], None],
        on_give_up: Callable[[], None],
        out: int = -1,
        words: str = "",
        code: int = 130,
        grace: float | None = None,
    ) -> None:
        self._on_ask, self._on_give_up = on_ask, on_give_up
        self._grace = GRACE_SECONDS if grace is None else grace
        self._guard = Guard(out, words, self._grace + GUARD_SECONDS, code)
        self.asked = threading.Event()
        self._finished = threading.Event()
        self._old: dict[int, object] = {}

    def __enter__(self) -> Interrupt:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._selector = getattr(selectors, "PollSelector", selectors.SelectSelector)()
        self._selector.register(self._read, selectors.EVENT_READ)
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
        self._guard.close()
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            # None: a handler that Python did not set and cannot put back (Blender 5.2 has one of its own)
            signal.signal(number, signal.SIG_DFL if handler is None else handler)  # type: ignore[arg-type]
        self._write.close()

    def before_long(self) -> None:
        """Be ready for a call that lets neither handlers nor threads run, from now on. Every room counts as such a call, so
        that all that follows it, as a settle, is watched, too."""
        self._guard.start(self._read)

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
            self._guard.asked()
            self._on_ask()
            self._signalled(self._grace)
            if not self._finished.wait(0.05):
                self._on_give_up()

    def _signalled(self, timeout: float | None) -> bool:
        """Wait for a request to stop; False where none came in time, or none can come any more."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if until is None else max(until - time.monotonic(), 0.0)
            try:
                # waited for and taken in two steps: the second is Python's, and what is not taken the guard still sees
                if not self._selector.select(left):
                    return False
                number = self._read.recv(1)
            except BlockingIOError:
                continue
            except (OSError, ValueError):
                return False
            if not number or number[0] in ASKS:
                return bool(number)
