# SPDX-License-Identifier: GPL-3.0-or-later
"""Legacy generation: model in the body, one task per query or a page of the newest."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.video.request import Generation, VideoRequest
from .errors import ErrorKind, KlingError
from .service import KlingService, Task
from .wire import LEGACY_ROUTE, create_call, image_text, legacy_task, readable

PAGE = 500
SINGLE_UP_TO = 2
"""Up to this many tasks are asked for one by one; more come from one page of the list."""


class LegacyService(KlingService):
    """`POST /v1/videos/image2video` and its queries; API key or key pair."""

    generation: Generation = "legacy"

    def submit(self, request: VideoRequest, external_id: str) -> Task:
        path, body = create_call(self._table, "legacy", request, external_id, image_text(request))
        return legacy_task(self._transport.call("POST", path, body=body, creates=True))

    def find(self, external_id: str) -> Task | None:
        # both kinds of id go into the path
        return self._one(external_id)

    def poll(self, task_ids: Sequence[str], since: float) -> dict[str, Task]:
        wanted = set(task_ids)
        found: dict[str, Task] = {}
        if len(wanted) > SINGLE_UP_TO:
            params = {"pageNum": "1", "pageSize": str(PAGE)}
            records = self._transport.call("GET", LEGACY_ROUTE, params=params)
            found = {task.task_id: task for task in readable(records, legacy_task) if task.task_id in wanted}
        for task_id in sorted(wanted - found.keys()):
            task = self._one(task_id)
            if task is not None:
                found[task_id] = task
        return found

    def _one(self, any_id: str) -> Task | None:
        try:
            return legacy_task(self._transport.call("GET", f"{LEGACY_ROUTE}/{any_id}"))
        except KlingError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise
