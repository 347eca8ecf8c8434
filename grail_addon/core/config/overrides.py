# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are set over the files: from the command line, a panel, the environment or a caller's own code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..yaml_text import KeyPath
from .layers import Layer, OverridePlace, Source


@dataclass(frozen=True)
class Override:
    """One value. key: key path, or its parts with dots between (the names of known scenes and objects may hold dots).

    value: plain data as YAML has it. place: who sets it; name: how it is called there, e.g. `--samples`, for messages.
    """

    key: str | KeyPath
    value: Any
    place: OverridePlace = "code"
    name: str = ""

    def path(self, names: Collection[str]) -> KeyPath:
        """The key path. names: known scenes and objects."""
        if not isinstance(self.key, str):
            return self.key
        first, _, rest = self.key.partition(".")
        if first in ("scenes", "objects") and rest:
            for name in sorted(names, key=len, reverse=True):
                if rest == name:
                    return first, name
                if rest.startswith(f"{name}."):
                    return first, name, *rest[len(name) + 1 :].split(".")
        return tuple(self.key.split("."))


def override_layer(overrides: Sequence[Override], names: Collection[str]) -> Layer:
    """All overrides as one layer, later ones over earlier ones. Raises InputError for a key inside a value."""
    data: dict[str, Any] = {}
    origins: dict[KeyPath, tuple[OverridePlace, str]] = {}
    problems = []
    for override in overrides:
        path = override.path(names)
        if not _put(data, path, override.value):
            source = Source(override.place, ".".join(path), flag=override.name)
            problems.append(source.problem("sets a key inside a value."))
        origins[path] = (override.place, override.name)
    if problems:
        raise InputError(problems)
    return Layer("override", data, origins=origins)


def _put(data: dict[str, Any], path: KeyPath, value: Any) -> bool:
    """Set a nested key; False if a part of the path already holds a value."""
    for name in path[:-1]:
        data = data.setdefault(name, {})
        if not isinstance(data, dict):
            return False
    data[path[-1]] = value
    return True
