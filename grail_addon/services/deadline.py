# SPDX-License-Identifier: GPL-3.0-or-later
"""The deadline of a whole HTTP call: its connections are known, and cut when the time is over."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """The request that is under way. sockets: open connections; sent: bytes of it went out; expired: the deadline has passed;
    closed: no further request is made."""

    sockets: set[socket.socket] = field(default_factory=set)
    sent: bool = False
    expired: bool = False
    closed: bool = False
    until: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def expire(self) -> None:
        """Cut all connections: whoever reads from one gets an error at once."""
        self.expired = True
        for open_socket in list(self.sockets):
            with suppress(OSError):
                # of the plain socket, so that a TLS layer in use by another thread is left as it is
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)

    def opened(self, made: socket.socket) -> None:
        """Watch a connection. TimeoutError where the deadline passed while it was made, as looking up a name may take long."""
        self.sockets.add(made)
        if self.expired:
            raise TimeoutError

    def extend(self, seconds: float) -> None:
        """Move the deadline to `seconds` from now."""
        self.until = time.monotonic() + seconds

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Cut the connection after `seconds`, however busy it is."""
        self.sent = self.expired = False
        self.extend(seconds)
        self.ended = threading.Event()
        threading.Thread(target=self._watch, args=(self.ended,), daemon=True).start()
        try:
            yield
        finally:
            self.ended.set()

    def _watch(self, ended: threading.Event) -> None:
        while (left := self.until - time.monotonic()) > 0:
            if ended.wait(left):
                return
        self.expire()


def watched(base: Any, call: Call) -> type[Any]:
    """A connection class that tells `call` of its socket and of the first byte of a request that goes out."""

    class Watched(base):  # type: ignore[misc]
        def _new_conn(self) -> Any:
            self._plain = super()._new_conn()
            try:
                call.opened(self._plain)  # before a proxy or TLS is spoken to, who may take their time
            except TimeoutError:
                self._plain.close()
                raise
            return self._plain

        def _tunnel(self) -> None:
            sent = call.sent
            try:
                super()._tunnel()
            finally:
                call.sent = sent  # what a proxy is told to reach the other side is no part of the request

        def connect(self) -> None:
            super().connect()
            call.sockets.discard(self._plain)
            call.opened(self.sock)

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            call.sent = True
            super().send(data)

        def close(self) -> None:
            call.sockets.discard(self.sock)
            call.sockets.discard(getattr(self, "_plain", None))
            super().close()

    return Watched
