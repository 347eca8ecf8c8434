# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the frames of a results folder again: by new thresholds, or by a person's word. No picture, no Blender.

Only manifests change, each replaced whole, and only where what they say has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from ..core.config.gate import GateConfig
from ..core.gate.decisions import Decision, apply_decision
from ..core.gate.judge import regate
from ..core.layout import ResultsLayout, VideoId
from .records.decisions import Judged, Manifest, change_frames


def regate_folder(
    layout: ResultsLayout, gate: GateConfig, write: bool = True, frames: Iterable[VideoId] | None = None
) -> Judged:
    """Judge all frames, or those of `frames` that are there, by their stored numbers under `gate`. write: False only reports
    what would change.

    Raises InputError where all frames are meant and there is none.
    """
    return change_frames(layout, partial(_judged, gate), write, frames)


def _judged(gate: GateConfig, manifest: Manifest) -> Manifest:
    if manifest["status"] != "done":
        return manifest  # never rendered: the reasons that are stored are all there is
    return {**manifest, **regate(manifest, gate).to_json()}


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

    judged = change_frames(layout, decided, write)
    unknown = tuple(f"there is no frame {video_id}" for video_id in sorted(set(decisions) - known))
    return Judged(judged.changes, judged.counts, (*judged.problems, *unknown))
