# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `gate`: thresholds that a conditioning frame has to meet before money is spent on it.

A limit written in a file replaces only the numbers it names (`{warn_below: 0.7}` keeps the built-in `fail_below`);
`null` takes a number away. Entries under `tasks` win over the same keys above them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, create_model, model_validator

from .base import Section, key

Flag = Literal["fail", "warn", "off"]
TaskName = Literal["manipulation", "pickup_table", "pickup_ground", "sitting", "terrain_stairs"]

PX = "px of a frame 720 px high"
PX2 = "square px of a frame 720 px high"
RATIO = "share, 0 to 1"


class Limit(Section):
    """What a number may be. Outside the fail numbers the frame fails; outside the warn numbers it passes with a warning."""

    fail_below: float | None = key(None, "Fails when the number is below this.")
    warn_below: float | None = key(None, "Warns when the number is below this.")
    warn_above: float | None = key(None, "Warns when the number is above this.")
    fail_above: float | None = key(None, "Fails when the number is above this.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        given = [(n, v) for n in type(self).model_fields if (v := getattr(self, n)) is not None]
        for (low_name, low), (high_name, high) in pairwise(given):
            if low > high:
                raise ValueError(f"{low_name} ({low:g}) should not be more than {high_name} ({high:g})")
        return self


def low(fail: float | None, warn: float | None) -> Limit:
    """A limit on numbers that must not be too small."""
    return Limit(fail_below=fail, warn_below=warn)


def high(fail: float | None, warn: float | None) -> Limit:
    """A limit on numbers that must not be too large."""
    return Limit(fail_above=fail, warn_above=warn)


class GateLimits(Section):
    """One key for each thing that is judged: a limit, or for a yes/no question what a wrong answer means."""

    object_visible_share: Limit = key(low(0.5, 0.75), "Visible part of the object's silhouette.", RATIO)
    object_area: Limit = key(low(60, 250), "Visible area of the object.", PX2)
    object_long_side: Limit = key(low(12, 24), "Longer side of the box around the object's visible pixels.", PX)
    object_edge: Limit = key(low(0, 16), "Distance of the object to the frame's edge; negative = cut.", PX)
    character_in_frame_share: Limit = key(low(0.97, 0.995), "Part of the character's surface inside the frame.", RATIO)
    character_clear_share: Limit = key(low(0.4, 0.55), "Part of the character that no other thing hides.", RATIO)
    character_height: Limit = key(low(150, 240), "Height of the character in the picture.", PX)
    head_edge: Limit = key(low(4, 12), "Distance of the head to the frame's edge; negative = outside.", PX)
    hand_edge: Limit = key(low(4, 12), "Distance of each hand to the frame's edge; negative = outside.", PX)
    foot_edge: Limit = key(low(4, 12), "Distance of each foot to the frame's edge; negative = outside.", PX)
    head_visible_share: Limit = key(low(0.5, 0.8), "Visible part of the head.", RATIO)
    hand_visible_share: Limit = key(low(0.25, 0.5), "Visible part of each hand.", RATIO)
    foot_visible_share: Limit = key(low(0.08, 0.25), "Visible part of each foot.", RATIO)
    face_angle: Limit = key(
        high(120, 100), "Angle between where the face looks and the camera; 0 = into it.", "degrees"
    )
    object_support_gap: Limit = key(high(2, 0.5), "Air between the object and what it stands on.", "mm")
    object_support_penetration: Limit = key(high(2, 0.5), "How deep the object cuts into what it stands on.", "mm")
    character_object_penetration: Limit = key(high(1, 0.1), "How deep character and object cut into each other.", "mm")
    character_furniture_penetration: Limit = key(high(10, 2), "How deep the character cuts into furniture.", "mm")
    character_floor_gap: Limit = key(high(15, 5), "Air between the character's soles and the floor.", "mm")
    character_floor_penetration: Limit = key(high(15, 5), "How deep the character sinks into the floor.", "mm")
    contained: Flag = key("fail", "One thing lies wholly inside another.")
    camera_animated: Flag = key("fail", "The camera moves.")
    camera_distance: Limit = key(
        Limit(fail_below=0.8, warn_below=1.5, warn_above=6, fail_above=12), "Distance from camera to target.", "m"
    )
    camera_height: Limit = key(
        Limit(fail_below=0.1, warn_below=0.3, warn_above=2.6, fail_above=4), "Height of the camera over the floor.", "m"
    )
    camera_roll: Limit = key(high(3, 0.5), "Tilt of the horizon.", "degrees")
    camera_pitch: Limit = key(
        Limit(fail_below=-30, warn_below=-10, warn_above=40, fail_above=60), "How far the camera looks down.", "degrees"
    )
    target_offset: Limit = key(
        high(0.3, 0.1), "Distance of the target from the picture's centre, in frame heights.", "share of the height"
    )
    near_share: Limit = key(high(0.05, 0.005), "Part of the picture that is nearer than 0.5 m.", RATIO)
    depth_known_share: Limit = key(low(0.5, 0.9), "Part of the picture with known depth.", RATIO)
    depth_object_share: Limit = key(
        low(0.95, 0.99), "Part of the object's visible pixels whose depth agrees with its geometry.", RATIO
    )
    exposure: Limit = key(
        Limit(fail_below=20, warn_below=45, warn_above=210, fail_above=235), "Mean brightness.", "level, 0 to 255"
    )
    contrast: Limit = key(low(12, 50), "Brightness between the darkest and the brightest 1 %.", "level, 0 to 255")
    clipped_high_share: Limit = key(high(0.3, 0.08), "Part of the picture that is burnt out.", RATIO)
    clipped_low_share: Limit = key(high(0.5, 0.2), "Part of the picture that is black.", RATIO)
    noise: Limit = key(high(12, 5), "Standard deviation of the noise.", "level, 0 to 255")
    sidecars_missing: Limit = key(high(0, None), "Files of the output contract that are missing.", "count")
    sidecars_wrong_seed: Limit = key(high(0, None), "Files that were written for another seed.", "count")
    sidecars_unproved: Limit = key(high(0, None), "Files that do not agree with the geometry.", "count")
    settle_known: Flag = key("warn", "There is no verdict of settling.")
    settle_stable: Flag = key("fail", "The object's pose is not stable.")
    settle_at_rest: Flag = key("fail", "The object did not come to rest.")
    settle_on_support: Flag = key("fail", "The object is not wholly on its support.")
    settle_rolls: Flag = key("warn", "The object rolls.")
    settle_confidence: Limit = key(low(None, 0.5), "Share of the drops that ended in this pose.", RATIO)
    seat_visible_share: Limit = key(low(0.25, 0.5), "Sitting: visible part of the seat.", RATIO)
    seat_approach_visible_share: Limit = key(low(0.3, 0.6), "Sitting: visible part of the floor before it.", RATIO)
    step_visible_share: Limit = key(low(0.2, 0.4), "Stairs: visible part of the step that is seen least.", RATIO)
    landing_visible_share: Limit = key(low(0.3, 0.6), "Stairs: visible part of the landing.", RATIO)
    floor_reach_visible_share: Limit = key(
        low(0.5, 0.8), "Ground pickup: visible part of the floor that the hands can reach.", RATIO
    )

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


_TASK_FIELDS: dict[str, Any] = {
    name: (field.annotation | None, Field(default=None, description=field.description))  # type: ignore[operator]
    for name, field in GateLimits.model_fields.items()
}
TaskLimits = create_model(
    "TaskLimits", __base__=Section, __doc__="What is judged differently for one task.", **_TASK_FIELDS
)

# who walks up to a chair or a stair may turn the back to the camera and needs no hands for it
_OFF: Mapping[str, float | None] = dict.fromkeys(Limit.model_fields)
_WALKING: Mapping[str, Any] = {"face_angle": _OFF, "hand_visible_share": {**_OFF, "warn_below": 0.25}}
_BUILT_IN_TASKS: Mapping[str, Mapping[str, Any]] = {"sitting": _WALKING, "terrain_stairs": _WALKING}


class GateConfig(GateLimits):
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

    def for_task(self, task: str) -> Mapping[str, Limit | Flag]:
        """Limit or flag by key, with the task's own in place of the common ones."""
        limits: dict[str, Limit | Flag] = {name: getattr(self, name) for name in GateLimits.model_fields}
        override = {str(name): value for name, value in self.tasks.items()}.get(task)
        if override is not None:
            own: dict[str, Limit | Flag | None] = {name: getattr(override, name) for name in GateLimits.model_fields}
            limits |= {name: value for name, value in own.items() if value is not None}
        return limits
