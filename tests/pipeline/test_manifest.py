# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests hold what docs/file-formats.md promises, survive JSON, and can be judged again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grail_addon.core.config.gate import GateConfig
from grail_addon.core.fingerprint import fingerprint
from grail_addon.core.gate.judge import judge, regate
from grail_addon.core.gate.types import Measurement
from grail_addon.core.mesh import MeshData
from grail_addon.core.plan.items import ObjectJob
from grail_addon.core.settle.rest import RestPose, as_configured, settled
from grail_addon.pipeline.records.manifest import failed_manifest, frame_manifest, settle_manifest, timestamp
from grail_addon.steps.port import FrameResult
from tests.plan_project import job_of, make_project
from tests.settle_samples import settle_result

ROOT = Path(__file__).resolve().parents[2]
FILES = {"frame": {"path": "generation/asset_renders/a.png", "sha256": "0" * 64}}
VERSIONS = {"blender": "5.0.1"}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> ObjectJob:
    return job_of(make_project(tmp_path_factory.mktemp("project")))


def of_frame(job: ObjectJob, rest: RestPose) -> dict[str, Any]:
    found = [Measurement("object_area_px", 5000.0, "px2"), Measurement("object_px", None, "px", "not seen")]
    manifest = frame_manifest(
        job.renders[1],
        job,
        FrameResult(
            verdict=judge(found, GateConfig(), job.task, (640, 360), {"horizon_px": None}),
            files={"frame": Path("a.png")},
            parameters={"camera": {"azimuth_deg": -61.5}, "camera_attempt": 2, "placement_attempt": 0},
            proof={"proved": True},
            render={"samples": 8},
            timings={"total": 1.23456789},
        ),
        rest=rest,
        inputs={"object": {"path": "model.obj", "sha256": "1" * 64}},
        files=FILES,
        versions=VERSIONS,
        settle_file="generation/initial_states/Things/mug/initial_state.json",
        now=1767225600.9,
    )
    data: dict[str, Any] = json.loads(json.dumps(manifest, allow_nan=False))
    return data


def documented() -> tuple[set[str], set[str]]:
    """Keys of a frame manifest by docs/file-formats.md: those that must be there, and those that may."""
    text = (ROOT / "docs" / "file-formats.md").read_text(encoding="utf-8")
    table = text.split("## Frame manifest", 1)[1].split("\n\n", 3)[2]
    must, may = set[str](), set[str]()
    for line in table.splitlines()[2:]:
        names, kind = line.split("|")[1:3]
        (may if "(optional)" in kind else must).update(re.findall(r"`(\w+)`", names))
    assert len(must) > 15 and len(may) > 3
    return must, may


def test_a_frames_manifest_has_what_is_documented(job: ObjectJob) -> None:
    manifest = of_frame(job, settled(settle_result()))
    must, _ = documented()
    assert must <= set(manifest)
    item = job.renders[1]
    assert manifest["fingerprint"] == item.fingerprint == fingerprint(manifest["plan_inputs"])
    assert (manifest["schema"], manifest["step"], manifest["status"]) == (1, "render", "done")
    assert manifest["video_id"] == "Things/mug/kid_stage_rand00002" == str(item.vid)
    parts = ("dataset", "category", "character", "scene", "seed", "kind")
    assert [manifest[p] for p in parts] == ["Things", "mug", "kid", "stage", 2, "rand"]
    assert manifest["frame_size"] == [640, 360] and manifest["attempt"] == 3 and manifest["task"] == "manipulation"
    assert manifest["timings"] == {"total": 1.2346} and manifest["time"] == "2026-01-01T00:00:00Z"
    assert manifest["scale"]["obj_scale"] == [2, 2, 2] and manifest["files"] == FILES
    assert manifest["settle"]["confidence"] == 0.875 and manifest["settle"]["file"].endswith("initial_state.json")
    assert len(json.dumps(manifest["settle"])) < 1500, "the trajectory stays in its own file"


def test_an_object_that_was_not_settled(job: ObjectJob) -> None:
    mesh = MeshData(np.eye(3), np.array([[0, 1, 2]], dtype=np.int32))
    assert of_frame(job, as_configured(mesh, (1, 1, 1), (0, 0, 0)))["settle"] is None


def test_a_frames_manifest_can_be_judged_again(job: ObjectJob) -> None:
    manifest = of_frame(job, settled(settle_result()))
    again = regate(manifest, GateConfig())
    assert again.verdict == manifest["verdict"] and list(again.reasons) == manifest["reasons"]
    assert [c.name for c in again.checks] == ["object_area_px", "object_px"]


def test_a_failed_frame(job: ObjectJob) -> None:
    manifest = json.loads(json.dumps(failed_manifest(job.renders[0], job, ["no room."], VERSIONS, 0.0)))
    assert (manifest["status"], manifest["verdict"], manifest["reasons"]) == ("failed", "fail", ["no room."])
    assert manifest["files"] == {} and manifest["measurements"] == [] and manifest["task"] == "manipulation"
    assert manifest["fingerprint"] == job.renders[0].fingerprint and manifest["time"] == "1970-01-01T00:00:00Z"
    assert regate(manifest, GateConfig()).verdict == "fail"


@pytest.mark.parametrize(("result", "verdict"), [(settle_result(), "pass"), (settle_result(stable=False), "fail")])
def test_a_settled_object(job: ObjectJob, result: Any, verdict: str) -> None:
    assert job.settle is not None
    manifest = json.loads(
        json.dumps(settle_manifest(job.settle, result, FILES, VERSIONS, ["a note"], 0.12345, 86400.0))
    )
    assert (manifest["step"], manifest["status"], manifest["verdict"]) == ("settle", "done", verdict)
    assert manifest["fingerprint"] == fingerprint(manifest["plan_inputs"]) == job.settle.fingerprint
    assert "video_id" not in manifest and manifest["notes"] == ["a note"] and manifest["timings"] == {"total": 0.123}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1970-01-01T00:00:00Z"), (1767225599.999, "2025-12-31T23:59:59Z"), (951782400, "2000-02-29T00:00:00Z")],
)
def test_timestamps_are_utc(seconds: float, text: str) -> None:
    assert timestamp(seconds) == text
