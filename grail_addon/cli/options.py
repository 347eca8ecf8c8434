# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of the command line that are no configuration keys, and the checks of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..core.config.find import Places
from ..core.config.request import Shard
from ..core.errors import Problem
from ..core.paths import folder_fault, is_dir, is_file, no_file, path_fault
from ..pipeline.options import RunOptions
from .terrain import TerrainRequest, terrain_request


@dataclass(frozen=True)
class CommandOptions:
    """What the command line does with a request; each field is the flag of its name.

    terrain: what --make_terrain asks for; notes: what is to be said as the run begins; run: what goes to the session."""

    print_config: bool = False
    dry_run: bool = False
    explain: bool = False
    log_json: str | None = None
    estimate: bool = False
    yes: bool = False
    report_costs: bool = False
    regate: bool = False
    decisions: Path | None = None
    terrain: TerrainRequest | None = None
    detach: bool = False
    report: bool = False
    status: Path | None = None
    notes: tuple[str, ...] = ()
    run: RunOptions = field(default_factory=RunOptions)


_MAX_DIGITS = 9


def _wrong(flag: str, message: str, fix: str = "") -> Problem:
    return Problem(message, fix, file=f"command line --{flag}")


def command_options(raw: Mapping[str, Any], cwd: Path, problems: list[Problem]) -> CommandOptions:
    """The options among the given flags. What is wrong is added to `problems`."""
    own = {f.name: raw[f.name] for f in fields(CommandOptions) if f.name in raw}
    if "status" in raw:
        own["status"] = cwd / raw["status"]
    own["decisions"] = _file(raw, "decisions", cwd, problems)
    own["terrain"] = terrain_request(raw, cwd, problems)
    _check_log(raw.get("log_json"), cwd, problems)
    run = {f.name: raw[f.name] for f in fields(RunOptions) if f.name in raw}
    run["send_again"] = tuple(raw.get("send_again", ()))
    return CommandOptions(**own, run=RunOptions(**run))


def shard_of(raw: Mapping[str, Any], problems: list[Problem]) -> Shard:
    """The shard that the given flags name. What is wrong is added to `problems`."""
    before = len(problems)
    chunks = _count(raw, "num_job_chunks", 1, 1, problems)
    index = _count(raw, "job_chunk_idx", 0, 0, problems)
    if len(problems) == before and index >= chunks:
        fix = f"With --num_job_chunks {chunks} it runs from 0 to {chunks - 1}."
        problems.append(_wrong("job_chunk_idx", f"is {index}, but there are only {chunks} chunks.", fix))
        return Shard()
    return Shard(chunks, index)


def places(raw: Mapping[str, Any], cwd: Path, project_root: Path, problems: list[Problem]) -> Places:
    """Where the given flags say that things are. What is wrong is added to `problems`."""
    plain = Places(cwd.absolute(), project_root.absolute())
    data_dirs = tuple(plain.cwd / text for text in raw.get("data_dir", ()))
    for path in data_dirs:
        if not is_dir(path):
            problems.append(_wrong("data_dir", f"folder `{plain.shown(path)}` not found."))
    return Places(plain.cwd, plain.project_root, data_dirs, _file(raw, "env_file", plain.cwd, problems))


def _check_log(text: str | None, cwd: Path, problems: list[Problem]) -> None:
    if text is None or text == "-":
        return
    fault = path_fault(text) or folder_fault((cwd / text).parent)
    if not fault and is_dir(cwd / text):
        fault = "should be a file, but it is a folder"
    if fault:
        problems.append(_wrong("log_json", f"`{text}` {fault}."))


def _count(raw: Mapping[str, Any], flag: str, default: int, lowest: int, problems: list[Problem]) -> int:
    text = str(raw.get(flag, default))
    if not text.isdecimal() or len(text) > _MAX_DIGITS or int(text) < lowest:
        problems.append(_wrong(flag, f"should be a whole number from {lowest}, not `{text}`."))
        return default
    return int(text)


def _file(raw: Mapping[str, Any], flag: str, cwd: Path, problems: list[Problem]) -> Path | None:
    if flag not in raw:
        return None
    path: Path = cwd / raw[flag]
    if not is_file(path):
        instead = no_file(path)
        problems.append(_wrong(flag, f"`{raw[flag]}` {instead}." if instead else f"file `{raw[flag]}` not found."))
    return path
