# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a run: flags that are no configuration keys, turned from text into what `Request` holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem
from .find import Places


def _wrong(flag: str, message: str, fix: str = "") -> Problem:
    return Problem(message, fix, file=f"command line --{flag}")


def _count(raw: Mapping[str, Any], flag: str, default: int, lowest: int, problems: list[Problem]) -> int:
    text = str(raw.get(flag, default))
    if not text.isdecimal() or int(text) < lowest:
        problems.append(_wrong(flag, f"should be a whole number from {lowest}, not `{text}`."))
        return default
    return int(text)


def _shards(raw: Mapping[str, Any], problems: list[Problem]) -> dict[str, int]:
    before = len(problems)
    chunks = _count(raw, "num_job_chunks", 1, 1, problems)
    index = _count(raw, "job_chunk_idx", 0, 0, problems)
    if len(problems) == before and index >= chunks:
        fix = f"With --num_job_chunks {chunks} it runs from 0 to {chunks - 1}."
        problems.append(_wrong("job_chunk_idx", f"is {index}, but there are only {chunks} chunks.", fix))
    return {"num_job_chunks": chunks, "job_chunk_idx": index}


def _data_dirs(raw: Mapping[str, Any], places: Places, problems: list[Problem]) -> tuple[Path, ...]:
    given = [places.cwd / text for text in raw.get("data_dir", ())]
    for path in given:
        if not path.is_dir():
            problems.append(_wrong("data_dir", f"folder `{places.shown(path)}` not found."))
    return tuple(dict.fromkeys([*given, places.cwd / "data", places.project_root / "data"]))


def run_options(raw: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Fields of `Request` by name. raw: flags as given. Raises InputError with all faults."""
    problems: list[Problem] = []
    options: dict[str, Any] = dict(raw)
    options |= _shards(raw, problems)
    options.pop("data_dir", None)
    options.pop("config", None)
    options["data_dirs"] = _data_dirs(raw, places, problems)
    for flag in ("env_file", "decisions"):
        if flag in raw:
            options[flag] = places.cwd / raw[flag]
            if not options[flag].is_file():
                problems.append(_wrong(flag, f"file `{raw[flag]}` not found."))
    if problems:
        raise InputError(problems)
    return options
