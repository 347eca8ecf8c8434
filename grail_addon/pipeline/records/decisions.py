# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions files, and changes to the manifests of frames that are there: what a person decided and what was bought stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import InputError, Problem
from ...core.files import read_json, write_json
from ...core.gate.decisions import Decision, final_verdict, parse_decisions
from ...core.gate.picture_hash import picture_hash
from ...core.gate.types import Level
from ...core.layout import ResultsLayout, VideoId
from ...report.collect import collect, manifest_files, manifest_files_of
from ...report.pieces import cut

Manifest = Mapping[str, Any]

BOUGHT = ("prompt", "video", "cost")
"""Manifest keys that step 4 writes."""


@dataclass(frozen=True)
class Change:
    """A frame whose manifest changed. before, after: what counts (a person's word wins); reasons: the machine's."""

    video_id: str
    before: Level
    after: Level
    reasons: tuple[str, ...]
    decision: str


@dataclass(frozen=True)
class Judged:
    """changes: frames whose manifests changed. counts: what counts now -> frames. problems: what could not be done."""

    changes: tuple[Change, ...]
    counts: Mapping[Level, int]
    problems: tuple[str, ...]


def read_decisions(path: Path) -> dict[str, Decision]:
    """Video id -> decision, of a decisions file (docs/file-formats.md). Raises InputError, with one problem for each thing that is wrong with the file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(Problem("the decisions file cannot be read", file=str(path), detail=str(error))) from error
    except ValueError as error:
        raise InputError(Problem(f"this is no JSON file: {error}", file=str(path))) from error
    return parse_decisions(data, str(path))


def write_keeping_decision(path: Path, manifest: Mapping[str, Any], picture: Path | None = None) -> None:
    """Write a frame's manifest over the one before. picture: the frame that was just made; None: none was made.

    What a person decided stays while the fingerprint is the same: then the picture is the one that was looked at. What
    was bought stays while the pixels, too, are those that it was bought for.
    """
    kept: dict[str, Any] = {}
    try:
        before = read_json(path)
        same = before if before.get("fingerprint") == manifest["fingerprint"] else {}
        if same.get("human"):
            kept["human"] = same["human"]
        bought_for = (same.get("video") or {}).get("picture")
        if bought_for and (picture is None or picture_hash(picture) == bought_for):
            kept |= {key: same[key] for key in BOUGHT if key in same}
    except (OSError, ValueError, AttributeError):
        pass  # what cannot be read or compared is not kept
    write_json(path, {**manifest, **kept})


def change_frames(
    layout: ResultsLayout,
    change: Callable[[Manifest], Manifest],
    write: bool = True,
    frames: Iterable[VideoId] | None = None,
) -> Judged:
    """Put `change` over the manifests of all frames, or of those of `frames` that are there, and write those that it changed.
    write: False only reports what would change. `change` may raise KeyError, TypeError or ValueError for a damaged manifest,
    which becomes a problem.

    Raises InputError where all frames are meant and there is none.
    """
    changes: list[Change] = []
    counts: dict[Level, int] = {"pass": 0, "warn": 0, "fail": 0}
    problems: list[str] = []
    for path, old in _frames(layout, frames, problems):
        video_id = str(old["video_id"])
        try:
            new = change(old)
            verdict = final_verdict(new)
            if new != old:
                if write:
                    write_json(path, new)
                changes.append(_change(video_id, old, new))
        except (KeyError, TypeError, ValueError) as error:
            problems.append(f"{video_id} cannot be judged, its manifest is damaged ({type(error).__name__}: {error})")
            continue
        except OSError as error:
            problems.append(f"{video_id}: its manifest cannot be written: {error.strerror}")
            continue
        counts[verdict] += 1
    if frames is None and not any(counts.values()) and not problems:
        raise InputError(Problem(f"there are no frames in {layout.results_dir}.", "Render some first."))
    return Judged(tuple(changes), counts, tuple(problems))


def _frames(
    layout: ResultsLayout, frames: Iterable[VideoId] | None, problems: list[str]
) -> Iterator[tuple[Path, Manifest]]:
    """The frames' manifests, a few hundred in memory at a time; what cannot be read goes to `problems`."""
    folder = layout.results_dir
    for piece in cut(manifest_files(folder) if frames is None else manifest_files_of(folder, frames)):
        found = collect(layout.results_dir, piece.files)
        problems += found.problems
        yield from zip(found.paths, found.manifests, strict=True)


def _change(video_id: str, old: Manifest, new: Manifest) -> Change:
    decision = str((new.get("human") or {}).get("decision", ""))
    return Change(video_id, final_verdict(old), final_verdict(new), tuple(new["reasons"]), decision)
