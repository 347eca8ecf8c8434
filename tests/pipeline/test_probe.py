# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 2 in a run, with a scripted judge over real HTTP and a stage that is a fake: which scale everything is made with."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from grail_addon.core.clock import SystemClock
from grail_addon.core.files import read_json
from grail_addon.core.layout import ObjectId, ResultsLayout
from grail_addon.core.plan.items import caching_hasher
from grail_addon.core.scale.priors import SizePriors
from grail_addon.core.tables import read_table
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.probe import Prober
from grail_addon.pipeline.records.store import Records
from grail_addon.pipeline.run import Run
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.secrets import Secrets
from grail_addon.steps.events import Event
from tests.pipeline.fake_workshop import FakeWorkshop
from tests.pipeline.video_project import OPENAI, ROOT, sandbox_server
from tests.plan_project import jobs_of, make_project, request_of

MUG = ObjectId("Things", "mug")
ARGV = ("--category", "mug", "--set", "skip_step2=false")


class Quick(SystemClock):
    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.01))


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with sandbox_server() as server:
        yield server


class ProbedRun:
    """One run of the project; `answers` of the judge apply to both views."""

    def __init__(self, folder: Path, sandbox: SandboxServer, *argv: str, answers: tuple[str, ...] = ()) -> None:
        sandbox.state.judge["SizeJudgement"] = [
            {"answer": {"answer": text, "confidence": 0.9, "reason": "r"}} if text != "refusal" else {"refusal": "no"}
            for text in answers
            for _ in range(2)
        ]
        request, hasher, clock = request_of(folder, *ARGV, *argv), caching_hasher(), Quick()
        self.layout = ResultsLayout(request.results_dir)
        secrets = Secrets(openai_api_key=SecretStr(OPENAI), openai_base_url=f"{sandbox.url}/v1")
        priors = read_table(ROOT / "configs/size_priors.yaml", SizePriors)
        self.shop = FakeWorkshop(None, self.layout, clock)
        records = Records(self.layout, clock, hasher)
        jobs = jobs_of(folder, *ARGV, *argv, hasher=hasher)
        self.prober = Prober(request.config, records, clock, secrets, priors, request.shard.count > 1)
        self.run = Run(request.config, records, jobs, self.shop, clock, prober=self.prober)
        self.events: list[Event] = []
        drain(self.run.events(), self.events.append, clock=clock)

    @property
    def record(self) -> dict[str, Any]:
        data: dict[str, Any] = read_json(self.layout.obj_scale(MUG))
        return data

    def said(self, *kinds: str) -> list[str]:
        return [e.item for e in self.events if e.kind in kinds]

    @property
    def inputs(self) -> dict[str, Any]:
        data: dict[str, Any] = read_json(self.layout.item_manifest("settle", MUG))["plan_inputs"]
        return data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_the_scale_that_is_judged_right_is_settled_and_rendered(folder: Path, sandbox: SandboxServer) -> None:
    first = ProbedRun(folder, sandbox, answers=("small", "correct"))
    assert first.shop.made("probe_views") == ["Things/mug 2", "Things/mug 4"]
    assert first.said("done")[:2] == ["probe Things/mug", "settle Things/mug"] and first.run.failed == 0
    assert (first.record["outcome"], first.record["obj_scale"]) == ("correct", [4.0, 4.0, 4.0])
    assert first.inputs["scale"] == [4.0, 4.0, 4.0]
    assert first.shop.made("open") == ["Things/mug"], "opened once for all steps"
    manifest = read_json(first.layout.item_manifest("probe", MUG))
    assert manifest["scale"] == first.record and manifest["status"] == "done" and manifest["verdict"] == "warn"
    assert len([role for role in manifest["files"] if role.startswith("picture")]) == 4
    sandbox.state.requests.clear()
    again = ProbedRun(folder, sandbox, "--skip_done")
    assert again.said("done") == [] and len(again.said("skip")) == 4 and not sandbox.state.requests
    assert again.shop.calls == [("close", "")]


def test_changed_start_scale_is_probed_again(folder: Path, sandbox: SandboxServer) -> None:
    ProbedRun(folder, sandbox, answers=("correct",))
    again = ProbedRun(folder, sandbox, "--skip_done", "--set", "objects.mug.obj_scale=3", answers=("correct",))
    assert again.said("done")[0] == "probe Things/mug" and again.inputs["scale"] == [3.0, 3.0, 3.0]


def test_failed_questions_are_unknown_and_asked_again_later(folder: Path, sandbox: SandboxServer) -> None:
    first = ProbedRun(folder, sandbox, answers=("refusal",))
    assert first.record["outcome"] == "unknown" and first.inputs["scale"] == [2.0, 2.0, 2.0] and first.run.failed == 0
    told = next(e for e in first.events if e.item == "probe Things/mug" and e.kind == "done")
    assert told.verdict == "unknown" and "the configured scale is kept" in told.message
    again = ProbedRun(folder, sandbox, "--skip_done", answers=("big", "correct"))
    assert again.record["outcome"] == "correct" and again.inputs["scale"] == [1.0, 1.0, 1.0]


def test_a_wrong_key_fails_the_probe_once_and_asks_for_no_other_object(folder: Path, sandbox: SandboxServer) -> None:
    sandbox.state.options.openai_keys.clear()
    run = ProbedRun(folder, sandbox, "--category", "mug,bowl")
    fails = [e for e in run.events if e.kind == "fail"]
    assert [e.item for e in fails] == ["probe Things/mug", "probe Things/bowl"]
    assert all("OPENAI_API_KEY" in e.message and "--skip_step2" in e.message for e in fails)
    assert sum(sandbox.state.requests.values()) == 1 and run.inputs["scale"] == [2.0, 2.0, 2.0]
    assert OPENAI not in json.dumps([e.to_json() for e in run.events])


def test_a_persons_decision_and_the_offline_table_need_nobody(folder: Path, sandbox: SandboxServer) -> None:
    decided = ProbedRun(folder, sandbox, "--set", "scale.decide=0.9")
    assert decided.record["outcome"] == "decided" and decided.inputs["scale"] == [0.9, 0.9, 0.9]
    prior = ProbedRun(folder, sandbox, "--set", "scale.evaluator=prior")
    assert prior.record["outcome"] == "prior" and prior.inputs["scale"] == prior.record["obj_scale"]
    assert not sandbox.state.requests and prior.shop.made("probe_views") == []


def test_shards_share_one_answer(folder: Path, sandbox: SandboxServer) -> None:
    shards = ("--num_job_chunks", "2", "--job_chunk_idx")
    one = ProbedRun(folder, sandbox, *shards, "0", answers=("small", "correct"))
    two = ProbedRun(folder, sandbox, *shards, "1", answers=("correct",))
    assert one.said("done")[0] == "probe Things/mug" and two.said("skip")[0] == "probe Things/mug"
    assert two.inputs["scale"] == [4.0, 4.0, 4.0]
    names = [item for run in (one, two) for item in run.said("done") if item.startswith("render")]
    assert len(names) == 2 and len(set(names)) == 2


def test_frames_follow_the_scale(folder: Path, sandbox: SandboxServer) -> None:
    """The fingerprint of a frame under a probed scale is that of a configuration with this scale."""
    run = ProbedRun(folder, sandbox, answers=("small", "correct"))
    (job,) = jobs_of(folder, "--category", "mug", "--set", "objects.mug.obj_scale=4").ready
    assert job.settle is not None and job.settle.inputs["scale"] == run.inputs["scale"]
    manifests = [read_json(item.manifest) for item in job.renders]
    assert [m["fingerprint"] for m in manifests] == [item.fingerprint for item in job.renders]
    assert dataclasses.replace(job, probe=None) == job
