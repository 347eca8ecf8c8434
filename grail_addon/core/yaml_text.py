# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads YAML text into plain data with the line of each key: PyYAML's parser with the scalars of YAML 1.2.

Refused, with file and line: duplicate keys, tags, keys that are no text, deep nesting, and aliases that multiply into
more values than a hand-written file has. `yes`, `no`, `on` and `off` are texts, `010` is ten, `1e3` is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .errors import InputError, Problem

KeyPath = tuple[str, ...]
MAX_DEPTH = 20
MAX_VALUES = 100_000
"""Values of one text, aliases followed; the largest configuration of ours has a few thousand."""

MAX_DIGITS = 100

_PREFIX = "tag:yaml.org,2002:"
_EXPLICIT = "explicit"
_NAMES = {yaml.ScalarNode: "TaggedScalar", yaml.SequenceNode: "TaggedSequence", yaml.MappingNode: "TaggedMapping"}
_TOO_DEEP = "is nested too deeply."


class _Loader(yaml.SafeLoader):
    """Composes nodes: plain scalars by YAML 1.2's core schema, explicit tags marked, depth limited."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        explicit = getattr(event, "tag", None) not in (None, "!")
        self.depth += 1
        if self.depth > 4 * MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, _TOO_DEEP.rstrip("."), event.start_mark)  # type: ignore[arg-type]
        node = super().compose_node(parent, index)
        self.depth -= 1
        if explicit and node is not None:
            node.tag = _EXPLICIT
        return node


_SCALARS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    (
        "timestamp",
        r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
        "0123456789",
    ),
    ("merge", "<<", "<"),
)
_Loader.yaml_implicit_resolvers = {}  # its own: none of YAML 1.1
for _tag, _regexp, _first in _SCALARS:
    _Loader.add_implicit_resolver(_PREFIX + _tag, re.compile(rf"(?:{_regexp})\Z"), list(_first))


def parse_yaml(text: str, file: str = "", dates: bool = False) -> tuple[Any, dict[KeyPath, int]]:
    """Plain data of a YAML text and the line (from 1) of each key path. Raises InputError naming `file` and line.

    dates: a date comes as its text instead of being refused.
    """
    loader = _Loader.__new__(_Loader)
    try:
        _Loader.__init__(loader, text)
        node = loader.get_single_node()
        reader = _NodeReader(loader, file, dates)
        return (None if node is None else reader.value(node, (), 1)), reader.lines
    except yaml.YAMLError as error:
        raise _explain(error, file) from error
    except ValueError as error:  # what int() and date() say of odd scalars
        raise InputError(Problem(f"YAML: {error}.", file=file)) from error


def _explain(error: yaml.YAMLError, file: str) -> InputError:
    line = None
    text = "is not valid YAML"
    if isinstance(error, yaml.MarkedYAMLError):
        line = error.problem_mark.line + 1 if error.problem_mark else None
        text = (error.problem or text).split("\n")[0].strip()
    return InputError(Problem(f"YAML: {text}.", detail=str(error), file=file, line=line))


class _NodeReader:
    """Turns nodes into plain data; `lines` fills with the line of each key path."""

    def __init__(self, loader: _Loader, file: str, dates: bool) -> None:
        self._loader, self._file, self._dates = loader, file, dates
        self._count = 0
        self.lines: dict[KeyPath, int] = {}

    def value(self, node: yaml.Node, path: KeyPath, line: int) -> Any:
        """`node` as dict, list, str, int, float, bool or None. line: of the key that it belongs to."""
        self._count += 1
        if self._count > MAX_VALUES:
            raise self._error("its aliases multiply into too many values.", (), line)
        if len(path) > MAX_DEPTH:
            raise InputError(Problem(_TOO_DEEP, key_path=".".join(path[:3]) + "...", file=self._file, line=line))
        if node.tag == _EXPLICIT:
            raise self._odd_kind(_NAMES[type(node)], path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, line)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, str(number)), line) for number, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)  # there is no fourth kind
        return self._scalar(node, path, line)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath, line: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        own: set[str] = set()
        for key_node, value_node, merged in self._pairs(node, line):
            at = line if merged else key_node.start_mark.line + 1
            key = self._key(key_node)
            if not isinstance(key, str):
                raise self._error(f"Key {key!r} should be a text; quote it.", path, at)
            value = self.value(value_node, (*path, key), at)
            if not merged and key in own:
                text = f'YAML: found duplicate key "{key}" with value "{value}" (original value: "{result[key]}").'
                raise self._error(text, (), at)
            own |= set() if merged else {key}
            self.lines[(*path, key)] = at
            result[key] = value
        return result

    def _pairs(self, node: yaml.MappingNode, line: int) -> Iterator[tuple[yaml.Node, yaml.Node, bool]]:
        """Keys and values, those of merged (`<<`) mappings first, so that the mapping's own replace them."""
        merges = [value for key, value in node.value if key.tag == f"{_PREFIX}merge"]
        if len(merges) > 1:
            raise self._error('YAML: found duplicate key "<<".', (), line)
        for merge in merges:
            sources = merge.value if isinstance(merge, yaml.SequenceNode) else [merge]
            for source in reversed(sources):  # the first of several wins
                if not isinstance(source, yaml.MappingNode) or source is node:
                    raise self._error("YAML: `<<` should name keys and values to take over.", (), line)
                self._count += 1
                if self._count > MAX_VALUES:
                    raise self._error("its aliases multiply into too many values.", (), line)
                for key, value, _ in self._pairs(source, line):
                    yield key, value, True
        for key, value in node.value:
            if key.tag != f"{_PREFIX}merge":
                yield key, value, False

    def _key(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode) and node.tag != _EXPLICIT:
            return self._scalar(node, (), node.start_mark.line + 1)
        return tuple(item.value for item in node.value) if isinstance(node, yaml.SequenceNode) else node.value

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath, line: int) -> str | int | float | bool | None:
        text, kind = str(node.value), node.tag.removeprefix(_PREFIX)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return _int(text.replace("_", ""))
        if kind == "float":
            return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        if kind == "timestamp" and not self._dates:
            date = self._loader.construct_yaml_timestamp(node)  # ValueError for the 30th of February
            raise self._odd_kind(type(date).__name__, path, line)
        return text

    def _odd_kind(self, kind: str, path: KeyPath, line: int) -> InputError:
        text = f"cannot use a value of this kind ({kind}); write a number, a quoted text, a list or keys."
        return self._error(text, path, line)

    def _error(self, text: str, path: KeyPath, line: int) -> InputError:
        return InputError(Problem(text, key_path=".".join(path), file=self._file, line=line))


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits is too long")
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 10)
    return sign * (int(digits, 10) if base == 10 else int(digits[2:], base))
