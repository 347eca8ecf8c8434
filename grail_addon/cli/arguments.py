# SPDX-License-Identifier: GPL-3.0-or-later
"""argv becomes a request and the switches of the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from ..core.config.check import suggest
from ..core.config.load import DEFAULT_CONFIG, load
from ..core.config.overrides import Override
from ..core.config.request import Request
from ..core.config.run import RunConfig
from ..core.config.yaml_source import parse_yaml
from ..core.errors import InputError, Problem
from ..drivers.farm.crew_size import machine_text
from ..drivers.farm.local import most_here
from ..drivers.farm.machine import cores
from .flags import FLAGS, Flag
from .options import CommandOptions, command_options, places, shard_of


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


def _only_dashes(given: Mapping[str, Any]) -> list[Problem]:
    """argparse takes the `--` of `--flag=--` for the end of the flags, and the flag is left with an empty list."""
    found = []
    for flag in FLAGS:
        value = given.get(flag.name)
        if value == [] or (isinstance(value, list) and [] in value):
            found.append(Problem("should be followed by a value, not `--`.", file=f"command line --{flag.name}"))
    return found


def _switch(flag: Flag, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise InputError(Problem(f"takes true or false, not `{text}`.", file=f"command line --{flag.name}"))
    return (text.lower() == "true") != flag.inverted


def _scalar(text: str, flag: str) -> Any:
    """A value given on the command line, read as YAML; a text that is no valid YAML stays a text."""
    if re.fullmatch(r"\d{1,20}\s*,\s*\d{1,20}", text):
        return [int(n) for n in text.split(",")]
    try:
        value, _ = parse_yaml(text, flag)
    except InputError:
        return text
    return value


def _set_overrides(words: Sequence[str]) -> list[Override]:
    """One override for each `--set KEY=VALUE`. Raises InputError."""
    found, problems = [], []
    for word in words:
        text, equals, raw = word.partition("=")
        if not equals or not all(text.strip().split(".")):
            fix = "Example: --set rendering.samples=4"
            problems.append(Problem(f"`{word}` should be KEY=VALUE.", fix, file="command line --set"))
            continue
        try:
            value, _ = parse_yaml(raw, "command line --set")
        except InputError as error:
            problems += [Problem(p.message, file=p.file, key_path=text) for p in error.problems]
            continue
        found.append(Override(text.strip(), value, "command line", "--set"))
    if problems:
        raise InputError(problems)
    return found


def read_options(argv: Sequence[str]) -> dict[str, Any]:
    """Flags that were given, as text (list flags: list of text, switches: bool). Raises InputError with all faults."""
    known, unknown = build_parser().parse_known_args(_after_dashes(argv))
    given = {name: value for name, value in vars(known).items() if value is not None}
    problems = [*_unknown(unknown), *_only_dashes(given)]
    for flag in FLAGS:
        if flag.kind == "switch" and isinstance(given.get(flag.name), str):
            try:
                given[flag.name] = _switch(flag, given[flag.name])
            except InputError as error:
                problems += error.problems
    if "gpu" in given and "no_gpu" in given:
        problems.append(Problem("--gpu and --no_gpu exclude each other.", "Keep one.", file="command line"))
    if problems:
        raise InputError(problems)
    return given


def overrides_of(given: Mapping[str, Any]) -> list[Override]:
    """The configuration keys that the given flags set. Raises InputError for a `--set` that cannot be read."""
    found = []
    for flag in FLAGS:
        if flag.name not in given or not flag.key:
            continue
        value = given[flag.name]
        if flag.kind == "list":
            value = [part.strip() for text in value for part in text.split(",")]
        elif flag.kind == "value" and flag.metavar not in _TEXTS:
            value = _scalar(value, f"--{flag.name}")
        found.append(Override(flag.key, value, "command line", f"--{flag.name}"))
    return [*found, *_set_overrides(given.get("set", []))]


def read_command_line(argv: Sequence[str], cwd: Path, project_root: Path) -> tuple[Request, CommandOptions]:
    """The request that a command line means, and its switches.

    argv: arguments; what stands before a `--` is ignored. cwd: start of relative paths. project_root: folder with
    `configs/`. Raises InputError with every problem found; `--help` ends in SystemExit as argparse has it.
    """
    given = read_options(argv)
    overrides = overrides_of(given)
    problems: list[Problem] = []
    where = places(given, cwd, project_root, problems)
    shard = shard_of(given, problems)
    options = command_options(given, where.cwd, problems)
    try:
        file = given.get("config", DEFAULT_CONFIG)
        request = load(file, overrides, where, shard, named_by="command line --config")
    except InputError as error:
        raise InputError([*error.problems, *problems]) from None
    if problems:
        raise InputError(problems)
    if "workers" in given:
        config, said = _with_workers(request.config)
        request, options = replace(request, config=config), replace(options, notes=said)
    return request, options


def _with_workers(config: RunConfig) -> tuple[RunConfig, tuple[str, ...]]:
    """Workers that no engine was named for are processes of this machine; a single one is this process. Also what is to be
    said about it."""
    farm = config.farm
    if farm.engine != "none":
        return config, ()
    if most_here(farm.workers, config.rendering.gpu) < 2:
        said = f"auto: 1 worker: {machine_text(len(cores()), 0)} have room for no more."
        return config, (said,) if farm.workers == "auto" else ()
    return config.model_copy(update={"farm": farm.model_copy(update={"engine": "local"})}), ()


_TEXTS = ("NAME", "DIR", "FILE")
