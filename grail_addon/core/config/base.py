# SPDX-License-Identifier: GPL-3.0-or-later
"""What all configuration models share: strictness, the types of the keys, and how a key carries its unit.

Models are frozen and refuse keys that they don't know. Numbers may be written as 2 or 2.0, but a string or a boolean
is never taken for a number, and only true/false is a boolean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from ..paths import path_fault

Numbers = TypeVar("Numbers", bound=float | tuple[float, ...])


class Section(BaseModel):
    """Base of every section: frozen, strict, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Says:
    """How a type is called in error messages and on the reference page, e.g. `[x, y, z] numbers`."""

    text: str


def key(default: Any, meaning: str, unit: str = "", **limits: Any) -> Any:
    """A key with its default, its meaning for the reference page, its unit, and pydantic limits such as `ge=0`."""
    return Field(default=default, description=meaning, json_schema_extra={"unit": unit}, **limits)


def _three_of_one(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (value, value, value)
    return value


def _ordered(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError(f"should be [lowest, highest], but {value[0]:g} is more than {value[1]:g}")
    return value


def _box(value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    if value[0] >= value[2] or value[1] >= value[3]:
        raise ValueError("should be [x1, y1, x2, y2] with x1 < x2 and y1 < y2")
    return value


def _positive(value: tuple[float, float, float]) -> tuple[float, float, float]:
    if min(value) <= 0:
        raise ValueError("should be more than 0 in each axis")
    return value


def _usable_name(value: str) -> str:
    if value in (".", ".."):
        raise ValueError(f"should be a name, not {value}")
    if len(value.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise ValueError(f"is too long for a file name: at most {MAX_NAME_BYTES} letters")
    return usable_path(value)


def usable_path(value: str) -> str:
    fault = path_fault(value)
    if fault:
        raise ValueError(fault)
    return value


def one_or_many(value: object) -> object:
    """A single text stands for a list of one."""
    return (value,) if isinstance(value, str) else value


@dataclass(frozen=True)
class Within:
    """Bounds of a number, or of each number of several."""

    lowest: float
    highest: float

    def __call__(self, value: Numbers) -> Numbers:
        for number in value if isinstance(value, tuple) else (value,):
            if not self.lowest <= number <= self.highest:
                raise ValueError(f"should be from {self.lowest:g} to {self.highest:g}, but is {number:g}")
        return value


# Strict(False) on a tuple lets a YAML list in; its items stay strict
Triple = Annotated[tuple[float, float, float], Strict(False)]

MAX_COORDINATE = 10_000.0
"""Largest coordinate in metres: single precision still resolves millimetres there."""
TURNS = 3600.0
"""Largest angle in degrees, ten turns."""
LARGEST_FACTOR, SMALLEST_FACTOR = 1e6, 1e-6

Position3 = Annotated[Triple, AfterValidator(Within(-MAX_COORDINATE, MAX_COORDINATE)), Says("[x, y, z], three numbers")]
"""Metres along x, y, z."""

Angles3 = Annotated[Triple, AfterValidator(Within(-TURNS, TURNS)), Says("[x, y, z], three numbers")]
"""Degrees about x, y, z."""

Angle = Annotated[float, Field(ge=-3600, le=3600)]
Height = Annotated[float, Field(ge=-10_000, le=10_000)]

Scale3 = Annotated[
    Triple,
    BeforeValidator(_three_of_one),
    AfterValidator(_positive),
    AfterValidator(Within(SMALLEST_FACTOR, LARGEST_FACTOR)),
    Says("a number or [x, y, z], more than 0"),
]
"""Three positive factors, or one number for all three axes."""

Box2 = Annotated[
    tuple[float, float, float, float],
    Strict(False),
    AfterValidator(Within(-MAX_COORDINATE, MAX_COORDINATE)),
    AfterValidator(_box),
    Says("[x1, y1, x2, y2], four numbers"),
]
"""An upright rectangle [x1, y1, x2, y2] in metres."""

Range = Annotated[tuple[float, float], Strict(False), AfterValidator(_ordered), Says("[lowest, highest], two numbers")]
"""[lowest, highest]."""

MAX_NAME_BYTES = 80
"""Two names, a seed and a temporary mark share one file name of at most 255 bytes."""

Name = Annotated[
    str,
    Field(pattern=r"^[^/\\\s]+$"),
    AfterValidator(_usable_name),
    Says("a name without spaces and slashes"),
]
"""A name that becomes part of file names."""

Text = Annotated[str, Field(min_length=1)]
"""A text that is not empty."""

PathText = Annotated[str, Field(min_length=1), AfterValidator(usable_path), Says("a path")]
"""A path of a file or folder; whether it is there is looked at later."""
