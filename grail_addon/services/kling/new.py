# SPDX-License-Identifier: GPL-3.0-or-later
"""New generation: model in the path, many tasks per query; API key only."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.video.request import Generation, VideoRequest
from .service import KlingService, Task
from .wire import TASKS_ROUTE, create_call, image_text, new_task, readable

QUERY_MAX = 20
SEARCH_MAX = 500
SEARCH_MARGIN = 600.0
"""Seconds by which a search starts before our oldest submit, for clocks that differ."""


class NewService(KlingService):
    """`POST /image-to-video/{model}`, `GET /tasks` by ids and `POST /tasks` for many."""

    generation: Generation = "new"

    def submit(self, request: VideoRequest, external_id: str) -> Task:
        path, body = create_call(self._table, "new", request, external_id, image_text(request))
        return new_task(self._transport.call("POST", path, body=body, creates=True))

    def find(self, external_id: str) -> Task | None:
        records = self._transport.call("GET", TASKS_ROUTE, params={"external_task_ids": external_id})
        tasks = [new_task(record) for record in records or []]
        return next((task for task in tasks if task.external_id in (external_id, "")), None)

    def poll(self, task_ids: Sequence[str], since: float) -> dict[str, Task]:
        wanted = sorted(set(task_ids))
        found = self._search(since) if len(wanted) > QUERY_MAX else {}
        found = {key: task for key, task in found.items() if key in set(wanted)}
        missing = [key for key in wanted if key not in found]
        for start in range(0, len(missing), QUERY_MAX):
            ids = ",".join(missing[start : start + QUERY_MAX])
            records = self._transport.call("GET", TASKS_ROUTE, params={"task_ids": ids})
            found |= {task.task_id: task for task in readable(records, new_task)}
        return found

    def _search(self, since: float) -> dict[str, Task]:
        body: dict[str, object] = {
            "start_time": str(int((since - SEARCH_MARGIN) * 1000)),
            "limit": SEARCH_MAX,
        }
        data = self._transport.call("POST", TASKS_ROUTE, body=body)
        # the sources show the list itself under `data`; a wrapped one is taken too
        records = data if isinstance(data, list) else (data or {}).get("tasks") or []
        return {task.task_id: task for task in readable(records, new_task)}
