# SPDX-License-Identifier: GPL-3.0-or-later
"""The one interface to image-to-video services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from ...core.ledger.rows import Payee
from ...core.video.request import Generation, ModelTable, VideoRequest
from .transport import Transport

TaskState = Literal["running", "succeeded", "failed"]


@dataclass(frozen=True)
class Task:
    """A task as the service tells it.

    url, seconds: of the finished clip. units: deducted units; usd: deducted cash; both None where it tells nothing.
    created: seconds since the epoch.
    """

    task_id: str
    external_id: str
    state: TaskState
    message: str = ""
    url: str | None = None
    seconds: float | None = None
    units: Decimal | None = None
    usd: Decimal | None = None
    created: float | None = None


class VideoService(Protocol):
    """What the runner needs of a service. Every method may raise KlingError."""

    @property
    def generation(self) -> Generation: ...

    def payee(self) -> Payee:
        """Who is paid: asks the service once, so that a wrong key shows before anything is reserved."""
        ...

    def submit(self, request: VideoRequest, external_id: str) -> Task:
        """Create a task. An error with `may_exist` leaves open whether it exists."""
        ...

    def find(self, external_id: str) -> Task | None:
        """The task with our own id, or None if the service knows none (yet)."""
        ...

    def poll(self, task_ids: Sequence[str], since: float) -> dict[str, Task]:
        """Tasks by id, in as few requests as the API allows; unknown ids are missing. since: oldest submit, epoch s."""
        ...

    def close(self) -> None: ...


class KlingService:
    """What both generations share: a connection and the table of models."""

    def __init__(self, transport: Transport, table: ModelTable) -> None:
        self._transport = transport
        self._table = table

    def close(self) -> None:
        self._transport.close()

    def payee(self) -> Payee:
        return self._transport.payee()
