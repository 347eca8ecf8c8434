# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the frames of a results folder again: by new thresholds, or by a person's word. No picture, no Blender.

Only manifests change, each replaced whole, and only where what they say has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.config.gate import GateConfig
from ..core.errors import InputError, Problem
from ..core.files import write_json
from ..core.gate.decisions import Decision, apply_decision, final_verdict
from ..core.gate.judge import regate
from ..core.gate.types import Level
from ..core.layout import ResultsLayout
from ..report.collect import collect

Manifest = Mapping[str, Any]


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


def regate_folder(layout: ResultsLayout, gate: GateConfig, write: bool = True) -> Judged:
    """Judge all frames by their stored numbers under `gate`. write: False only tells what would change.

    Raises InputError where there is no frame at all.
    """

    def judged(manifest: Manifest) -> Manifest:
        if manifest["status"] != "done":
            return manifest  # never rendered: the reasons that are stored are all there is
        return {**manifest, **regate(manifest, gate).to_json()}

    return _over_all(layout, judged, write)


def decide_folder(layout: ResultsLayout, decisions: Mapping[str, Decision], write: bool = True) -> Judged:
    """Store a person's decisions (by video id) in the manifests; the machine's verdicts stay.

    Raises InputError where there is no frame at all. A decision on a frame that is not there is a problem.
    """
    known: set[str] = set()

    def decided(manifest: Manifest) -> Manifest:
        video_id = str(manifest["video_id"])
        known.add(video_id)
        decision = decisions.get(video_id)
        return manifest if decision is None else apply_decision(manifest, decision)

    judged = _over_all(layout, decided, write)
    unknown = tuple(f"there is no frame {video_id}" for video_id in sorted(set(decisions) - known))
    return Judged(judged.changes, judged.counts, (*judged.problems, *unknown))


def _over_all(layout: ResultsLayout, change: Callable[[Manifest], Manifest], write: bool) -> Judged:
    found = collect(layout.results_dir)
    if not found.manifests and not found.problems:
        raise InputError(Problem(f"there are no frames in {layout.results_dir}.", "Render some first."))
    changes: list[Change] = []
    counts: dict[Level, int] = {"pass": 0, "warn": 0, "fail": 0}
    problems = list(found.problems)
    for path, old in zip(found.paths, found.manifests, strict=True):
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
    return Judged(tuple(changes), counts, tuple(problems))


def _change(video_id: str, old: Manifest, new: Manifest) -> Change:
    decision = str((new.get("human") or {}).get("decision", ""))
    return Change(video_id, final_verdict(old), final_verdict(new), tuple(new["reasons"]), decision)
