# SPDX-License-Identifier: GPL-3.0-or-later
"""New generation: model in the path, many tasks per query; API key only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...core.video.request import Generation, VideoRequest
from .errors import ErrorKind, KlingError
from .records import new_task, records_of, task_list
from .service import KlingService
from .task import VideoTask, ours
from .wire import TASKS_ROUTE, create_call, image_text

QUERY_MAX = 20
SEARCH_MAX = 500
MAX_PAGES = 40
SEARCH_MARGIN = 600.0
"""Seconds by which a search starts before our oldest submit, for clocks that differ."""


class NewService(KlingService):
    """`POST /image-to-video/{model}`, `GET /tasks` by ids and `POST /tasks` for many."""

    generation: Generation = "new"

    def submit(self, request: VideoRequest, external_id: str) -> VideoTask:
        path, body = create_call(self._table, "new", request, external_id, image_text(request))
        return ours(new_task(self._transport.call("POST", path, body=body, creates=True)), external_id)

    def find(self, external_id: str, listed_since: float | None = None) -> VideoTask | None:
        try:
            records = records_of(self._transport.call("GET", TASKS_ROUTE, params={"external_task_ids": external_id}))
        except KlingError as error:
            if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.BAD_REQUEST, ErrorKind.ACCESS):
                raise
            records = []
        tasks = [task for task in task_list(records, new_task) if task.external_id == external_id]
        if tasks:
            return tasks[0]
        if listed_since is not None:
            listed = (task for task in self._listed(listed_since) if task.external_id == external_id)
            found = next(listed, None)
            if found is not None:
                return found
        if records:
            # something was shown for our id, and it does not carry it: nobody knows what that means
            raise KlingError(ErrorKind.FOREIGN, "the look-up by our own id shows a task that does not carry it")
        return None

    def poll(self, task_ids: Sequence[str], since: float) -> dict[str, VideoTask | KlingError]:
        wanted = sorted(set(task_ids))
        found: dict[str, VideoTask | KlingError] = {}
        if len(wanted) > QUERY_MAX:
            found |= {task.task_id: task for task in self._search(since, None)[0] if task.task_id in set(wanted)}
        missing = [key for key in wanted if key not in found]
        for start in range(0, len(missing), QUERY_MAX):
            ids = missing[start : start + QUERY_MAX]
            records = records_of(self._transport.call("GET", TASKS_ROUTE, params={"task_ids": ",".join(ids)}))
            for record in records:
                found |= _named(record, set(ids))
        return found

    def _search(self, since: float, before: float | None) -> tuple[list[VideoTask], list[Any]]:
        """(tasks, all records) made after `since`, at most SEARCH_MAX of the newest; before: epoch s, the end."""
        body: dict[str, object] = {"start_time": str(int((since - SEARCH_MARGIN) * 1000)), "limit": SEARCH_MAX}
        if before is not None:
            body["end_time"] = str(int(before * 1000))
        records = records_of(self._transport.call("POST", TASKS_ROUTE, body=body))
        return task_list(records, new_task), records

    def _listed(self, since: float) -> Iterator[VideoTask]:
        """Tasks made after `since`, newest first: each next search ends where the one before stopped."""
        before: float | None = None
        seen: set[str] = set()
        for _ in range(MAX_PAGES):
            tasks, _records = self._search(since, before)
            fresh = [task for task in tasks if task.task_id not in seen]
            yield from fresh
            seen |= {task.task_id for task in fresh}
            times = [task.created for task in fresh if task.created is not None]
            if not times:
                return
            before = min(times)


def _named(record: Any, wanted: set[str]) -> dict[str, VideoTask | KlingError]:
    """One record of an answer as {its id: the task, or why it cannot be used}; empty if it is none that was asked for."""
    name = record.get("id") if isinstance(record, dict) else None
    if not isinstance(name, (str, int)) or str(name) not in wanted:
        return {}
    try:
        return {str(name): new_task(record)}
    except KlingError as error:
        return {str(name): error}
