# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `gate`: thresholds that a conditioning frame has to meet before money is spent on it, from the gate's table.

A limit written in a file replaces only the numbers it names (`{warn_below: 0.7}` keeps the built-in `fail_below`);
`null` takes a number away. Entries under `tasks` win over the same keys above them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model, model_validator

from .base import Section, key
from .gate_check import GateCheck
from .gate_limit import Limit, LimitWithin, Severity
from .gate_table import JUDGED

TaskName = Literal["manipulation", "pickup_table", "pickup_ground", "sitting", "terrain_stairs"]


class _LimitsBase(Section):
    """One key for each thing that is judged: a limit, or for a yes/no question what a wrong answer means."""

    @model_validator(mode="before")
    @classmethod
    def _keep_built_in_numbers(cls, data: Any) -> Any:
        return _over_defaults(cls, data)


def _over_defaults(model: type[Section], data: Any) -> Any:
    """`data` with each limit that is written as a mapping laid over the model's built-in one."""
    if not isinstance(data, Mapping):
        return data
    merged = dict(data)
    for name, value in data.items():
        field = model.model_fields.get(name)
        if field is not None and isinstance(field.default, Limit) and isinstance(value, Mapping):
            merged[name] = {**field.default.model_dump(), **value}
    return merged


def _kind(check: GateCheck) -> Any:
    return Severity if check.wrong is not None else Annotated[Limit, AfterValidator(LimitWithin(*check.bounds))]


_FIELDS: dict[str, Any] = {
    check.key: (_kind(check), key(check.default, check.what, check.unit_words)) for check in JUDGED
}
GateLimits = create_model("GateLimits", __base__=_LimitsBase, __doc__=_LimitsBase.__doc__, **_FIELDS)
_TASK_FIELDS: dict[str, Any] = {
    check.key: (_kind(check) | None, Field(default=None, description=check.what)) for check in JUDGED
}
TaskLimits = create_model(
    "TaskLimits", __base__=Section, __doc__="What is judged differently for one task.", **_TASK_FIELDS
)

# who walks up to a chair or a stair may turn the back to the camera and needs no hands for it
_OFF: Mapping[str, float | None] = dict.fromkeys(Limit.model_fields)
_WALKING: Mapping[str, Any] = {"face_angle": _OFF, "hand_visible_share": {**_OFF, "warn_below": 0.25}}
_BUILT_IN_TASKS: Mapping[str, Mapping[str, Any]] = {"sitting": _WALKING, "terrain_stairs": _WALKING}


class GateConfig(GateLimits):  # type: ignore[valid-type, misc]
    """Thresholds for all tasks, and what differs for single ones."""

    tasks: dict[TaskName, TaskLimits] = key(  # type: ignore[valid-type]
        {task: TaskLimits(**{n: Limit(**v) for n, v in given.items()}) for task, given in _BUILT_IN_TASKS.items()},
        "Task -> limits that differ for it.",
    )

    @model_validator(mode="before")
    @classmethod
    def _complete_tasks(cls, data: Any) -> Any:
        """Lay each task's limits over the built-in ones and the common ones, so that a dump says all there is."""
        if not isinstance(data, Mapping) or not isinstance(data.get("tasks"), Mapping):
            return data
        built_in = {n: f.default for n, f in GateLimits.model_fields.items()}
        common = {n: limit.model_dump() for n, limit in built_in.items() if isinstance(limit, Limit)}
        for name, value in data.items():
            if name in common and isinstance(value, Mapping):
                common[name] |= value
        tasks: dict[str, Any] = dict(_BUILT_IN_TASKS)
        for task, given in data["tasks"].items():
            if not isinstance(given, Mapping):
                tasks[task] = given
                continue
            full = {n: {**common[n], **v} if n in common and isinstance(v, Mapping) else v for n, v in given.items()}
            tasks[task] = {**tasks.get(task, {}), **full}
        return {**data, "tasks": tasks}

    def for_task(self, task: str) -> Mapping[str, Limit | Severity]:
        """Limit or flag by key, with the task's own in place of the common ones."""
        limits: dict[str, Limit | Severity] = {name: getattr(self, name) for name in GateLimits.model_fields}
        override = {str(name): value for name, value in self.tasks.items()}.get(task)
        if override is not None:
            own: dict[str, Limit | Severity | None] = {
                name: getattr(override, name) for name in GateLimits.model_fields
            }
            limits |= {name: value for name, value in own.items() if value is not None}
        return limits
