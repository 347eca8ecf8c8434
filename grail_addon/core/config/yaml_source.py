# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads YAML 1.2 into plain data with the line of each key. Duplicate keys, tags and dates are refused, not guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ..errors import InputError, Problem
from .layers import KeyPath

MAX_DEPTH = 20


def _plain(node: Any, path: KeyPath, line: int, lines: dict[KeyPath, int], file: str) -> Any:
    """`node` of ruamel's round-trip tree as dict, list, str, int, float, bool or None; fills `lines` (from 1)."""
    if len(path) > MAX_DEPTH:
        raise InputError(Problem("is nested too deeply.", key_path=".".join(path[:3]) + "...", file=file, line=line))
    if isinstance(node, CommentedMap):
        result: dict[str, Any] = {}
        for name, value in node.items():
            at = node.lc.data[name][0] + 1 if node.lc.data and name in node.lc.data else line
            if not isinstance(name, str):
                where = ".".join(path)
                raise InputError(
                    Problem(f"Key {name!r} should be a text; quote it.", key_path=where, file=file, line=at)
                )
            lines[(*path, name)] = at
            result[name] = _plain(value, (*path, name), at, lines, file)
        return result
    if isinstance(node, list):
        return [_plain(value, (*path, str(i)), line, lines, file) for i, value in enumerate(node)]
    if node is None or isinstance(node, bool):
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    message = f"cannot use a value of this kind ({type(node).__name__}); write a number, a quoted text, a list or keys."
    raise InputError(Problem(message, key_path=".".join(path), file=file, line=line))


def _explain(error: YAMLError, file: str) -> InputError:
    line = None
    text = "is not valid YAML"
    if isinstance(error, MarkedYAMLError):
        line = error.problem_mark.line + 1 if error.problem_mark else None
        text = (error.problem or text).split("\n")[0].strip()
    return InputError(Problem(f"YAML: {text}.", detail=str(error), file=file, line=line))


def parse_yaml(text: str, file: str = "") -> tuple[Any, dict[KeyPath, int]]:
    """Plain data of a YAML text and the line (from 1) of each key path. Raises InputError naming `file` and line."""
    try:
        node = YAML(typ="rt", pure=True).load(text)
    except YAMLError as error:
        raise _explain(error, file) from error
    except ValueError as error:  # ruamel lets int() and date() errors of odd scalars through
        raise InputError(Problem(f"YAML: {error}.", file=file)) from error
    lines: dict[KeyPath, int] = {}
    return _plain(node, (), 1, lines, file), lines


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
