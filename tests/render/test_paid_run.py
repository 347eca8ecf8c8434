# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of the command line with paid steps in the real stage, over real HTTP to the sandbox."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grail_addon.cli import main as cli
from grail_addon.core.files import read_json
from grail_addon.core.gate.picture_hash import picture_hash
from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault, SandboxOptions, SandboxState
from tests.render.conftest import Project
from tests.render.runs import ROOT

pytestmark = [pytest.mark.bpy, pytest.mark.slow]

API_KEY = "api-key-kling-planted-0123456789abcdef"
ACCESS, SECRET = "planted-access-0123456789", "planted-secret-0123456789-abcdefghijklmn"
OPENAI = "sk-planted-openai-0123456789"
PLANTED = {"KLING_API_KEY": API_KEY, "KLING_ACCESS_KEY": ACCESS, "KLING_SECRET_KEY": SECRET, "OPENAI_API_KEY": OPENAI}
MUG = ObjectId("Test", "mug")
FRAME = VideoId(MUG, "dummy", "mini", 1)
CONFIGURED = 2.0


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    options = SandboxOptions(
        api_keys={API_KEY}, key_pairs={ACCESS: SECRET}, openai_keys={OPENAI}, slots=5, queue_seconds=0.0,
        work_seconds=0.0, movie=MovieOptions(shrink=8),
    )  # fmt: skip
    with SandboxServer(SandboxState(options)) as server:
        yield server


class PaidRun:
    """The small project with its block as a mug, 0.1 m long before scaling, in the same Blender for all runs."""

    def __init__(self, project: Project, sandbox: SandboxServer) -> None:
        self.project, self.sandbox = project, sandbox
        self.layout = ResultsLayout(project.results)
        files = (project.root / "Test").resolve()
        (project.root / "Test").unlink()
        (project.root / "Test" / "mug").mkdir(parents=True)
        (project.root / "Test" / "mug" / "model.obj").write_bytes((files / "block" / "model.obj").read_bytes())
        objects = project.root / "objects.yaml"
        objects.unlink()
        objects.write_text(f"dataset: Test\nobjects:\n  mug: {{obj_scale: {CONFIGURED}, scene: mini}}\n")

    def judge(self, *answers: str) -> None:
        """Both views of each question get the same answer."""
        scripts = [{"answer": {"answer": text, "confidence": 0.9, "reason": "r"}} for text in answers for _ in range(2)]
        self.sandbox.state.judge["SizeJudgement"] = scripts

    def run(self, *more: str) -> list[dict[str, Any]]:
        """Events of a run that ends well."""
        log = self.project.root / "events.jsonl"
        log.unlink(missing_ok=True)
        argv = self.project.argv("--category", "mug", "--num_rand_scenes", "1", "--log_json", str(log), *more)
        code = cli.main(argv, ROOT)
        events = [json.loads(line) for line in log.read_text().splitlines()]
        assert code == 0, [e for e in events if e["kind"] == "fail"]
        return events

    def steps(self, events: list[dict[str, Any]], kind: str) -> list[str]:
        return [e["step"] for e in events if e["kind"] == kind]

    @property
    def record(self) -> dict[str, Any]:
        data: dict[str, Any] = read_json(self.layout.obj_scale(MUG))
        return data

    @property
    def manifest(self) -> dict[str, Any]:
        data: dict[str, Any] = read_json(self.layout.manifest(FRAME))
        return data

    def made_with(self, scale: float) -> None:
        """Settled and rendered at this scale: the planned inputs, the state, and the object's files."""
        settled = read_json(self.layout.item_manifest("settle", MUG))
        assert settled["plan_inputs"]["scale"] == pytest.approx([scale] * 3)
        assert read_json(self.layout.initial_state_json(MUG))["scale"] == pytest.approx([scale] * 3)
        camera = pickle.loads(self.layout.camera_pickle(FRAME).read_bytes())
        assert np.ravel(camera["obj_scale"]) == pytest.approx([scale] * 3)
        assert self.manifest["scale"]["obj_scale"] == pytest.approx([scale] * 3)
        # the block is 0.04 high before scaling, its frame in its middle, the table's top at 0.6
        assert float(np.ravel(camera["obj_t"])[2]) == pytest.approx(0.6 + 0.02 * scale, abs=2e-3)


@pytest.fixture
def session(project: Project, sandbox: SandboxServer, empty_file: None, monkeypatch: pytest.MonkeyPatch) -> PaidRun:
    for name in PLANTED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{sandbox.url}/v1")
    return PaidRun(project, sandbox)


PROBE = ("--set", "skip_step2=false")


def test_what_the_judge_finds_right_is_settled_and_rendered(
    session: PaidRun, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI)
    session.judge("big", "correct")
    first = session.run(*PROBE)
    assert session.steps(first, "done") == ["probe", "settle", "render"]
    record = session.record
    assert record["outcome"] == "correct" and record["num_iterations"] == len(record["search_history"]) == 2
    (scale,) = set(record["obj_scale"])
    assert scale == pytest.approx(CONFIGURED / 2) and len(record["obj_scale"]) == 3
    for number, (step, answer) in enumerate(zip(record["search_history"], ("big", "correct"), strict=True)):
        assert {"iteration", "scale", "response"} <= set(step)
        assert (step["iteration"], step["response"]) == (number, answer) and len(step["scale"]) == 3
    assert [s["scale"][0] for s in record["search_history"]] == pytest.approx([CONFIGURED, scale])
    session.made_with(scale)
    asked = sum(sandbox.state.requests.values())
    assert asked == 4, "two views of each question"
    before = {p: p.stat().st_mtime_ns for p in session.layout.generation.rglob("*") if p.is_file()}
    second = session.run(*PROBE, "--skip_done")
    assert session.steps(second, "done") == [] and session.steps(second, "skip") == ["probe", "settle", "render"]
    assert sum(sandbox.state.requests.values()) == asked
    assert before == {p: p.stat().st_mtime_ns for p in session.layout.generation.rglob("*") if p.is_file()}


def test_without_a_key_the_table_of_sizes_gives_the_scale(session: PaidRun, sandbox: SandboxServer) -> None:
    prior = (*PROBE, "--set", "scale.evaluator=prior")
    assert session.steps(session.run(*prior), "done") == ["probe", "settle", "render"]
    record = session.record
    assert (record["outcome"], record["num_iterations"], record["search_history"]) == ("prior", 0, [])
    assert 0.09 <= 0.1 * record["obj_scale"][0] <= 0.15 and record["obj_scale"][0] != CONFIGURED
    session.made_with(record["obj_scale"][0])
    again = session.run(*prior, "--skip_done")
    assert session.steps(again, "done") == [] and session.steps(again, "skip") == ["probe", "settle", "render"]
    assert not sandbox.state.requests


def test_all_steps_leave_no_key_anywhere(
    session: PaidRun, sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results, logs and Blender files, saved with the stage open and after the run; then the frame is made again."""
    import bpy

    from grail_addon.stage.workshop import StageWorkshop

    keys = tmp_path / "keys.env"
    keys.write_text("".join(f"{name}={value}\n" for name, value in PLANTED.items() if name != "OPENAI_API_KEY"))
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI)
    close = StageWorkshop.close

    def saving(shop: StageWorkshop) -> None:
        if shop._stage is not None:
            bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "open.blend"), compress=False, copy=True)
        close(shop)

    monkeypatch.setattr(StageWorkshop, "close", saving)
    session.judge("correct")
    sandbox.state.faults.append(
        Fault(
            "status", method="POST", path="/image-to-video", http=429, code=1302, message=f"{API_KEY} {OPENAI} {SECRET}"
        )
    )
    picture = ("--set", "rendering.width=534", "--set", "rendering.height=300")
    session.run(
        *PROBE, *picture, "--set", "skip_step4=false", "--yes", "--send_failed", "--env_file", str(keys),
        "--set", f"video.kling_host={sandbox.url}", "--set", "video.kling_mode=std", "--set", "video.poll_seconds=1",
        "--set", "video.video_retry_wait=0.1",
    )  # fmt: skip
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "after.blend"), compress=False, copy=True)
    written = [p for p in tmp_path.rglob("*") if p.is_file() and p != keys]
    names = {p.name for p in written}
    assert {"open.blend", "after.blend", "ledger.sqlite3", "events.jsonl", "index.html"} <= names
    assert any(p.parent.name == "logs" and p.stat().st_size for p in written), "what Blender said"
    assert len(sandbox.state.tasks) == 1 and session.layout.video(FRAME).is_file() and sandbox.state.leaked_keys == 0
    for path in written:
        content = path.read_bytes()
        assert [name for name, key in PLANTED.items() if key.encode() in content] == [], path

    bought = session.manifest
    again = session.run(*picture)
    assert session.manifest["plan_inputs"] == bought["plan_inputs"]
    assert bought["video"]["picture"] == picture_hash(session.layout.frame(FRAME))
    assert session.steps(again, "done") == ["settle", "render"]
    assert {k: session.manifest[k] for k in ("prompt", "video", "cost")} == {
        k: bought[k] for k in ("prompt", "video", "cost")
    }
    session.run(*picture, "--set", "rendering.samples=2")
    assert not {"prompt", "video", "cost"} & set(session.manifest), "another picture"
