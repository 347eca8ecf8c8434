# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that an item's assets brought with them, wherever they lie: textures in sibling or linked folders, materials,
layers, linked libraries. The importer says which; they stand in the item's manifest and are compared with the disk.

A plan that knew them beforehand would have to read every format; one that made the item before need not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

OpenedFiles = Mapping[str, Iterable[Path]]
"""Role of an asset (`object`, `character`, `scene`, `static board`) -> files it brought, also those that were looked for
and not found."""

Opened = Mapping[str, Mapping[str, str]]
"""As a manifest has it: role -> path seen from the asset's folder -> SHA-256, empty for a file that was not there."""

LOOKS = frozenset(
    {".mtl", ".png", ".jpg", ".jpeg", ".tga", ".tif", ".tiff", ".exr", ".webp", ".bmp", ".hdr", ".dds", ".ktx2"}
)
"""Suffixes of files that change how a thing looks and not its shape."""


def shapes_alone(files: OpenedFiles) -> OpenedFiles:
    """Those that a settled pose depends on: no materials and pictures, and nothing of the character."""
    return {
        role: [path for path in paths if path.suffix.lower() not in LOOKS]
        for role, paths in files.items()
        if role != "character"
    }


def opened_entries(
    files: OpenedFiles, sources: Mapping[str, Path], hasher: Callable[[Path], str]
) -> dict[str, dict[str, str]]:
    """What a manifest lists. sources: role -> the asset's own file, which is in the fingerprint and not listed."""
    known = {_whole(path) for path in sources.values()}
    entries: dict[str, dict[str, str]] = {}
    for role, paths in files.items():
        others = {_whole(path) for path in paths} - known
        if role in sources and others:
            folder = sources[role].parent
            entries[role] = {_seen_from(path, folder): _hash(Path(path), hasher) for path in sorted(others)}
    return entries


def changed_since(entries: Any, sources: Mapping[str, Path], hasher: Callable[[Path], str]) -> str:
    """What an asset brings that is other than in a manifest, as part of a sentence; nothing where all is as it was."""
    for role, files in (entries or {}).items():
        if role not in sources:  # then the fingerprint says so, too
            continue
        for name, before in files.items():
            now = _hash(sources[role].parent / name, hasher)
            if now != before:
                said = "is missing" if not now else "was changed since" if before else "is there now"
                return f"{name} of {role} {said}"
    return ""


def _whole(path: Path) -> str:
    """Absolute, without `..`; links stay, as what they lead to may change."""
    return os.path.normpath(Path.cwd() / path)


def _seen_from(path: str, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, _whole(folder))).as_posix()
    except ValueError:  # on another drive
        return Path(path).as_posix()


def _hash(path: Path, hasher: Callable[[Path], str]) -> str:
    try:
        return hasher(path) if path.is_file() else ""
    except OSError:
        return ""
