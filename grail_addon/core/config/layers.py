# SPDX-License-Identifier: GPL-3.0-or-later
"""Values with their origin: a layer is one file's keys or the overrides, and layers merge by precedence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ..errors import Problem
from ..yaml_text import KeyPath

OverridePlace = Literal["command line", "panel", "environment", "code"]
FileKind = Literal["pipeline file", "object entry", "scene"]


@dataclass(frozen=True)
class Source:
    """Where a value came from: the kind of place, the key path there, and the file and line or the flag."""

    kind: OverridePlace | FileKind | Literal["default"]
    key_path: str = ""
    file: str = ""
    line: int | None = None
    flag: str = ""

    @property
    def is_override(self) -> bool:
        """Whether the value stands in no file but was set over them."""
        return self.kind in get_args(OverridePlace)

    def __str__(self) -> str:
        if self.is_override:
            return f"{self.kind} ({self.flag})" if self.flag else self.kind
        if self.file:
            return f"{self.file}:{self.line} ({self.kind})"
        return self.kind

    def problem(self, message: str, fix: str = "", key_path: str | None = None) -> Problem:
        """A problem with the value that stands here."""
        shown = self.key_path if key_path is None else key_path
        if self.is_override:
            return Problem(message, fix, key_path=shown, file=f"{self.kind} {self.flag}".rstrip())
        return Problem(message, fix, key_path=shown, file=self.file, line=self.line)


@dataclass(frozen=True)
class Layer:
    """Keys from one place. `data` is plain YAML data; `lines` and `origins` say where each key path comes from."""

    kind: FileKind | Literal["override"]
    data: Mapping[str, Any]
    file: str = ""
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    origins: Mapping[KeyPath, tuple[OverridePlace, str]] = field(default_factory=dict)
    prefix: KeyPath = ()

    def source(self, path: Sequence[str]) -> Source:
        """Origin of a key path relative to this layer; a path without a line or flag of its own has a neighbour's."""
        full = (*self.prefix, *path)
        shown = ".".join(full)
        if self.kind == "override":
            place, name = self._origin(full)
            return Source(place, shown, flag=name)
        for length in range(len(full), -1, -1):
            if full[:length] in self.lines:
                return Source(self.kind, shown, self.file, self.lines[full[:length]])
        return Source(self.kind, shown, self.file, 1 if self.file else None)

    def _origin(self, full: KeyPath) -> tuple[OverridePlace, str]:
        for length in range(len(full), -1, -1):
            if full[:length] in self.origins:
                return self.origins[full[:length]]
        below = [origin for known, origin in self.origins.items() if known[: len(full)] == full]
        return below[0] if below else ("code", "")

    def below(self, *path: str, kind: FileKind | None = None) -> Layer:
        """The part of this layer under `path`; empty if there is none (or no mapping there)."""
        data: Any = self.data
        for name in path:
            data = data.get(name) if isinstance(data, Mapping) else None
        plain = data if isinstance(data, Mapping) else {}
        return Layer(kind or self.kind, plain, self.file, self.lines, self.origins, (*self.prefix, *path))

    def without(self, *names: str) -> Layer:
        """This layer without some of its top-level keys."""
        kept = {name: value for name, value in self.data.items() if name not in names}
        return Layer(self.kind, kept, self.file, self.lines, self.origins, self.prefix)


@dataclass(frozen=True)
class Merged:
    """The values of several layers, and the origin of each leaf (key path relative to the merged mapping)."""

    data: dict[str, Any]
    sources: dict[KeyPath, Source]

    def exact(self, path: Sequence[str]) -> Source:
        """Origin of the value at `path`; `default` if no layer gives it."""
        wanted = tuple(path)
        for length in range(len(wanted), 0, -1):
            if wanted[:length] in self.sources:
                return self.sources[wanted[:length]]
        return Source("default", ".".join(wanted))

    def nearest(self, path: Sequence[str]) -> Source:
        """Origin of the value at `path`, or of the nearest thing below or around it: where an error is shown."""
        wanted = tuple(path)
        for length in range(len(wanted), 0, -1):
            for known, source in self.sources.items():
                if known[:length] == wanted[:length]:
                    return source
        return Source("default", ".".join(wanted))


def leaves(data: Mapping[str, Any], prefix: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Key paths and values of everything that is not itself a mapping; an empty mapping counts as a value."""
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*prefix, name))
        else:
            yield (*prefix, name), value


def merge(layers: Sequence[Layer]) -> Merged:
    """Merge from the lowest to the highest precedence. Mappings merge key by key; anything else is replaced whole."""
    data: dict[str, Any] = {}
    sources: dict[KeyPath, Source] = {}
    for layer in layers:
        for path, value in leaves(layer.data):
            place = data
            for depth, name in enumerate(path[:-1], start=1):
                sources.pop(path[:depth], None)  # an empty mapping or a value that gives way to keys
                if not isinstance(place.get(name), dict):
                    place[name] = {}
                place = place[name]
            if isinstance(place.get(path[-1]), dict):
                if isinstance(value, Mapping):
                    continue  # an empty mapping adds nothing to one that is there
                for stale in [known for known in sources if known[: len(path)] == path]:
                    del sources[stale]
            place[path[-1]] = value
            sources[path] = layer.source(path)
    return Merged(data, sources)
