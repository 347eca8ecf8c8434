# SPDX-License-Identifier: GPL-3.0-or-later
"""The one interface to image-to-video services."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ...core.ledger.rows import Payee
from ...core.video.request import Generation, ModelTable, VideoRequest
from ..download import Downloaded, fetch
from ..http import HttpClient
from .errors import KlingError
from .task import VideoTask
from .transport import Transport


class VideoService(Protocol):
    """What the runner needs of a service. Every method may raise KlingError."""

    @property
    def generation(self) -> Generation: ...

    def payee(self) -> Payee:
        """Who is paid: asks the service once, so that a wrong key shows before anything is reserved."""
        ...

    def submit(self, request: VideoRequest, external_id: str) -> VideoTask:
        """Create a task. An error with `may_exist` leaves open whether it exists."""
        ...

    def find(self, external_id: str, listed_since: float | None = None) -> VideoTask | None:
        """The task with our own id, or None if the service shows none (yet).

        listed_since: also look through the service's list of tasks made after this time, epoch seconds.
        """
        ...

    def poll(self, task_ids: Sequence[str], since: float) -> dict[str, VideoTask | KlingError]:
        """Tasks by id, in as few requests as the API allows; unknown ids are missing, and an answer that cannot be used
        harms the task alone that it is about. since: oldest submit, epoch s. KlingError if no task could be asked for.
        """
        ...

    def download(self, url: str, target: Path) -> Downloaded:
        """Fetch a finished clip to the part file of `target`. May be called from several threads. DownloadError."""
        ...

    def close(self) -> None:
        """Cut what is under way, also in other threads."""
        ...


class KlingService:
    """What both generations share: a connection and the table of models."""

    def __init__(self, transport: Transport, table: ModelTable) -> None:
        self._transport = transport
        self._table = table
        self._downloads: set[HttpClient] = set()

    def close(self) -> None:
        for client in list(self._downloads):
            client.close()
        self._transport.close()

    def download(self, url: str, target: Path) -> Downloaded:
        client = self._transport.other_client()
        self._downloads.add(client)
        try:
            return fetch(url, target, client)
        finally:
            self._downloads.discard(client)
            client.close()

    def payee(self) -> Payee:
        return self._transport.payee()
