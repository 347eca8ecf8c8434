# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of both API generations as checked models: the one place where the vendor's JSON is taken apart.

What identifies a task (its id, our own id, its state) must be right, or the record is a KlingError. What only adds to it
(message, link, length, price) is taken where it makes sense and is None where it does not, so that an odd figure never
hides a clip that was paid for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator

from ...core.video.prompts import plain_text
from .errors import ErrorKind, KlingError
from .task import TaskState, VideoTask, ours

TaskId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$"), BeforeValidator(lambda v: _id_text(v))]
"""An id of the vendor. It goes into addresses, so nothing that steers a path is taken."""

MAX_TEXT = 500
MAX_NUMBER_TEXT = 40
MAX_EXPONENT = 60
FIRST_TIME = 10**11
"""Earliest time that is believed, in milliseconds (1973): one in seconds would make a new task look fifty years old."""

R = TypeVar("R", bound="_Answer")

_STATES: dict[str, TaskState] = {
    "submitted": "running",
    "processing": "running",
    "succeed": "succeeded",
    "succeeded": "succeeded",
    "failed": "failed",
}


def _id_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value < 10**40 else value


def _text(value: object) -> str:
    return plain_text(value[:MAX_TEXT]) if isinstance(value, str) else ""


def number(value: object) -> Decimal | None:
    """A finite number from a JSON number or a short text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        found = Decimal(str(value)[:MAX_NUMBER_TEXT].strip() if isinstance(value, (str, float)) else value)
    except (InvalidOperation, ValueError):
        return None
    if not found.is_finite():
        return None
    # arithmetic with what is beyond all measure would fail; its size is all that matters
    return (
        found
        if abs(found.adjusted()) <= MAX_EXPONENT or not found
        else Decimal(10) ** MAX_EXPONENT * (1 if found > 0 else -1)
    )


def _or_none(value: object, handler: Callable[[object], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


ShortText = Annotated[str, BeforeValidator(_text)]
Number = Annotated[Decimal | None, BeforeValidator(number)]
OwnId = Annotated[str, BeforeValidator(lambda value: "" if value is None else value), Field(max_length=200)]


class Envelope(_Answer):
    """What every answer is wrapped in."""

    code: Annotated[int, Field(strict=True, ge=0, le=10**6)]
    message: ShortText = ""
    request_id: ShortText = ""
    data: Any = None


class _Clip(_Answer):
    type: ShortText = "video"
    url: Annotated[str | None, Field(pattern=r"^https?://[^\s]{1,4000}$"), WrapValidator(_or_none)] = None
    duration: Number = None


class _Clips(_Answer):
    videos: list[Annotated[_Clip | None, WrapValidator(_or_none)]] = []


class _TaskInfo(_Answer):
    external_task_id: OwnId = ""


class _Balance(_Answer):
    quota: Number = None


class _Line(_Answer):
    charge_type: ShortText = ""
    currency: ShortText = ""
    amount: Number = None


class _LegacyRecord(_Answer):
    task_id: TaskId
    task_status: str
    task_status_msg: ShortText = ""
    task_info: Annotated[_TaskInfo | None, WrapValidator(_or_none)] = None
    task_result: Annotated[_Clips | None, WrapValidator(_or_none)] = None
    final_unit_deduction: Any = None
    final_balance_deduction: Annotated[_Balance | None, WrapValidator(_or_none)] = None
    created_at: Number = None


class _NewRecord(_Answer):
    id: TaskId
    status: str
    message: ShortText = ""
    external_id: OwnId = ""
    outputs: Annotated[list[Annotated[_Clip | None, WrapValidator(_or_none)]] | None, WrapValidator(_or_none)] = None
    billing: Annotated[list[Annotated[_Line | None, WrapValidator(_or_none)]] | None, WrapValidator(_or_none)] = None
    create_time: Number = None


def envelope(data: Any) -> Envelope | None:
    """The envelope of an answer; None if it has none, so that something else than the API answered."""
    try:
        return Envelope.model_validate(data)
    except ValidationError:
        return None


def legacy_task(data: Any) -> VideoTask:
    """A task record of the legacy generation. KlingError (may_exist) if it is not to be read."""
    record = _read(_LegacyRecord, data)
    clips = record.task_result.videos if record.task_result is not None else []
    own = record.task_info.external_task_id if record.task_info is not None else ""
    cash = None if record.final_balance_deduction is None else record.final_balance_deduction.quota
    return _task(
        record.task_id, record.task_status, record.task_status_msg, own, clips,
        number(record.final_unit_deduction), cash, record.created_at,
    )  # fmt: skip


def new_task(data: Any) -> VideoTask:
    """A task record of the new generation. KlingError (may_exist) if it is not to be read."""
    record = _read(_NewRecord, data)
    lines = [line for line in record.billing or [] if line is not None and line.amount is not None]
    units = [line.amount for line in lines if line.charge_type == "unit"]
    cash = [line.amount for line in lines if line.charge_type != "unit" and line.currency.upper() == "USD"]
    clips = [clip for clip in record.outputs or [] if clip is not None and clip.type == "video"]
    return _task(
        record.id, record.status, record.message, record.external_id, clips,
        sum(filter(None, units), Decimal(0)) if units else None, sum(filter(None, cash), Decimal(0)) if cash else None,
        record.create_time,
    )  # fmt: skip


def task_list(data: Any, read: Callable[[Any], VideoTask]) -> list[VideoTask]:
    """The records of a list that are video tasks; others (the account's pictures, odd ones) are passed over."""
    found = []
    for record in records_of(data):
        try:
            found.append(read(record))
        except KlingError:
            continue
    return found


def records_of(data: Any) -> list[Any]:
    """The records under `data`: the list itself, or a wrapped one."""
    if isinstance(data, dict):
        data = next((data[name] for name in ("tasks", "items", "list") if isinstance(data.get(name), list)), [])
    return data if isinstance(data, list) else []


def whole_list(data: Any) -> list[Any]:
    """The records of a list whose emptiness is to prove something; KlingError for data that is no list, which proves nothing."""
    if isinstance(data, list) or (isinstance(data, dict) and any(isinstance(part, list) for part in data.values())):
        return records_of(data)
    raise KlingError(ErrorKind.UNREADABLE, "a list of tasks that is none")


def own_task(records: Sequence[Any], read: Callable[[Any], VideoTask], own: str) -> VideoTask | None:
    """The task that carries our own id; None where no record has that id in it. KlingError where one has, but cannot be
    taken for the task: then nobody may say that it is not there."""
    odd: KlingError | None = None
    for record in records:
        if _has_text(record, own):
            try:
                return ours(read(record), own)
            except KlingError as error:
                odd = error
    if odd is not None:
        raise odd
    return None


def _has_text(data: Any, text: str) -> bool:
    """Whether a text is somewhere in JSON data."""
    parts = [data]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list):
            parts += part
        elif part == text:
            return True
    return False


def _read(kind: type[R], data: Any) -> R:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        where = ", ".join(sorted({str(item["loc"][0]) if item["loc"] else "all of it" for item in error.errors()}))
        raise KlingError(ErrorKind.UNREADABLE, f"a task record that makes no sense ({where})", may_exist=True) from None


def _task(
    task_id: str, word: str, message: str, own: str, clips: Sequence[_Clip | None], units: Decimal | None,
    usd: Decimal | None, created: Decimal | None,
) -> VideoTask:  # fmt: skip
    state = _STATES.get(word)
    if state is None:
        raise KlingError(ErrorKind.UNREADABLE, f"a task with an unknown status ({word[:40]!r})", may_exist=True)
    clip = next((clip for clip in clips if clip is not None and clip.url is not None), None)
    if state == "succeeded" and clip is None:
        state = "running"  # made, but not yet handed out: ask again
    return VideoTask(
        task_id=task_id, external_id=own, state=state, message=message,
        url=None if clip is None else clip.url,
        seconds=None if clip is None or clip.duration is None else float(clip.duration), units=units, usd=usd,
        created=None if created is None or not FIRST_TIME <= created < 10**14 else float(created) / 1000,
    )  # fmt: skip
