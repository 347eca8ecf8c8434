# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates data against a model and turns what is wrong into one clear line each, with close matches suggested."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ..errors import Problem
from ..yaml_text import KeyPath
from .describe import expects, name_expects, nested, show
from .layers import Source


def suggest(word: str, known: Iterable[str]) -> str:
    """`Did you mean a?`, with a second word that is about as close; nothing if no known word is close."""
    matcher = difflib.SequenceMatcher(b=word.lower())
    rated = []
    for name in dict.fromkeys(known):
        matcher.set_seq1(name.lower())
        rated.append((matcher.ratio(), name))
    rated.sort(key=lambda entry: -entry[0])
    close = [name for ratio, name in rated[:2] if ratio >= 0.6 and ratio > rated[0][0] - 0.1]
    return f"Did you mean {' or '.join(close)}?" if close else ""


@dataclass(frozen=True)
class _Spot:
    """How far a location reaches into a model: the key path, its field, and the model that holds the last name."""

    path: KeyPath
    field: FieldInfo | None
    owner: type[BaseModel]


def _locate(model: type[BaseModel], location: Sequence[int | str]) -> _Spot:
    parts = [str(p) for p in location]
    path: list[str] = []
    owner, field = model, None
    while parts:
        name = parts.pop(0)
        path.append(name)
        field = owner.model_fields.get(name)
        if field is None:
            break
        kind, inner = nested(field.annotation)
        if kind == "map" and parts:
            path.append(parts.pop(0))
        if inner is None or not parts or (kind == "map" and parts[0] == "[key]"):
            break
        owner = inner
    return _Spot(tuple(path), field, owner)


def _homes(model: type[BaseModel], name: str, prefix: KeyPath = ()) -> list[str]:
    """Key paths under which `name` exists anywhere in `model`; map levels show as NAME."""
    found = []
    for key, info in model.model_fields.items():
        if key == name and prefix:
            found.append(".".join((*prefix, key)))
        kind, inner = nested(info.annotation)
        if inner is not None:
            found += _homes(inner, name, (*prefix, key, "NAME") if kind == "map" else (*prefix, key))
    return found


def _unknown(spot: _Spot, root: type[BaseModel]) -> tuple[str, str]:
    name = spot.path[-1]
    homes = _homes(root, name)
    fix = f"There is {' and '.join(homes[:2])}." if homes else suggest(name, spot.owner.model_fields)
    return f"unknown key `{name}`.", fix


def value_at(data: Any, path: Sequence[str]) -> Any:
    """The value at a key path of plain data; None where there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _message(error: Any, spot: _Spot, data: Any) -> str:
    kind = error["type"]
    if kind == "value_error":
        return f"{error['ctx']['error']}."
    if error["loc"] and error["loc"][-1] == "[key]":
        wanted = name_expects(spot.field) if spot.field else "a name"
        return f"the name `{spot.path[-1]}` should be {wanted}."
    wanted = expects(spot.field) if spot.field else "keys and values"
    if spot.field and nested(spot.field.annotation)[0]:
        wanted = "keys and values"
    return f"should be {wanted}, not {show(value_at(data, spot.path))}."


def problems_of(
    model: type[BaseModel],
    data: Any,
    source: Callable[[KeyPath], Source],
    root: type[BaseModel] | None = None,
) -> list[Problem]:
    """Everything that is wrong with `data` as a `model`, one problem per key, in the order of the model.

    source: origin of a key path. root: the model in which the home of a misplaced key is looked for.
    """
    try:
        model.model_validate(data)
    except ValidationError as failure:
        found: dict[KeyPath, tuple[bool, Problem]] = {}
        for error in failure.errors(include_url=False):
            spot = _locate(model, error["loc"])
            fix = ""
            if error["type"] == "extra_forbidden":
                message, fix = _unknown(spot, root or model)
            else:
                message = _message(error, spot, data)
            own_words = error["type"] == "value_error"
            # a key that takes several types fails once for each; the validator's own sentence says most
            if spot.path not in found or (own_words and not found[spot.path][0]):
                found[spot.path] = own_words, source(spot.path).problem(message, fix)
        return [problem for _, problem in found.values()]
    return []
