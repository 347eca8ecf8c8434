# SPDX-License-Identifier: GPL-3.0-or-later
"""`--print_config`: the resolved configuration as YAML, each value with its origin.

The text is itself a pipeline file that means the same: scenes and the selected objects stand in it with all their keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from .layers import Source, merge
from .request import Request

Origin = Callable[[str], Source]
_COLUMN = 48
_FOLDED = ("object_config", "scene_config")  # what these files say stands in the text itself


def _value(value: Any) -> str:
    # JSON is YAML too, so the text reads back whatever is in it
    if isinstance(value, BaseModel):
        value = value.model_dump()
    return json.dumps(value, ensure_ascii=False)


def _name(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_][\w-]*", text) and text not in ("null", "true", "false") else _value(text)


def _line(depth: int, name: str, value: str, note: str) -> str:
    text = f"{'  ' * depth}{_name(name)}:{' ' if value else ''}{value}"
    return f"{text:<{_COLUMN}}  # {note}" if note else text


def _single_origin(model: BaseModel, path: str, origin: Origin) -> str:
    """Origin of a small flat section if all its keys share one, so that it fits on a line."""
    fields = type(model).model_fields
    notes = {str(origin(f"{path}.{name}")) for name in fields}
    return notes.pop() if len(fields) <= 4 and len(notes) == 1 else ""


def _block(items: Mapping[str, Any], prefix: str, depth: int, origin: Origin, sparse: bool = False) -> Iterator[str]:
    """Lines of a mapping. sparse: leave out keys that are null because nobody set them."""
    for name, value in items.items():
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value, BaseModel):
            note = _single_origin(value, path, origin)
            if note:
                yield _line(depth, name, _value(value), note)
                continue
            value = {key: getattr(value, key) for key in type(value).model_fields}
            yield _line(depth, name, "", "")
            yield from _block(value, path, depth + 1, origin, sparse)
        elif isinstance(value, dict) and value:
            yield _line(depth, name, "", "")
            yield from _block(value, path, depth + 1, origin, sparse=True)
        elif not (sparse and value is None and origin(path).kind == "default"):
            yield _line(depth, name, _value(value), str(origin(path)))


def _scenes(request: Request) -> Iterator[str]:
    merged = merge([*request.layers.scenes, request.layers.overrides.below("scenes")])
    yield from _block(merged.data, "", 1, lambda path: _lookup(merged.sources, path))


def _lookup(sources: Mapping[tuple[str, ...], Source], path: str) -> Source:
    return next((source for known, source in sources.items() if ".".join(known) == path), Source("default"))


def _object(request: Request, category: str) -> Iterator[str]:
    resolved = request.settings[category]
    keys = ["scene", *(name for name in type(resolved).model_fields if name not in _NOT_KEYS)]
    values = {name: getattr(resolved, name) for name in keys}
    yield _line(1, category, "", "")
    yield from _block(values, "", 2, lambda path: resolved.sources.get(path, Source("default")))


_NOT_KEYS = ("scene", "dataset", "category", "sources")


def print_config(request: Request) -> str:
    """The resolved configuration of a request as YAML text."""
    config = request.config
    values = {name: getattr(config, name) for name in type(config).model_fields if name not in ("scenes", "objects")}
    values |= {"dataset": request.dataset, "category": list(request.categories)}
    values |= dict.fromkeys(_FOLDED)
    files = [layer.file for layer in (*request.layers.scenes, *request.layers.objects) if layer.file]
    lines = [
        "# Resolved configuration; the note at each value tells where it came from.",
        f"# Files: {', '.join(dict.fromkeys(files))}",
        *_block(values, "", 0, lambda path: request.sources.get(path, Source("default"))),
        "scenes:" if request.config.scenes else "scenes: {}",
        *_scenes(request),
        "objects:",
    ]
    for category in request.categories:
        lines += _object(request, category)
    return "\n".join(lines) + "\n"
