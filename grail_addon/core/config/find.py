# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds configuration files, and names paths in messages the way the user would write them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..paths import is_dir, is_file, no_file
from .check import suggest

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Places:
    """Where things are, all absolute. cwd: the caller's working directory; project_root: the folder with `configs/`;
    relative paths start in them. data_dirs: searched for assets before `data/` of both. env_file: holds keys."""

    cwd: Path
    project_root: Path
    data_dirs: tuple[Path, ...] = ()
    env_file: Path | None = None

    def shown(self, path: Path) -> str:
        """`path` relative to the working directory or the project where it lies inside, else as it is."""
        for root in (self.cwd, self.project_root):
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return path.as_posix()


def find_file(text: str, folders: Sequence[Path]) -> Path | None:
    """The first file called `text` (an absolute path, or relative to one of `folders`), with or without .yaml."""
    for folder in folders:
        path = folder / text
        if not path.name:  # the root folder
            continue
        for candidate in (path, *(path.with_name(path.name + s) for s in SUFFIXES)):
            if is_file(candidate):
                return candidate
    return None


def not_found(text: str, folders: Iterable[Path], places: Places) -> tuple[str, str]:
    """(message, fix) for a file that is nowhere: where it was looked for, and files that are called similarly."""
    seen = list(dict.fromkeys(folders))
    looked = ", ".join("." if (name := places.shown(folder)) == "." else f"{name}/" for folder in seen)
    wanted = Path(text)
    present = []
    for folder in seen:
        parent = (folder / text).parent
        if is_dir(parent) and os.access(parent, os.R_OK):
            present += [p.stem for p in sorted(parent.iterdir()) if p.suffix in SUFFIXES]
    instead = next(filter(None, (no_file(folder / text) for folder in seen if text)), "")
    if instead:
        return f"`{text}` {instead}.", ""
    where = "" if wanted.is_absolute() else f"; looked in {looked}"
    return f"file `{text}` not found{where}.", suggest(wanted.stem, present)
