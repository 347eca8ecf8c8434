# SPDX-License-Identifier: GPL-3.0-or-later
"""Says in words what a key takes, for error messages and for the reference page."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .base import Says

_PLAIN = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def _limits(metadata: Iterable[Any]) -> str:
    flat = [inner for item in metadata for inner in (item.metadata if isinstance(item, FieldInfo) else [item])]
    words = {"ge": "from", "gt": "more than", "le": "to", "lt": "less than"}
    bounds = [
        f"{word} {limit}"
        for item in flat
        for name, word in words.items()
        if (limit := getattr(item, name, None)) is not None
    ]
    return " ".join(bounds)


def _phrase(annotation: Any, metadata: tuple[Any, ...]) -> str:
    for item in metadata:
        if isinstance(item, Says):
            return item.text
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _phrase(inner, (*metadata, *more))
    if origin is Union or origin is types.UnionType:
        options = [a for a in get_args(annotation) if a is not type(None)]
        return " or ".join(_phrase(a, metadata) for a in options)
    if origin is Literal:
        return (
            "one of " + ", ".join(f"`{v}`" for v in get_args(annotation))
            if len(get_args(annotation)) > 1
            else (f"`{get_args(annotation)[0]}`")
        )
    if origin in (dict, Mapping) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "keys and values"
    if origin in (tuple, list):
        return "a list"
    return " ".join(p for p in (_PLAIN.get(annotation, "a value"), _limits(metadata)) if p)


def name_expects(info: FieldInfo) -> str:
    """What the names of a mapping may be."""
    return _phrase(get_args(info.annotation)[0], ())


def expects(info: FieldInfo) -> str:
    """What a key takes, e.g. `a whole number from 1 to 50`."""
    return _phrase(info.annotation, tuple(info.metadata))


def may_be_empty(info: FieldInfo) -> bool:
    """Whether the key takes null."""
    return type(None) in get_args(info.annotation)


def nested(annotation: Any) -> tuple[Literal["model", "map", ""], type[BaseModel] | None]:
    """Whether a key holds a section (`model`), names with a section each (`map`), or a value (empty)."""
    for part in (annotation, *get_args(annotation)):
        while get_origin(part) is Annotated:
            part = get_args(part)[0]
        if isinstance(part, type) and get_origin(part) is None and issubclass(part, BaseModel):
            return "model", part
        if get_origin(part) is dict:
            value = get_args(part)[1]
            if isinstance(value, type) and issubclass(value, BaseModel):
                return "map", value
    return "", None


def show(value: Any, limit: int = 60) -> str:
    """A value as it would stand in YAML, shortened to `limit` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def unit_of(info: FieldInfo) -> str:
    """The unit of a key, empty if it has none."""
    extra = info.json_schema_extra
    return str(typing.cast(dict[str, Any], extra).get("unit", "")) if isinstance(extra, dict) else ""
