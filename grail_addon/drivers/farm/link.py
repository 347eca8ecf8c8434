# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker process and the two pipes to it: lines of JSON in, lines of JSON out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from .lines import Message, lines_of, message_of

DEAF_SECONDS = 10.0
"""A worker that closes its output, and so can tell nothing any more, has so long to end."""


class Link(Protocol):
    """One worker as the dealer knows it. name: for people, e.g. `3`; node: the machine it runs on."""

    name: str
    node: str

    def send(self, message: Message) -> None:
        """Give the worker a message; one that has died takes it without an error."""
        ...

    def stop(self) -> None:
        """Ask the worker to leave after a short grace."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait until the worker is gone; False where it is still there."""
        ...

    def kill(self) -> None:
        """End the worker at once."""
        ...


Inbox = SimpleQueue[tuple[Link, Message]]
"""What the workers say. The last message of each is {"say": "gone", "why": sentence}."""


class Sink(Protocol):
    """Takes what a worker says, in the thread that reads it."""

    def put(self, item: tuple[Link, Message], /) -> None:
        """Keep it, or hand it on."""
        ...


class ProcessLink:
    """A worker that is a child process. It leaves by itself when this process dies, as its input ends then.

    log: file for what Blender and Python write there. cores: the processor cores it may use, where the system can say.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        inbox: Sink,
        log: Path,
        env: Mapping[str, str] | None = None,
        cores: Sequence[int] = (),
    ) -> None:
        self.name, self.node = name, os.uname().nodename if hasattr(os, "uname") else ""
        self._inbox, self._lock = inbox, threading.Lock()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            # a session of its own: a Ctrl-C at the terminal is for the dealer, who asks the workers to stop
            self._process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink,
                env={**os.environ, **(env or {})}, start_new_session=True,
            )  # fmt: skip
        self.use(cores)
        threading.Thread(target=self._read, daemon=True, name=f"worker {name}").start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def use(self, cores: Sequence[int]) -> None:
        """Keep all its threads to these processor cores from now on, where the system can; none: as it is."""
        if not cores or not hasattr(os, "sched_setaffinity"):
            return
        with suppress(OSError):  # it has just ended
            for thread in Path(f"/proc/{self.pid}/task").iterdir():
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread.name), cores)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines_of(lines):
                message = message_of(line)
                if message is not None:
                    self._inbox.put((self, message))
        if not self.wait(DEAF_SECONDS):
            self.kill()
        self._inbox.put((self, {"say": "gone", "why": _ended(self._process.wait())}))

    def send(self, message: Message) -> None:
        assert self._process.stdin is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
                self._process.stdin.flush()
            except (OSError, ValueError):
                pass  # it is gone, and `_read` says so

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        self._process.kill()


def _ended(code: int) -> str:
    if code >= 0:
        return f"left with exit code {code}"
    with suppress(ValueError):  # not all numbers have names
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
