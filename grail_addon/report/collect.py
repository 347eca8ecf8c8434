# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a results folder for the report: the frame manifests and the files that they name.

What cannot be read is listed on the page instead of stopping it: a report is most wanted when something is broken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.layout import ResultsLayout

_NEEDED = ("video_id", "dataset", "category", "task", "status", "verdict", "reasons", "files", "measurements")


@dataclass(frozen=True)
class Collected:
    """manifests: as on disk, ordered by video id. problems: a sentence for each manifest that could not be used.

    paths: the manifests' own files, in their order.
    """

    manifests: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    paths: tuple[Path, ...]


def collect(results_dir: Path) -> Collected:
    """All frame manifests under `results_dir`; those of other steps are passed over."""
    folder = ResultsLayout(results_dir).generation / "manifests"
    found: list[tuple[str, Path, dict[str, Any]]] = []
    problems: list[str] = []
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(results_dir).as_posix()
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problems.append(f"{name} cannot be read: {error}")
            continue
        if not isinstance(data, dict) or data.get("step") != "render":
            continue
        missing = [key for key in _NEEDED if key not in data]
        if missing:
            problems.append(f"{name} lacks {', '.join(missing)}")
        else:
            found.append((str(data["video_id"]), path, data))
    found.sort(key=lambda entry: entry[:2])
    return Collected(tuple(m for _, _, m in found), tuple(problems), tuple(p for _, p, _ in found))


def file_of(manifest: dict[str, Any], role: str, results_dir: Path) -> Path | None:
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
