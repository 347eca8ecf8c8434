# SPDX-License-Identifier: GPL-3.0-or-later
"""One worker process that stays warm between the dealers it works for: the window's background Blender."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .lines import Message
from .link import Inbox, Link, ProcessLink

GRACE = 0.7
"""Seconds that a worker has to leave after it was asked to, before it is ended."""


class KeptWorker:
    """Calling it gives a dealer its link, as `dealer.StartWorker`; a process is started where none is alive, or the one that
    is was started with another command or lacks a variable of the environment.

    What a dealer says at its end does not end the process; what it says where it is closed before does.
    """

    def __init__(self, command: Callable[[], Sequence[str]], log: Path) -> None:
        """command: command line of a worker. log: file for what it prints."""
        self._command, self.log = command, log
        self._environment: dict[str, str] = {}
        self._process: _Process | None = None

    def __call__(self, slot: int, inbox: Inbox) -> Link:
        started, process = (tuple(self._command()), self._environment), self._process
        if process is not None and (process.link.wait(0.0) or not process.does_for(*started)):
            process.end()
            process = None
        self._process = process or _Process(*started, self.log)
        return self._process.lend(inbox)

    def needs(self, environment: Mapping[str, str]) -> None:
        """Have these variables in the environment of the worker from the next dealer on; as keys they are in no command line
        and in no message."""
        self._environment = {**self._environment, **environment}

    @property
    def pid(self) -> int:
        """Process id of the worker; 0 where none was started."""
        return 0 if self._process is None else self._process.link.pid

    def close(self) -> None:
        """Let the worker leave; does not wait for it."""
        if self._process is not None:
            self._process.end()
        self._process = None


class _Process:
    """A process and the link that a dealer has of it, at most one at a time; its messages go to that one."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._loan: _Loan | None = None
        self._last: Message | None = None
        self._lock = threading.Lock()
        self._started = (tuple(command), dict(environment))
        self.link = ProcessLink("background", command, self, log, environment)

    def does_for(self, command: Sequence[str], environment: Mapping[str, str]) -> bool:
        """Whether it was started with this command, and has these variables."""
        return self._started[0] == tuple(command) and self._started[1].items() >= environment.items()

    def put(self, item: tuple[Link, Message], /) -> None:
        """Hand on what the process says; called in the thread that reads it."""
        with self._lock:
            if item[1]["say"] == "gone":
                self._last = item[1]
            if self._loan is not None:
                self._loan.inbox.put((self._loan, item[1]))

    def lend(self, inbox: Inbox) -> _Loan:
        loan = _Loan(self, inbox)
        with self._lock:
            if self._last is not None:  # it has just died, and nobody was there to hear it
                inbox.put((loan, self._last))
            self._loan = loan
        return loan

    def give_back(self) -> None:
        self._loan = None

    def end(self) -> None:
        """Ask it to leave, and end it after the grace, without waiting for either."""
        self._loan = None
        self.link.stop()
        threading.Thread(target=self._reap, daemon=True, name="grail worker's end").start()

    def _reap(self) -> None:
        if not self.link.wait(GRACE):
            self.link.kill()


class _Loan:
    """Implements `Link` for one dealer."""

    def __init__(self, process: _Process, inbox: Inbox) -> None:
        self.name, self.node = "background", ""
        self.inbox = inbox
        self._process = process
        self._is_over = False

    def send(self, message: Message) -> None:
        if message["do"] != "close":
            self._process.link.send(message)
        elif not self._is_over:
            self._is_over = True
            self._process.give_back()

    def stop(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._process.end()

    def wait(self, seconds: float) -> bool:
        return self._is_over or self._process.link.wait(0.0)

    def kill(self) -> None:
        self._process.link.kill()
