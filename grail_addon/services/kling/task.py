# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of the service, the same for both generations."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from .errors import ErrorKind, KlingError

TaskState = Literal["running", "succeeded", "failed"]


@dataclass(frozen=True)
class VideoTask:
    """A task as the service reports it.

    external_id: our own id as the service gives it back, empty where it does not.
    url, seconds: of the finished clip; the link may carry a signature and is shown nowhere. units: deducted units; usd: deducted cash; both None where it reports none.
    created: seconds since the epoch.
    """

    task_id: str
    external_id: str
    state: TaskState
    message: str = ""
    url: str | None = field(default=None, repr=False)
    seconds: float | None = None
    units: Decimal | None = None
    usd: Decimal | None = None
    created: float | None = None


def ours(task: VideoTask, external_id: str) -> VideoTask:
    """The task, if it carries our own id; KlingError (may_exist) for one that carries another or none."""
    if task.external_id == external_id:
        return task
    what = "another id than ours" if task.external_id else "not our id"
    raise KlingError(ErrorKind.FOREIGN, f"the service's answer carries {what}", may_exist=True)
