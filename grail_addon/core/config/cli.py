# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: argv becomes a layer of configuration keys and a set of run options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ..errors import InputError, Problem
from .check import suggest
from .flags import FLAGS, Flag
from .layers import KeyPath, Layer
from .yaml_source import parse_yaml


@dataclass(frozen=True)
class CommandLine:
    """What the command line says: `keys` for the configuration, `options` of the run by flag name (raw)."""

    keys: Layer
    options: dict[str, Any]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(Problem(f"{message}.", file="command line"))


def build_parser() -> argparse.ArgumentParser:
    """The parser for `--help` and for `parse`; it keeps values as text."""
    parser = _Parser(
        prog="run_batch.py --",
        description="Settle objects, probe their scale, render conditioning frames and make videos of them.",
        allow_abbrev=False,
    )
    for flag in FLAGS:
        name = f"--{flag.name}"
        if flag.kind == "switch":
            parser.add_argument(name, nargs="?", const="true", metavar="true/false", help=flag.meaning)
        elif flag.kind == "list":
            parser.add_argument(name, action="append", metavar=flag.metavar, help=flag.meaning)
        else:
            parser.add_argument(name, metavar=flag.metavar, help=flag.meaning)
    return parser


def _after_dashes(argv: Sequence[str]) -> list[str]:
    # Blender and Python keep their own arguments before `--`
    return list(argv[argv.index("--") + 1 :]) if "--" in argv else list(argv)


def _unknown(words: Sequence[str]) -> list[Problem]:
    names = [f"--{flag.name}" for flag in FLAGS]
    problems = []
    for word in words:
        if word.startswith("--"):
            name = word.split("=", 1)[0]
            problems.append(Problem(f"unknown flag {name}.", suggest(name, names), file="command line"))
        elif not problems:  # what follows an unknown flag is most likely its value
            problems.append(Problem(f"unexpected word `{word}`; flags start with `--`.", file="command line"))
    return problems


def _switch(flag: Flag, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise InputError(Problem(f"takes true or false, not `{text}`.", file=f"command line --{flag.name}"))
    return (text.lower() == "true") != flag.inverted


def _scalar(text: str, flag: str) -> Any:
    """A value given on the command line, read as YAML; a text that is no valid YAML stays a text."""
    if re.fullmatch(r"\d+\s*,\s*\d+", text):
        return [int(n) for n in text.split(",")]
    try:
        value, _ = parse_yaml(text, flag)
    except InputError:
        return text
    return value


def _put(data: dict[str, Any], path: Sequence[str], value: Any) -> bool:
    """Set a nested key; False if a part of the path already holds a value."""
    for name in path[:-1]:
        data = data.setdefault(name, {})
        if not isinstance(data, dict):
            return False
    data[path[-1]] = value
    return True


def _split(text: str, names: Sequence[str]) -> KeyPath:
    """Key path of a dotted text; names of scenes and objects may hold dots themselves, so known ones win."""
    first, _, rest = text.partition(".")
    if first in ("scenes", "objects") and rest:
        for name in sorted(names, key=len, reverse=True):
            if rest == name:
                return first, name
            if rest.startswith(f"{name}."):
                return first, name, *rest[len(name) + 1 :].split(".")
    return tuple(text.split("."))


def parse_set(words: Sequence[str], names: Sequence[str]) -> list[tuple[KeyPath, Any, str]]:
    """Key path, value and flag of each `--set KEY=VALUE`. names: known scenes and objects. Raises InputError."""
    found, problems = [], []
    for word in words:
        text, equals, raw = word.partition("=")
        path = _split(text.strip(), names)
        if not equals or not all(path):
            fix = "Example: --set rendering.samples=4"
            problems.append(Problem(f"`{word}` should be KEY=VALUE.", fix, file="command line --set"))
            continue
        try:
            value, _ = parse_yaml(raw, "command line --set")
        except InputError as error:
            problems += [Problem(p.message, file=p.file, key_path=text) for p in error.problems]
            continue
        found.append((path, value, "--set"))
    if problems:
        raise InputError(problems)
    return found


def read_options(argv: Sequence[str]) -> dict[str, Any]:
    """Flags that were given, as text (list flags: list of text, switches: bool). Raises InputError with all faults."""
    known, unknown = build_parser().parse_known_args(_after_dashes(argv))
    given = {name: value for name, value in vars(known).items() if value is not None}
    problems = _unknown(unknown)
    for flag in FLAGS:
        if flag.kind == "switch" and flag.name in given:
            try:
                given[flag.name] = _switch(flag, given[flag.name])
            except InputError as error:
                problems += error.problems
    if "gpu" in given and "no_gpu" in given:
        problems.append(Problem("--gpu and --no_gpu exclude each other.", "Keep one.", file="command line"))
    if problems:
        raise InputError(problems)
    return given


def command_line(given: dict[str, Any], names: Sequence[str]) -> CommandLine:
    """Sort the given flags into configuration keys and run options. Raises InputError.

    names: scenes and objects that the files know, so that `--set scenes.NAME.key` splits at the right dots.
    """
    data: dict[str, Any] = {}
    flags: dict[KeyPath, str] = {}
    options: dict[str, Any] = {}
    problems = []
    entries: list[tuple[KeyPath, Any, str]] = []
    for flag in FLAGS:
        if flag.name not in given or flag.name == "set":
            continue
        value = given[flag.name]
        if not flag.key:
            options[flag.name] = value
        elif flag.kind == "list":
            entries.append(((flag.key,), [part.strip() for v in value for part in v.split(",")], f"--{flag.name}"))
        else:
            plain = value if flag.kind == "switch" or flag.metavar in _TEXTS else _scalar(value, f"--{flag.name}")
            entries.append((tuple(flag.key.split(".")), plain, f"--{flag.name}"))
    entries += parse_set(given.get("set", []), names)
    for path, value, name in entries:
        if not _put(data, path, value):
            problems.append(Problem("sets a key inside a value.", key_path=".".join(path), file=f"command line {name}"))
        flags[path] = name
    if problems:
        raise InputError(problems)
    return CommandLine(Layer("command line", data, flags=flags), options)


_TEXTS = ("NAME", "DIR", "FILE")
