# SPDX-License-Identifier: GPL-3.0-or-later
"""Legacy generation: model in the body, one task per query or a page of the newest."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ...core.video.request import Generation, VideoRequest
from .errors import ErrorKind, KlingError, Reaction
from .records import legacy_task, own_task, task_list, whole_list
from .service import KlingService
from .task import VideoTask, ours
from .wire import LEGACY_ROUTE, create_call, image_text

PAGE = 500
SINGLE_UP_TO = 2
"""Up to this many tasks are asked for one by one; more come from one page of the list."""

MAX_PAGES = 200
"""Pages that a search for our own id looks through."""

LIST_MARGIN = 86400.0
"""Seconds by which a search goes back behind our own time, for clocks and time zones that differ."""

MISSES = (ErrorKind.NOT_FOUND, ErrorKind.BAD_REQUEST, ErrorKind.ACCESS)
"""What a look-up by id may be answered with where there is no such task: the words differ, the meaning does not."""

ODD = (ErrorKind.FOREIGN, ErrorKind.UNREADABLE)


class LegacyService(KlingService):
    """`POST /v1/videos/image2video` and its queries; API key or key pair."""

    generation: Generation = "legacy"

    def submit(self, request: VideoRequest, external_id: str) -> VideoTask:
        path, body = create_call(self._table, "legacy", request, external_id, image_text(request))
        return ours(legacy_task(self._transport.call("POST", path, body=body, creates=True)), external_id)

    def find(self, external_id: str, listed_since: float | None = None) -> VideoTask | None:
        odd: KlingError | None = None
        try:
            task = self._one(external_id)  # both kinds of id go into the path
            if task is not None:
                return ours(task, external_id)
        except KlingError as error:
            if error.kind not in ODD:
                raise
            odd = error
        if listed_since is not None:
            task = self._in_list(external_id, listed_since)
            if task is not None:
                return task
        if odd is not None:
            raise odd
        return None

    def poll(self, task_ids: Sequence[str], since: float) -> dict[str, VideoTask | KlingError]:
        wanted = set(task_ids)
        found: dict[str, VideoTask | KlingError] = {}
        if len(wanted) > SINGLE_UP_TO:
            found = {task.task_id: task for task in self._page(1, PAGE) if task.task_id in wanted}
        for task_id in sorted(wanted - found.keys()):
            try:
                task = self._one(task_id)
                if task is not None and task.task_id != task_id:
                    raise KlingError(ErrorKind.FOREIGN, f"asked about {task_id}, told about {task.task_id}")
            except KlingError as error:
                if error.reaction is Reaction.STOP:
                    raise
                found[task_id] = error
                continue
            if task is not None:
                found[task_id] = task
        return found

    def _one(self, any_id: str) -> VideoTask | None:
        try:
            return legacy_task(self._transport.call("GET", f"{LEGACY_ROUTE}/{quote(any_id, safe='')}"))
        except KlingError as error:
            if error.kind in MISSES:
                return None
            raise

    def _page(self, number: int, size: int) -> list[VideoTask]:
        params = {"pageNum": str(number), "pageSize": str(size)}
        return task_list(self._transport.call("GET", LEGACY_ROUTE, params=params), legacy_task)

    def _in_list(self, own: str, since: float) -> VideoTask | None:
        """The task with our own id among those of the list, newest first, until they are older than `since` or the list ends."""
        seen: set[str] = set()
        for number in range(1, MAX_PAGES + 1):
            params = {"pageNum": str(number), "pageSize": str(PAGE)}
            records = whole_list(self._transport.call("GET", LEGACY_ROUTE, params=params))
            found = own_task(records, legacy_task, own)
            if found is not None:
                return found
            tasks = task_list(records, legacy_task)
            repeats = bool(tasks) and all(task.task_id in seen for task in tasks)
            seen |= {task.task_id for task in tasks}
            times = [task.created for task in tasks if task.created is not None]
            # a page of other things alone is no end; one that brings nothing new is
            if not records or repeats or (times and max(times) < since - LIST_MARGIN):
                return None
        raise KlingError(ErrorKind.UNSURE, "the service's list of tasks is too long to be looked through")
