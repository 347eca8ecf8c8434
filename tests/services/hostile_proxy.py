# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy between a client and a server that spoils what passes: at any byte of any reply it can cut, delay, drip, repeat or
replace; it can lose a request, or answer with something else altogether. All from one seed."""

from __future__ import annotations

import random
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

NOT_DIGITS = [bytes([value]) for value in range(256) if not 48 <= value <= 57]
"""What bytes are replaced by. A digit in place of a digit would be another price, which no client can tell from the truth."""

PAGES = (
    (502, b"<html><body>Bad gateway</body></html>", "text/html"), (403, b"Request blocked", "text/plain"),
    (404, b"<html>not here</html>", "text/html"), (429, b"slow down", "text/plain"), (200, b"", "application/json"),
    (200, b'{"code": 0, "message": "SUCCEED", "data": {}}', "application/json"),
    (200, b'{"code": 0, "message": "SUCCEED", "data": []}', "application/json"),
    (200, b'{"code": 7, "message": "odd", "data": null}', "application/json"),
    (400, b'{"code": 1299, "message": "odd"}', "application/json"), (503, b'{"code": 5001, "message": "x"}', "application/json"),
    (200, b"\x1f\x8b\x08packed", "application/json"), (302, b"", "text/html"), (200, b"[" * 5000, "application/json"),
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """kind: lose (the request never arrives), cut, delay, drip, repeat, replace, page (another answer), stale (an answer to
    an earlier request) or echo (a planted key inside). at: share of the reply's bytes, 0..1."""

    kind: str
    at: float
    more: float


KINDS = ("lose", "cut", "cut", "delay", "drip", "repeat", "replace", "replace", "page", "page", "stale", "echo")


class Plan:
    """Which replies are spoilt, and how. chance: 0..1; may be changed while it runs."""

    def __init__(self, seed: int, chance: float) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.chance = chance
        self.played: Counter[str] = Counter()

    def next(self) -> Fault | None:
        with self._lock:
            if self._random.random() >= self.chance:
                return None
            fault = Fault(self._random.choice(KINDS), self._random.random(), self._random.random())
            self.played[fault.kind] += 1
            return fault


class HostileProxy(socketserver.ThreadingTCPServer):
    """Passes requests on to `target` (an address) and spoils the replies as `plan` says. Use as a context manager."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, target: str, plan: Plan, planted: Sequence[str], delay: float) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        parts = urlsplit(target)
        self.upstream = (str(parts.hostname), int(parts.port or 80))
        self.plan, self.planted, self.delay = plan, tuple(planted), delay
        self.before: list[bytes] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> HostileProxy:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ends that go away are what this is about."""


class _Passing(socketserver.BaseRequestHandler):
    server: HostileProxy
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(20)
        asked = _message(self.request)
        if not asked:
            return
        fault = self.server.plan.next()
        if fault is not None and fault.kind == "lose":
            return
        with socket.create_connection(self.server.upstream, 20) as upstream:
            upstream.sendall(_once(asked))
            upstream.shutdown(socket.SHUT_WR)
            reply = b"".join(iter(lambda: upstream.recv(1 << 16), b""))
        self.server.before = [*self.server.before[-5:], reply]
        self._send(_once(reply), fault)

    def _send(self, reply: bytes, fault: Fault | None) -> None:
        at = 0 if fault is None else int(fault.at * len(reply))
        kind = "" if fault is None else fault.kind
        if fault is not None and kind == "page":
            reply = _page(PAGES[int(fault.more * len(PAGES))])
        elif fault is not None and kind == "stale":
            reply = self.server.before[int(fault.more * len(self.server.before))]
        elif fault is not None and kind == "repeat":
            reply = reply[:at] + reply[max(0, at - int(fault.more * 40)) : at] + reply[at:]
        elif fault is not None and kind == "replace":
            reply = reply[:at] + NOT_DIGITS[int(fault.more * len(NOT_DIGITS))] + reply[at + 1 :]
        elif fault is not None and kind == "echo":
            reply = _echo(reply, self.server.planted[int(fault.more * len(self.server.planted))])
        self.request.sendall(reply[:at])
        if kind == "cut":
            return
        if kind == "delay":
            time.sleep(self.server.delay * (fault.more if fault is not None else 0.0))
        if kind == "drip":
            for number in range(at, min(len(reply), at + 60)):
                self.request.sendall(reply[number : number + 1])
                time.sleep(self.server.delay / 40)
            at += 60
        self.request.sendall(reply[at:])


def _message(end: socket.socket) -> bytes:
    """One HTTP request: head and as much body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = end.recv(1 << 16)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        more = end.recv(1 << 16)
        if not more:
            return b""
        body += more
    return head + b"\r\n\r\n" + body


def _once(message: bytes) -> bytes:
    """A message that says that its connection ends with it."""
    head, gap, body = message.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + gap + body


def _page(page: tuple[int, bytes, str]) -> bytes:
    status, body, kind = page
    more = "Content-Encoding: gzip\r\n" if body[:2] == b"\x1f\x8b" else ""
    more += "" if kind.startswith("text/") else "x-grail-sandbox: 1\r\n"  # the service itself says something odd
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + body


def _echo(reply: bytes, key: str) -> bytes:
    """The reply with a key in its message and in its headers."""
    head, gap, body = reply.partition(b"\r\n\r\n")
    spoilt = body.replace(b'"SUCCEED"', b'"echo %s"' % key.encode()).replace(
        b'"message": ""', b'"message": "%s"' % key.encode()
    )
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    lines += [b"X-Echo: " + key.encode(), b"Content-Length: %d" % len(spoilt)]
    return b"\r\n".join(lines) + gap + spoilt
