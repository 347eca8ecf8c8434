# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a YAML file of the configuration: a mapping, with the line of each key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError, Problem
from ..yaml_text import KeyPath, parse_yaml

__all__ = ["parse_yaml", "read_yaml"]


def read_yaml(path: Path, shown: str) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """The mapping in a YAML file and the line of each key path; an empty file is an empty mapping.

    shown: the file's name in messages. Raises InputError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(Problem("is not a UTF-8 text file.", file=shown)) from error
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}.", file=shown)) from error
    data, lines = parse_yaml(text, shown)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise InputError(Problem("should hold keys and values (`key: value`) at the top level.", file=shown, line=1))
    return data, lines
