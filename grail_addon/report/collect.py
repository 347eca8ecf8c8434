# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a results folder for the report: the frame manifests and the files that they name.

What cannot be read is listed on the page instead of stopping it: a report is most wanted when something is broken.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.layout import ResultsLayout, VideoId

_NEEDED = ("video_id", "dataset", "category", "task", "status", "verdict", "reasons", "files", "measurements")


@dataclass(frozen=True)
class ManifestFile:
    """A file that may hold a frame manifest. name: path below the folder of manifests without the suffix, which is the
    frame's id; stat: size, time in ns and inode."""

    name: str
    path: Path
    stat: tuple[int, int, int]


@dataclass(frozen=True)
class Collected:
    """manifests: as on disk, ordered by video id. problems: a sentence for each manifest that could not be used.

    paths: the manifests' own files, in their order.
    """

    manifests: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    paths: tuple[Path, ...]


def manifest_files(results_dir: Path) -> list[ManifestFile]:
    """All JSON files where manifests are, by name; none is read."""
    root = ResultsLayout(results_dir).generation / "manifests"
    found: list[ManifestFile] = []
    folders = [root]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders.append(Path(entry.path))
                    elif entry.name.endswith(".json"):
                        found.append(_manifest_file(root, Path(entry.path), entry.stat()))
        except FileNotFoundError:
            continue  # a folder or file that went away meanwhile
    return sorted(found, key=lambda file: file.name)


def manifest_files_of(results_dir: Path, frames: Iterable[VideoId]) -> list[ManifestFile]:
    """Those of `frames` that are there, by name; none is read."""
    layout, found = ResultsLayout(results_dir), []
    for path in map(layout.manifest, frames):
        with suppress(FileNotFoundError):
            found.append(_manifest_file(layout.generation / "manifests", path, path.stat()))
    return sorted(found, key=lambda file: file.name)


def _manifest_file(root: Path, path: Path, stat: os.stat_result) -> ManifestFile:
    name = path.relative_to(root).with_suffix("").as_posix()
    return ManifestFile(name, path, (stat.st_size, stat.st_mtime_ns, stat.st_ino))


def collect(results_dir: Path, files: Sequence[ManifestFile]) -> Collected:
    """The frame manifests among `files`; those of other steps are passed over."""
    found: list[tuple[str, Path, dict[str, Any]]] = []
    problems: list[str] = []
    for path, data in _read(results_dir, files):
        if isinstance(data, str):
            problems.append(data)
        else:
            found.append((str(data["video_id"]), path, data))
    found.sort(key=lambda entry: entry[:2])
    return Collected(tuple(m for _, _, m in found), tuple(problems), tuple(p for _, p, _ in found))


def _read(results_dir: Path, files: Sequence[ManifestFile]) -> Iterator[tuple[Path, dict[str, Any] | str]]:
    """Each frame manifest, or a sentence about one that cannot be used."""
    for file in files:
        name = file.path.relative_to(results_dir).as_posix()
        try:
            data = json.loads(file.path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            yield file.path, f"{name} cannot be read: {error}"
            continue
        if not isinstance(data, dict) or data.get("step") != "render":
            continue
        missing = [key for key in _NEEDED if key not in data]
        yield file.path, f"{name} lacks {', '.join(missing)}" if missing else data


def role_file(manifest: dict[str, Any], role: str, results_dir: Path) -> Path | None:
    """The file of that role, None where the manifest names none or it is not there."""
    entry = manifest["files"].get(role)
    path = results_dir / entry["path"] if entry else None
    return path if path is not None and path.is_file() else None


def json_of(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file, None where there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None
