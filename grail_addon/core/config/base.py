# SPDX-License-Identifier: GPL-3.0-or-later
"""What all configuration models share: strictness, the types of the keys, and how a key carries its unit.

Models are frozen and refuse keys that they don't know. Numbers may be written as 2 or 2.0, but a string or a boolean
is never taken for a number, and only true/false is a boolean.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict


class Section(BaseModel):
    """Base of every section: frozen, strict, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def key(default: Any, meaning: str, unit: str = "", **limits: Any) -> Any:
    """A key with its default, its meaning for the reference page, its unit, and pydantic limits such as `ge=0`."""
    return Field(default=default, description=meaning, json_schema_extra={"unit": unit}, **limits)


def _list_only(value: object) -> object:
    # strict=False lets pydantic take any iterable as a tuple; YAML has lists only
    if isinstance(value, (list, tuple)):
        return tuple(value)
    raise ValueError("should be a list")


def _three_of_one(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (value, value, value)
    return _list_only(value)


def _ordered(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError(f"should be [lowest, highest], but {value[0]:g} is more than {value[1]:g}")
    return value


def _range_or_number(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return tuple(value)
    return value


def _box(value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    if value[0] >= value[2] or value[1] >= value[3]:
        raise ValueError("should be [x1, y1, x2, y2] with x1 < x2 and y1 < y2")
    return value


def _positive(value: tuple[float, float, float]) -> tuple[float, float, float]:
    if min(value) <= 0:
        raise ValueError("should be more than 0 in each axis")
    return value


Triple = Annotated[tuple[float, float, float], Strict(False)]
Vec3 = Annotated[Triple, BeforeValidator(_list_only)]
"""Three numbers x, y, z."""

Scale3 = Annotated[Triple, BeforeValidator(_three_of_one), AfterValidator(_positive)]
"""Three positive factors, or one number for all three axes."""

Box2 = Annotated[tuple[float, float, float, float], Strict(False), BeforeValidator(_list_only), AfterValidator(_box)]
"""An upright rectangle [x1, y1, x2, y2]."""

Range = Annotated[tuple[float, float], Strict(False), AfterValidator(_ordered)]
"""[lowest, highest]."""

NumberOrRange = Annotated[float | Range, BeforeValidator(_range_or_number)]
"""One number, or [lowest, highest] of which each scene seed draws uniformly."""
