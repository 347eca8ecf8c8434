# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a texture lies that is not where its mesh file says: as other tools look for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

BESIDE = ("", "textures", "texture", "tex", "maps", "images", "materials", "materials/textures")
"""Folders that are looked into, in the mesh file's own folder and in the one above."""
MOST_BELOW = 20_000  # entries of a folder's tree that are looked at


def parts_of(named: str) -> list[str]:
    """Folders and name of a path that any system may have written."""
    return [part for part in re.split(r"[\\/]+", named.strip().strip('"')) if part not in ("", ".")]


def alike(name: str) -> str:
    """The same for names that differ in the case of letters, or in how an accent is stored (macOS takes it apart)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def places(folder: Path) -> list[Path]:
    """Folders that a texture of a mesh file in `folder` may lie in, best first."""
    return [base / sub if sub else base for base in (folder, folder.parent) for sub in BESIDE]


def find_texture(named: str, folder: Path) -> Path | None:
    """The file meant by `named` in a mesh file in `folder`; None where there is none.

    As written first, whatever the letters' case; then the end of the path, then the name alone, in `places`; then
    the name anywhere below the folder.
    """
    parts = parts_of(named)
    if not parts:
        return None
    for tail in (parts, *(parts[-count:] for count in range(min(len(parts) - 1, 3), 1, -1))):
        for base in (folder, folder.parent):
            found = _walk(base, tail)
            if found is not None:
                return found
    for place in places(folder):
        found = _walk(place, parts[-1:])
        if found is not None:
            return found
    return next((p for p in _below(folder) if alike(p.name) == alike(parts[-1])), None)


def _walk(base: Path, parts: list[str]) -> Path | None:
    """The file `parts` below `base`, letters of any case."""
    at = base
    for part in parts:
        if part == "..":
            at = at.parent
            continue
        exact = at / part
        if exact.exists():
            at = exact
            continue
        try:
            found = sorted(p for p in at.iterdir() if alike(p.name) == alike(part))
        except OSError:
            return None
        if not found:
            return None
        at = found[0]
    return at if at.is_file() else None


def _below(folder: Path) -> Iterator[Path]:
    for count, path in enumerate(sorted_tree(folder)):
        if count > MOST_BELOW:
            return
        if path.is_file():
            yield path


def sorted_tree(folder: Path) -> Iterator[Path]:
    """All below a folder, each folder's entries in order."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        yield entry
        if entry.is_dir() and not entry.is_symlink():
            yield from sorted_tree(entry)
