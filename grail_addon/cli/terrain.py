# SPDX-License-Identifier: GPL-3.0-or-later
"""`--make_terrain stairs|curb|slope --num N --output_dir DIR`: makes terrain and the object config that runs it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.config.check import suggest
from ..core.errors import InputError, Problem, UserError
from ..core.terrain.draw import KINDS, Kind
from ..core.terrain.write import make_terrain
from ..core.yaml_text import parse_yaml

OBJECT_CONFIG = "objects.yaml"
"""What `make_terrain` writes beside the instances."""
_FOLDERS: Mapping[Kind, str] = {"stairs": "SynStairs", "curb": "Curbs", "slope": "Slopes"}


@dataclass(frozen=True)
class TerrainRequest:
    """What to make: instances 1 to `count` of a kind, below `folder`."""

    kind: Kind
    count: int
    folder: Path


def terrain_request(raw: Mapping[str, Any], cwd: Path, problems: list[Problem]) -> TerrainRequest | None:
    """What the given flags ask for, None where they do not ask. What is wrong is added to `problems`."""

    def wrong(flag: str, message: str, fix: str = "") -> None:
        problems.append(Problem(message, fix, file=f"command line --{flag}"))

    if "make_terrain" not in raw:
        for flag in ("num", "output_dir"):
            if flag in raw:
                wrong(flag, "goes with --make_terrain.")
        return None
    text, number = str(raw["make_terrain"]), str(raw.get("num", 5))
    kind = next((k for k in KINDS if k == text), None)
    if kind is None:
        wrong("make_terrain", f"there is no terrain `{text}`.", suggest(text, KINDS) or f"Kinds: {', '.join(KINDS)}.")
    if not number.isdecimal() or not 1 <= int(number) <= 9999:
        wrong("num", f"should be a whole number from 1 to 9999, not `{number}`.")
    if kind is None or not number.isdecimal():
        return None
    folder = cwd / raw.get("output_dir", Path("data") / _FOLDERS[kind])
    if folder.exists() and not folder.is_dir():
        wrong("output_dir", f"`{folder}` is a file.", "Name a folder.")
    return TerrainRequest(kind, int(number), folder)


def terrain_text(wanted: TerrainRequest, seed: int, cwd: Path) -> str:
    """Make it; returns a text for the user, with the command that renders it.

    Raises InputError where the folder cannot be written, or its object config runs other things.
    """
    _spare_others(wanted)
    try:
        *folders, config = make_terrain(wanted.kind, wanted.count, wanted.folder, seed)
    except OSError as error:
        sentence = f"cannot write to {wanted.folder}: {error.strerror}."
        raise InputError(Problem(sentence, file="command line --output_dir")) from error
    run = ["run_batch.py", "--", "--config", "terrain_stairs.yaml", "--object_config", str(config)]
    if wanted.folder.parent != cwd / "data":
        run += ["--data_dir", str(wanted.folder.parent)]
    return "".join(f"{folder}\n" for folder in folders) + f"{config}\nRender it: {shlex.join(run)}\n"


def _spare_others(wanted: TerrainRequest) -> None:
    """Raises InputError where an object config is there already that runs other things than this kind."""
    config = wanted.folder / OBJECT_CONFIG
    if not config.is_file():
        return
    try:
        there, _ = parse_yaml(config.read_text(encoding="utf-8"))
        objects = there.get("objects") if isinstance(there, dict) else None
        others = [str(name) for name in objects or () if not str(name).startswith(f"{wanted.kind}_")]
        does = "runs " + ", ".join(others[:3]) + (" ..." if others[3:] else "") if others else ""
    except (OSError, ValueError, UserError):
        does = "cannot be read"
    if does:
        sentence = f"{config} {does} and would be written over."
        raise InputError(Problem(sentence, "Name another folder.", file="command line --output_dir"))
