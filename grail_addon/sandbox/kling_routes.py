# SPDX-License-Identifier: GPL-3.0-or-later
"""Kling's routes, both generations: what each answers under `data`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from .auth import check_kling
from .rules import bad, legacy_order, new_order, units_deducted
from .state import RefusalError, SandboxState, SandboxTask

LEGACY = "/v1/videos/image2video"
_WORDS = {
    "legacy": {"submitted": "submitted", "processing": "processing", "done": "succeed", "failed": "failed"},
    "new": {"submitted": "submitted", "processing": "processing", "done": "succeeded", "failed": "failed"},
}


def answer(
    state: SandboxState, method: str, path: str, query: dict[str, str], body: Any, auth: str | None, files: str
) -> Any:
    """The `data` of the answer. RefusalError for every business error. files: address of the result server."""
    new_style = path.startswith(("/image-to-video", "/tasks"))
    check_kling(state, auth, new_style)
    if path == LEGACY and method == "POST":
        order = legacy_order(body)
        return _legacy_record(state, state.accept(order, units_deducted(order)), files, brief=True)
    if path == LEGACY and method == "GET":
        return _legacy_list(state, query, files)
    if path.startswith(LEGACY + "/") and method == "GET":
        any_id = unquote(path.removeprefix(LEGACY + "/"))
        task = state.find(any_id)
        if task is None:
            raise bad(f"Task not found by id/external id: {any_id}")
        return _legacy_record(state, task, files, brief=False)
    named = re.fullmatch(r"/image-to-video/([\w.-]+)", path)
    if named and method == "POST":
        order = new_order(named[1], body)
        return _new_record(state, state.accept(order, units_deducted(order)), files, brief=True)
    if path == "/tasks" and method in ("GET", "POST"):
        return _query(state, query, files) if method == "GET" else _search(state, body, files)
    if path == "/account/costs" and method == "GET":
        return _costs(state, query)
    if named or path.startswith((LEGACY, "/tasks", "/account/costs")):
        raise RefusalError(404, 1202, f"{method} is not supported here")
    raise RefusalError(404, 1203, f"There is nothing at {path}")


def _legacy_list(state: SandboxState, query: dict[str, str], files: str) -> list[Any]:
    page, size = _number(query, "pageNum", 1, 1000), _number(query, "pageSize", 30, 500)
    size = min(size, state.options.page_limit)
    mine = [task for task in state.listed() if task.order.generation == "legacy"]
    shown = [_legacy_record(state, task, files, brief=False) for task in mine[(page - 1) * size : page * size]]
    return [*state.strangers, *shown] if shown else []


def _number(query: dict[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise bad(f"{name} must be from 1 to {most}")
    return int(text)


def _query(state: SandboxState, query: dict[str, str], files: str) -> list[Any]:
    given = [name for name in ("task_ids", "external_task_ids") if query.get(name)]
    if not given:
        raise bad("task_ids or external_task_ids is required")
    if len(given) == 2:
        raise bad("give task_ids or external_task_ids, not both")
    ids = query[given[0]].split(",")
    if len(ids) > 20:
        raise bad("at most 20 ids")
    own = given[0] == "external_task_ids"
    found = [state.find(one) for one in ids if own == (one in state.own_ids)]
    return [_new_record(state, task, files, brief=False) for task in found if task is not None]


def _search(state: SandboxState, body: Any, files: str) -> list[Any]:
    if not isinstance(body, dict) or set(body) - {"start_time", "end_time", "cursor", "limit", "filters"}:
        raise bad("the body of a search has start_time, end_time, cursor, limit and filters")
    limit = body.get("limit", 100)
    if type(limit) is not int or not 1 <= limit <= 500:
        raise bad("limit must be from 1 to 500")
    now = int(state.now() * 1000)
    times = [body.get("start_time", str(now - 30 * 86_400_000)), body.get("end_time", str(now + 1))]
    if not all(isinstance(text, str) and text.isdigit() for text in times):
        raise bad("start_time and end_time must be strings of milliseconds")
    start, end = (int(text) / 1000 for text in times)
    found = [task for task in state.listed() if start <= task.created <= end]
    limit = min(limit, state.options.page_limit)
    return [*state.strangers, *(_new_record(state, task, files, brief=False) for task in found[:limit])]


def _costs(state: SandboxState, query: dict[str, str]) -> dict[str, Any]:
    if not all(query.get(name, "").isdigit() for name in ("start_time", "end_time")):
        raise bad("start_time and end_time are required")
    data: dict[str, Any] = {"code": 0, "msg": "success"}
    if state.options.has_pack:
        now = int(state.now() * 1000)
        data["resource_pack_subscribe_infos"] = [
            {
                "resource_pack_name": "sandbox pack", "resource_pack_id": "1", "status": "online",
                "resource_pack_type": "decreasing_total", "total_quantity": 5000.0, "remaining_quantity": 5000.0,
                "purchase_time": now, "effective_time": now, "invalid_time": now + 180 * 86_400_000,
            }
        ]  # fmt: skip
    return data


def _times(state: SandboxState, task: SandboxTask) -> tuple[int, int]:
    now = state.now()
    changes = [moment for moment in (task.created, task.work_from, task.ready) if moment <= now]
    return int(task.created * 1000), int(changes[-1] * 1000)


def _clip(state: SandboxState, task: SandboxTask, files: str) -> dict[str, Any]:
    seconds = task.order.duration + 1 / 24
    return {"id": f"{task.task_id}1", "url": f"{files}/{state.link_for(task)}.mp4", "duration": f"{seconds:.3f}"}


def _legacy_record(state: SandboxState, task: SandboxTask, files: str, brief: bool) -> dict[str, Any]:
    status = task.status(state.now())
    created, updated = _times(state, task)
    record: dict[str, Any] = {
        "task_id": task.task_id, "task_status": _WORDS["legacy"][status], "created_at": created, "updated_at": updated,
        "task_info": {"external_task_id": task.order.external_id} if task.order.external_id else {},
    }  # fmt: skip
    if brief:
        return _spoilt(state, task, {**record, "task_status": "submitted"})
    record["task_status_msg"] = (task.failure or "") if status == "failed" else ""
    if status == "done":
        record["task_result"] = {"videos": [_clip(state, task, files)]}
        if state.options.reports_cost:
            record["final_unit_deduction"] = task.units
    return _spoilt(state, task, record)


def _new_record(state: SandboxState, task: SandboxTask, files: str, brief: bool) -> dict[str, Any]:
    status = task.status(state.now())
    created, updated = _times(state, task)
    record: dict[str, Any] = {
        "id": task.task_id, "status": _WORDS["new"][status], "external_id": task.order.external_id,
        "create_time": created, "update_time": updated,
    }  # fmt: skip
    if brief:
        return _spoilt(state, task, {**record, "status": "submitted"})
    record["message"] = (task.failure or "") if status == "failed" else ""
    if status == "done":
        record["outputs"] = [{"type": "video", **_clip(state, task, files)}]
        if state.options.reports_cost:
            record["billing"] = [{"charge_type": "unit", "amount": task.units, "package_type": "video"}]
    return _spoilt(state, task, record)


def _spoilt(state: SandboxState, task: SandboxTask, record: dict[str, Any]) -> dict[str, Any]:
    if state.spoil_record is not None:
        state.spoil_record(record, task.order.external_id)
    return record
