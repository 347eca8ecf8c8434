# SPDX-License-Identifier: GPL-3.0-or-later
"""The process beside a run, see `guard`: ends the run a grace after SIGINT or SIGTERM (at once after the second) where the run
has not ended by then, and removes what it was writing. Imports nothing of ours.

Standard input tells, each with a zero byte behind: `+PATH` is being written, `-PATH` no longer, `/PATH` is the run's own
temporary folder, `!SECONDS` Python has seen a signal at that time. Its end means that the run is over.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import sys
import time

ASKS = frozenset((0, signal.SIGINT, signal.SIGTERM))  # 0: asked by Python itself
LOOK_SECONDS = 0.03
LAST_SECONDS = 0.3  # from the way out that gives the exit code to SIGKILL


class Watch:
    """What is known of the run."""

    def __init__(self) -> None:
        self.temps: set[bytes] = set()
        self.folder = b""
        self.asked_at: float | None = None
        self.seen = 0  # requests that Python has seen
        self.over = False
        self._rest = b""

    def hear(self, timeout: float | None, signals: socket.socket | None) -> bool:
        """Wait for words or signals; whether there are signals to look at."""
        poll = select.poll()
        for source in [0] if signals is None else [0, signals.fileno()]:
            poll.register(source, select.POLLIN)
        ready = dict(poll.poll(None if timeout is None else timeout * 1000.0))
        if 0 in ready:
            data = os.read(0, 1 << 16)
            self.over = not data
            *words, self._rest = (self._rest + data).split(b"\0")
            for word in words:
                self._take(word)
        return len(ready) > (0 in ready)

    def _take(self, word: bytes) -> None:
        if word[:1] == b"+":
            self.temps.add(word[1:])
        elif word[:1] == b"-":
            self.temps.discard(word[1:])
        elif word[:1] == b"/":
            self.folder = word[1:]
        elif word[:1] == b"!":
            self.seen = 1
            self.asked_at = self.asked_at or float(word[1:])


def asks(signals: socket.socket) -> int:
    """How many requests to stop have come that Python has not seen yet; they are left there for it."""
    try:
        waiting = signals.recv(64, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return 0
    return sum(number in ASKS for number in waiting)


def wait(signals: socket.socket, grace: float) -> bool:
    """Wait until the run is over (False) or has to be ended (True)."""
    watch_for(signals)
    while not WATCH.over:
        WATCH.hear(LOOK_SECONDS, None)
        assert WATCH.asked_at is not None
        if WATCH.seen + asks(signals) > 1 or time.monotonic() > WATCH.asked_at + grace:
            WATCH.hear(0.0, None)
            return not WATCH.over
    return False


def watch_for(signals: socket.socket) -> None:
    """Return when a request to stop has come, or the run is over."""
    while WATCH.asked_at is None and not WATCH.over:
        if WATCH.hear(None, signals):
            if asks(signals):
                WATCH.asked_at = time.monotonic()
            else:
                time.sleep(LOOK_SECONDS)  # a signal that is no request; Python takes it when it can


WATCH = Watch()


def end(run: int, trigger: int, out: int, words: str) -> None:
    """Say so, remove what was being written, end the run."""
    if out >= 0 and words:
        clear = "\r\x1b[K\x1b[?25h" if os.isatty(out) else ""  # a bar that is drawn there has hidden the cursor
        with contextlib.suppress(OSError):
            os.write(out, f"{clear}{words}\n".encode())
    for path in WATCH.temps:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108  bytes, as the system has them
    if WATCH.folder:
        shutil.rmtree(WATCH.folder, ignore_errors=True)
    if trigger >= 0:
        os.write(trigger, b"!")
        until = time.monotonic() + LAST_SECONDS
        while not WATCH.over and time.monotonic() < until:
            WATCH.hear(LOOK_SECONDS, None)
    if not WATCH.over:
        with contextlib.suppress(ProcessLookupError):
            os.kill(run, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """arguments: process id, descriptors of the signals, of the way out and of the output, grace, words."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # sent to all of a job; the end of the run ends this, too
    run, at, trigger, out = map(int, arguments[:4])
    signals = socket.socket(fileno=at)
    if wait(signals, float(arguments[4])):
        end(run, trigger, out, arguments[5])


if __name__ == "__main__":
    main(sys.argv[1:])
