# SPDX-License-Identifier: GPL-3.0-or-later
"""What all configuration models share: strictness, the types of the keys, and how a key carries its unit.

Models are frozen and refuse keys that they don't know. Numbers may be written as 2 or 2.0, but a string or a boolean
is never taken for a number, and only true/false is a boolean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict


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


def one_or_many(value: object) -> object:
    """A single text stands for a list of one."""
    return (value,) if isinstance(value, str) else value


# Strict(False) on a tuple lets a YAML list in; its items stay strict
Triple = Annotated[tuple[float, float, float], Strict(False)]

Vec3 = Annotated[Triple, Says("[x, y, z], three numbers")]
"""Three numbers x, y, z."""

Scale3 = Annotated[
    Triple,
    BeforeValidator(_three_of_one),
    AfterValidator(_positive),
    Says("a number or [x, y, z], more than 0"),
]
"""Three positive factors, or one number for all three axes."""

Box2 = Annotated[
    tuple[float, float, float, float], Strict(False), AfterValidator(_box), Says("[x1, y1, x2, y2], four numbers")
]
"""An upright rectangle [x1, y1, x2, y2]."""

Range = Annotated[tuple[float, float], Strict(False), AfterValidator(_ordered), Says("[lowest, highest], two numbers")]
"""[lowest, highest]."""


@dataclass(frozen=True)
class Within:
    """Bounds of a number or of both ends of a range."""

    lowest: float
    highest: float

    def __call__(self, value: float | tuple[float, float]) -> float | tuple[float, float]:
        for number in value if isinstance(value, tuple) else (value,):
            if not self.lowest <= number <= self.highest:
                raise ValueError(f"should be from {self.lowest:g} to {self.highest:g}, but is {number:g}")
        return value


Name = Annotated[str, Field(pattern=r"^[^/\\\s]+$"), Says("a name without spaces and slashes")]
"""A name that becomes part of file names."""

Text = Annotated[str, Field(min_length=1)]
"""A text that is not empty."""
