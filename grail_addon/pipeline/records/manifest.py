# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests: one JSON for each item, with all that is needed to trust, repeat or resume it (docs/file-formats.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ...core.plan.items import Item, ObjectJob
from ...core.settle.rest import RestPose
from ...core.settle.result import SettleResult
from ...steps.port import FrameResult

SCHEMA = 1


def timestamp(seconds: float) -> str:
    """ISO 8601 in UTC of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _head(item: Item, status: str, versions: Mapping[str, str], now: float) -> dict[str, Any]:
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "step": item.step,
        "status": status,
        "dataset": item.obj.dataset,
        "category": item.obj.category,
        "fingerprint": item.fingerprint,
        "plan_inputs": item.inputs,
        "versions": versions,
        "time": timestamp(now),
    }
    if item.vid is not None:
        head |= {
            "video_id": str(item.vid),
            "character": item.vid.character,
            "scene": item.vid.scene,
            "seed": item.vid.seed,
            "kind": item.vid.kind,
        }
    return head


def failed_manifest(
    item: Item, job: ObjectJob, reasons: Sequence[str], versions: Mapping[str, str], now: float
) -> dict[str, Any]:
    """Manifest of an item that could not be made."""
    return {
        **_head(item, "failed", versions, now),
        "task": job.task,
        "verdict": "fail",
        "reasons": list(reasons),
        "files": {},
        "measurements": [],
    }


def settle_manifest(
    item: Item,
    result: SettleResult,
    files: Mapping[str, Mapping[str, str]],
    versions: Mapping[str, str],
    notes: Sequence[str],
    seconds: float,
    now: float,
) -> dict[str, Any]:
    """Manifest of a settled object."""
    return {
        **_head(item, "done", versions, now),
        "verdict": "pass" if result.usable else "fail",
        "source": result.source,
        "reasons": list(result.reasons),
        "notes": list(notes),
        "files": files,
        "timings": {"total": round(seconds, 3)},
    }


def probe_manifest(
    item: Item,
    record: Mapping[str, Any],
    files: Mapping[str, Mapping[str, str]],
    versions: Mapping[str, str],
    seconds: float,
    now: float,
) -> dict[str, Any]:
    """Manifest of a probed scale; record: content of obj_scale.json.

    A scale that is unknown because questions failed counts as failed, so that a later run asks again.
    """
    unknown = record["outcome"] == "unknown"
    history = record["search_history"]
    unanswered = unknown and (not history or history[-1]["response"] == "failed")
    return {
        **_head(item, "failed" if unanswered else "done", versions, now),
        "verdict": "warn" if record["warnings"] else "pass",
        "reasons": list(record["warnings"]),
        "scale": dict(record),
        "files": files,
        "timings": {"total": round(seconds, 3)},
    }


def frame_manifest(
    item: Item,
    job: ObjectJob,
    frame: FrameResult,
    *,
    rest: RestPose,
    inputs: Mapping[str, Mapping[str, str]],
    files: Mapping[str, Mapping[str, str]],
    versions: Mapping[str, str],
    settle_file: str | None,
    now: float,
) -> dict[str, Any]:
    """Manifest of a conditioning frame. inputs, files: role -> path and SHA-256; settle_file: below the results folder."""
    settle = {**rest.verdict, "file": settle_file} if rest.verdict is not None else None
    verdict = frame.verdict
    return {
        **_head(item, "done", versions, now),
        "task": job.task,
        "frame_size": [job.settings.render_width, job.settings.render_height],
        "inputs": inputs,
        "parameters": frame.parameters,
        "attempt": int(frame.parameters["camera_attempt"]) + 1,
        "render": frame.render,
        "timings": {name: round(seconds, 4) for name, seconds in frame.timings.items()},
        "files": files,
        "settle": settle,
        "scale": dict(job.probed or {"obj_scale": list(job.settings.obj_scale)}),
        "proof": frame.proof,
        "measurements": [check.to_json() for check in verdict.checks],
        "overlay": verdict.overlay,
        "verdict": verdict.verdict,
        "reasons": list(verdict.reasons),
    }
