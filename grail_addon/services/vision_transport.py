# SPDX-License-Identifier: GPL-3.0-or-later
"""How the `openai` package reaches its server: through our own HTTP, with its deadline, limits, proxies and redaction.

Imported where a model is opened, for the package's HTTP layer takes a while to load.
"""

from __future__ import annotations

import json

import httpx2

from .http import HttpClient, HttpError
from .secrets import Secrets

DROPPED_HEADERS = ("host", "content-length", "accept-encoding", "connection", "transfer-encoding")
"""Headers of the package's request that our own HTTP sets itself."""


class OpenAITransport(httpx2.BaseTransport):
    """seconds: for a whole answer."""

    def __init__(self, secrets: Secrets, seconds: float) -> None:
        self._client = HttpClient(secrets)
        self._seconds = seconds

    def close(self) -> None:
        self._client.close()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer; a body that is no JSON comes as an empty one."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in DROPPED_HEADERS}
        try:
            answer = self._client.call(
                request.method, str(request.url), headers=headers, content=request.read(), seconds=self._seconds
            )
        except HttpError as error:
            raise httpx2.ConnectError(str(error), request=request) from None
        try:
            body = json.dumps(answer.json()).encode("ascii")
        except ValueError:
            body = b""
        kept = {name: answer.headers[name] for name in ("retry-after", "x-request-id") if name in answer.headers}
        return httpx2.Response(answer.status, headers={"content-type": "application/json", **kept}, content=body)
