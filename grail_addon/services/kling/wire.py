# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies and answers of both API generations: the only file with the vendor's field names.

Pictures come in as text: raw Base64 (no `data:` prefix) for a real request, a hash for a dry run.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ...core.video.request import Generation, ModelTable, VideoRequest
from .errors import ErrorKind, KlingError
from .service import Task, TaskState

LEGACY_ROUTE = "/v1/videos/image2video"
NEW_ROUTE = "/image-to-video"
TASKS_ROUTE = "/tasks"

_STATES: dict[str, TaskState] = {
    "submitted": "running",
    "processing": "running",
    "succeed": "succeeded",
    "succeeded": "succeeded",
    "failed": "failed",
}


def image_text(request: VideoRequest) -> tuple[str, str | None]:
    """(first frame, end frame or None) of a request as raw Base64."""

    def encode(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode("ascii")

    return encode(request.frame.path), None if request.tail is None else encode(request.tail.path)


def image_hashes(request: VideoRequest) -> tuple[str, str | None]:
    """The same as hashes, for a dry run."""
    return f"sha256:{request.frame.sha256}", None if request.tail is None else f"sha256:{request.tail.sha256}"


def create_call(
    table: ModelTable, generation: Generation, request: VideoRequest, external_id: str, images: tuple[str, str | None]
) -> tuple[str, dict[str, object]]:
    """(path, body) of the create request."""
    frame, tail = images
    rules = table.models[request.model]
    model = rules.generations[generation]
    if generation == "legacy":
        body: dict[str, object] = {
            "model_name": model, "image": frame, "prompt": request.prompt, "mode": request.mode,
            "duration": str(request.duration), "external_task_id": external_id,
        }  # fmt: skip
        if tail is not None:
            body["image_tail"] = tail
        return LEGACY_ROUTE, body
    contents = [{"type": "prompt", "text": request.prompt}, {"type": "first_frame", "url": frame}]
    if tail is not None:
        contents.append({"type": "last_frame", "url": tail})
    settings: dict[str, object] = {
        "resolution": table.modes[request.mode].resolution, "duration": request.duration,
    }  # fmt: skip
    if rules.audio == "optional":
        settings["audio"] = "off"
    if rules.multi_shot:
        settings["multi_shot"] = False  # the service's default is true, which would cut
    options = {"external_task_id": external_id}
    return f"{NEW_ROUTE}/{model}", {"contents": contents, "settings": settings, "options": options}


def legacy_task(data: Any) -> Task:
    """A task record of the legacy generation. KlingError (may_exist) if it has no id or an unknown status."""
    record = _mapping(data)
    info = _mapping(record.get("task_info") or {})
    videos = _mapping(record.get("task_result") or {}).get("videos") or []
    return _task(
        record, "task_id", "task_status", "task_status_msg", "created_at", info.get("external_task_id"), videos,
        *_legacy_cost(record),
    )  # fmt: skip


def new_task(data: Any) -> Task:
    """A task record of the new generation. KlingError (may_exist) if it has no id or an unknown status."""
    record = _mapping(data)
    outputs = [o for o in record.get("outputs") or [] if isinstance(o, Mapping) and o.get("type", "video") == "video"]
    return _task(
        record, "id", "status", "message", "create_time", record.get("external_id"), outputs, *_new_cost(record)
    )


def readable(records: Any, read: Callable[[Any], Task]) -> Iterator[Task]:
    """The records of a list that are video tasks; others (the account's pictures, say) are passed over."""
    for record in records if isinstance(records, list) else []:
        try:
            yield read(record)
        except KlingError:
            continue


def _task(
    record: Mapping[str, Any], id_key: str, state_key: str, text_key: str, time_key: str, own: object,
    clips: list[Mapping[str, Any]], units: Decimal | None, usd: Decimal | None,
) -> Task:  # fmt: skip
    word = str(record.get(state_key, ""))
    state = _STATES.get(word)
    task_id = str(record.get(id_key) or "")
    clip = clips[0] if clips else {}
    url = clip.get("url")
    if state == "succeeded" and not url:
        state = "running"  # made, but not yet handed out: ask again
    if not task_id or state is None:
        raise KlingError(ErrorKind.SERVER, f"a task record that makes no sense (status {word!r})", may_exist=True)
    created = _number(record.get(time_key))
    return Task(
        task_id=task_id, external_id=str(own or ""), state=state, message=str(record.get(text_key) or ""),
        url=None if url is None else str(url), seconds=_float(clip.get("duration")), units=units, usd=usd,
        created=None if created is None else float(created) / 1000,
    )  # fmt: skip


def _legacy_cost(record: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    units = _number(record.get("final_unit_deduction"))
    balance = record.get("final_balance_deduction")
    cash = _number(balance.get("quota")) if isinstance(balance, Mapping) else None
    return units, cash


def _new_cost(record: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    units = usd = None
    for line in record.get("billing") or []:
        amount = _number(line.get("amount")) if isinstance(line, Mapping) else None
        if amount is None:
            continue
        if line.get("charge_type") == "unit":
            units = (units or Decimal(0)) + amount
        elif str(line.get("currency", "")).upper() == "USD":
            usd = (usd or Decimal(0)) + amount
    return units, usd


def _mapping(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise KlingError(ErrorKind.SERVER, "an answer without a task record", may_exist=True)
    return data


def _number(value: Any) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _float(value: Any) -> float | None:
    number = _number(value)
    return None if number is None else float(number)
