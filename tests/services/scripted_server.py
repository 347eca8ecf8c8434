# SPDX-License-Identifier: GPL-3.0-or-later
"""A real HTTP server whose every answer a test writes down: bytes, status, headers, pace."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """delay: seconds before anything is sent. pieces: the body as it is sent, with a pause of `pause` seconds after each.
    length: Content-Length that is claimed; None says what is true. raw: bytes sent in place of a status line."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    pieces: int = 1
    pause: float = 0.0
    delay: float = 0.0
    cut: bool = False
    raw: bytes | None = None


def envelope(data: Any, code: int = 0, status: int = 200, message: str = "SUCCEED") -> Reply:
    body = {"code": code, "message": message, "request_id": "r-1", "data": data}
    return Reply(json.dumps(body).encode(), status)


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Seen], Reply]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing goes to stderr."""

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, raw)
        self.server.seen.append(seen)
        reply = self.server.script(seen)
        try:
            self._send(reply)
        except OSError:
            self.close_connection = True  # the client went away
        if reply.cut or reply.raw is not None or reply.length is not None:
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        time.sleep(reply.delay)
        if reply.raw is not None:
            self._drip(reply.raw, reply)
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._drip(reply.body, reply)

    def _drip(self, data: bytes, reply: Reply) -> None:
        size = max(1, -(-len(data) // reply.pieces))
        for start in range(0, len(data), size):
            self.wfile.write(data[start : start + size])
            self.wfile.flush()
            time.sleep(reply.pause)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: Script
    seen: list[Seen]

    def handle_error(self, *args: object) -> None:
        """A client that went away is no error here."""


class ScriptedServer:
    """`script` answers; `seen` has each request. Use as a context manager."""

    def __init__(self, script: Script) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.script, self._server.seen = script, []
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def seen(self) -> list[Seen]:
        return self._server.seen

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
