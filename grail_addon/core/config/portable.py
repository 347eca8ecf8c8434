# SPDX-License-Identifier: GPL-3.0-or-later
"""A request as plain JSON data, for another process on this or another machine that sees the same files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .find import Places
from .layers import leaves
from .load import load
from .overrides import Override
from .request import Request


def to_portable(request: Request) -> dict[str, Any]:
    """What `from_portable` makes the request from."""
    layer = request.layers.overrides
    overrides = []
    for path, value in leaves(layer.data):
        source = layer.source(path)
        overrides.append([list(path), value, source.kind, source.flag])
    return {
        "file": str(request.config_file),
        "overrides": overrides,
        "cwd": str(request.cwd),
        "project_root": str(request.project_root),
        "data_dirs": [str(path) for path in request.data_dirs],
        "env_file": None if request.env_file is None else str(request.env_file),
    }


def from_portable(data: Mapping[str, Any], check_objects: bool = True) -> Request:
    """The request, its files read anew. Raises InputError as `load` does."""
    overrides = [Override(tuple(path), value, place, name) for path, value, place, name in data["overrides"]]
    places = Places(
        Path(data["cwd"]),
        Path(data["project_root"]),
        tuple(Path(text) for text in data["data_dirs"]),
        None if data["env_file"] is None else Path(data["env_file"]),
    )
    return load(data["file"], overrides, places, check_objects=check_objects)
