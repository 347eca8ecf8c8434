# SPDX-License-Identifier: GPL-3.0-or-later
"""New generation: model in the path, many tasks per query; API key only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.video.request import Generation, VideoRequest
from .errors import ErrorKind, KlingError
from .records import new_task, own_task, records_of, task_list, whole_list
from .service import KlingService
from .task import VideoTask, ours
from .wire import TASKS_ROUTE, create_call, image_text

QUERY_MAX = 20
SEARCH_MAX = 500
MAX_PAGES = 200
POLL_MARGIN = 600.0
"""Seconds by which the search of a poll starts before our oldest submit; what it does not show is asked for by its id."""

LIST_MARGIN = 86400.0
"""Seconds by which a search for our own id goes back behind our own time, for clocks and time zones that differ."""


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
        odd: KlingError | None = None
        try:
            found = own_task(records, new_task, external_id)
        except KlingError as error:
            odd, found = error, None
        if found is None and listed_since is not None:
            found = self._in_list(external_id, listed_since)
        if found is not None:
            return found
        if odd is not None:
            raise odd
        if records:
            # something was shown for our id, and it does not carry it: nobody knows what that means
            raise KlingError(ErrorKind.FOREIGN, "the look-up by our own id shows a task that does not carry it")
        return None

    def poll(self, task_ids: Sequence[str], since: float) -> dict[str, VideoTask | KlingError]:
        wanted = sorted(set(task_ids))
        found: dict[str, VideoTask | KlingError] = {}
        if len(wanted) > QUERY_MAX:
            listed = task_list(records_of(self._search(since - POLL_MARGIN, None)), new_task)
            found |= {task.task_id: task for task in listed if task.task_id in set(wanted)}
        missing = [key for key in wanted if key not in found]
        for start in range(0, len(missing), QUERY_MAX):
            ids = missing[start : start + QUERY_MAX]
            records = records_of(self._transport.call("GET", TASKS_ROUTE, params={"task_ids": ",".join(ids)}))
            for record in records:
                found |= _named(record, set(ids))
        return found

    def _search(self, since: float, before: float | None) -> Any:
        """The answer about tasks made after `since`, at most SEARCH_MAX of the newest; before: epoch s, the end."""
        body: dict[str, object] = {"start_time": str(int(max(since, 0.0) * 1000)), "limit": SEARCH_MAX}
        if before is not None:
            body["end_time"] = str(int(before * 1000))
        return self._transport.call("POST", TASKS_ROUTE, body=body)

    def _in_list(self, own: str, since: float) -> VideoTask | None:
        """The task with our own id among those made after `since`, newest first: each next search ends where the one before
        stopped."""
        before: float | None = None
        seen: set[str] = set()
        for _ in range(MAX_PAGES):
            records = whole_list(self._search(since - LIST_MARGIN, before))
            found = own_task(records, new_task, own)
            if found is not None:
                return found
            tasks = task_list(records, new_task)
            fresh = [task for task in tasks if task.task_id not in seen]
            if not fresh and (tasks or len(records) < SEARCH_MAX):
                return None
            seen |= {task.task_id for task in fresh}
            times = [task.created for task in fresh if task.created is not None]
            if not times:
                break  # nothing says where the next search is to end
            before = min(times)
        raise KlingError(ErrorKind.UNSURE, "the service's list of tasks cannot be looked through to its end")


def _named(record: Any, wanted: set[str]) -> dict[str, VideoTask | KlingError]:
    """One record of an answer as {its id: the task, or why it cannot be used}; empty if it is none that was asked for."""
    name = record.get("id") if isinstance(record, dict) else None
    if not isinstance(name, (str, int)) or str(name) not in wanted:
        return {}
    try:
        return {str(name): new_task(record)}
    except KlingError as error:
        return {str(name): error}
