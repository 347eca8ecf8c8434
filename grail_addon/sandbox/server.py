# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's HTTP: one port for the APIs and the control routes, another for the result files (another origin)."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import control, kling_routes, openai_routes
from .movie import movie
from .state import Fault, RefusalError, SandboxState

Watch = Callable[[str, str, str], None]
"""Called with (stage, method, path); stages: before, handled (state changed, no reply yet), half (body half sent)."""


@dataclasses.dataclass
class _Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


def _json(status: int, data: Any) -> _Reply:
    return _Reply(status, json.dumps(data).encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60
    server_version = "grail-sandbox"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_PUT(self) -> None:
        self._handle("PUT")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header has the sandbox's own time, by which a client can see that its clock is wrong."""
        return super().date_time_string(int(self.server.state.now() if timestamp is None else timestamp))

    def log_message(self, format: str, *args: object) -> None:
        """The request log is in the state; nothing goes to stderr."""

    def _handle(self, method: str) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length", "0"))
        raw = self.rfile.read(length)
        state, watch = self.server.state, self.server.watch
        watch("before", method, parts.path)
        fault = None if parts.path.startswith("/_sandbox") else state.take_fault(method, parts.path)
        reply = None
        if fault is None or fault.create or fault.action in ("delay", "cut_body"):
            reply = self.server.route(self, method, parts.path, dict(parse_qsl(parts.query)), raw)
            watch("handled", method, parts.path)
        if fault is not None:
            reply = self._spoil(fault, reply)
        if reply is None:
            self.close_connection = True
            return
        self._send(reply, method, parts.path, fault)

    def _spoil(self, fault: Fault, reply: _Reply | None) -> _Reply | None:
        """What is answered in place of the reply; None cuts the connection without one."""
        time.sleep(fault.seconds)
        if fault.action == "cut":
            return None
        if fault.action == "garbage":
            return _Reply(502, b"<html><body>Bad gateway</body></html>", "text/html")
        if fault.action == "page":
            return _Reply(fault.http, b"<html><body>Request blocked</body></html>", "text/html")
        if fault.action == "status":
            headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
            body = {"code": fault.code, "message": fault.message, "request_id": str(uuid.uuid4())}
            return _Reply(fault.http, json.dumps(body).encode(), headers=headers)
        return reply

    def _send(self, reply: _Reply, method: str, path: str, fault: Fault | None) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("x-grail-sandbox", "1")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        cut = fault is not None and fault.action == "cut_body"
        end = int(len(reply.body) * fault.share) if fault is not None and cut else len(reply.body)
        try:
            self.wfile.write(reply.body[: end // 2])
            self.wfile.flush()
            self.server.watch("half", method, path)
            self.wfile.write(reply.body[end // 2 : end])
        except (BrokenPipeError, ConnectionResetError):
            cut = True  # the client went away
        if cut:
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, state: SandboxState, port: int, watch: Watch) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.state = state
        self.watch = watch
        self.files = ""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of the sandbox."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def route(self, handler: _Handler, method: str, path: str, query: dict[str, str], raw: bytes) -> _Reply:
        raise AssertionError("each port has its own routes")


class _ApiServer(_Server):
    def route(self, handler: _Handler, method: str, path: str, query: dict[str, str], raw: bytes) -> _Reply:
        self.state.requests[f"{method} {path if path.count('/') < 4 else path.rsplit('/', 1)[0] + '/*'}"] += 1
        auth = handler.headers.get("authorization")
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        if path.startswith("/_sandbox"):
            status, data = control.answer(self.state, method, path, body)
            return _json(status, data)
        try:
            answered = openai_routes.route(self.state, method, path, body, auth)
        except openai_routes.OpenAIError as error:
            return _json(error.http, error.body)
        if answered is not None:
            return _json(200, answered)
        envelope: dict[str, Any] = {"code": 0, "message": "SUCCEED", "request_id": str(uuid.uuid4())}
        try:
            envelope["data"] = kling_routes.answer(self.state, method, path, query, body, auth, self.files)
        except RefusalError as error:
            return _json(error.http, {**envelope, "code": error.code, "message": error.message})
        return _json(200, envelope)


class _FileServer(_Server):
    def route(self, handler: _Handler, method: str, path: str, query: dict[str, str], raw: bytes) -> _Reply:
        if "authorization" in handler.headers:
            self.state.leaked_keys += 1
            return _Reply(400, b"a key was sent to the file host", "text/plain")
        task = self.state.linked(path.removeprefix("/files/").removesuffix(".mp4"))
        if task is None or method != "GET":
            return _Reply(403, b"link expired", "text/plain")
        order = task.order
        if self.state.movie_file is not None:
            return _Reply(200, self.state.movie_file(), "video/mp4")
        data = movie(order.image, order.mode, order.duration, order.sound, self.state.options.movie)
        etag = f'"{task.task_id}"'
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        span = handler.headers.get("range", "")
        if not span or handler.headers.get("if-range") != etag:
            return _Reply(200, data, "video/mp4", headers)
        start = int(span.removeprefix("bytes=").split("-")[0])
        if start >= len(data):
            return _Reply(416, b"", "text/plain", {"Content-Range": f"bytes */{len(data)}"})
        headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return _Reply(206, data[start:], "video/mp4", headers)


def _no_watch(stage: str, method: str, path: str) -> None:
    """Nothing is watched."""


class SandboxServer:
    """Both ports, served in threads. Use as a context manager; `state` may be changed while it runs."""

    def __init__(self, state: SandboxState | None = None, port: int = 0, watch: Watch = _no_watch) -> None:
        self.state = state or SandboxState()
        self._api = _ApiServer(self.state, port, watch)
        self._files = _FileServer(self.state, 0, watch)
        self.url = f"http://127.0.0.1:{self._api.server_address[1]}"
        self._api.files = f"http://127.0.0.1:{self._files.server_address[1]}/files"
        self._threads = [threading.Thread(target=s.serve_forever, args=(0.05,), daemon=True) for s in self._servers]

    @property
    def files_url(self) -> str:
        """Where the result files lie; another address that leads there may be set."""
        return self._api.files.removesuffix("/files")

    @files_url.setter
    def files_url(self, url: str) -> None:
        self._api.files = f"{url}/files"

    @property
    def _servers(self) -> tuple[_Server, _Server]:
        return self._api, self._files

    def __enter__(self) -> SandboxServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()
