# SPDX-License-Identifier: GPL-3.0-or-later
"""`--regate`, `--decisions` and the report after a run: what changes on disk, what is said, exit codes. No Blender."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from grail_addon.cli import main as cli
from grail_addon.core.config.gate import GateConfig
from grail_addon.core.config.gate_limit import Limit
from grail_addon.core.errors import InputError
from grail_addon.core.files import TEMP_MARK, read_json, write_json
from grail_addon.core.gate.decisions import Decision
from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId
from grail_addon.pipeline import reporting
from grail_addon.pipeline.judge import decide_folder, regate_folder
from grail_addon.steps.events import Event
from tests.gate_bad_stages import BAD, GOOD
from tests.gate_stage_boxes import Stage, render
from tests.plan_project import make_project

sys.path.append(str(Path(__file__).resolve().parents[1] / "report"))
from tests.report.results_of_boxes import read_manifest, write_failed, write_variant

LENIENT = GateConfig(foot_edge=Limit(fail_below=-1000), character_in_frame_share=Limit(fail_below=0.1))
STRICT = GateConfig(object_area=Limit(fail_below=1e8))


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose results hold a good frame, one with cropped feet, one behind a lamp and one never rendered."""
    monkeypatch.chdir(make_project(tmp_path))
    monkeypatch.setenv("COLUMNS", "220")
    (bad,) = (case for case in BAD if case.name == "cropped feet")
    write_variant(tmp_path / "out", 1, next(iter(GOOD.values())))
    write_variant(tmp_path / "out", 2, bad.facts)
    write_variant(tmp_path / "out", 3, lambda: render(Stage()))
    write_failed(tmp_path / "out", 4)
    return tmp_path


def call(front: Path, *argv: str) -> int:
    return cli.main(["--config", "run", *argv], front)


def manifests(front: Path) -> dict[int, dict[str, Any]]:
    found = (read_json(p) for p in (front / "out/generation/manifests").rglob("*rand*.json"))
    return {m["seed"]: m for m in found}


def verdicts(front: Path) -> dict[int, str]:
    return {seed: m["verdict"] for seed, m in manifests(front).items()}


def times(front: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in (front / "out/generation/manifests").rglob("*.json")}


def decisions(front: Path, **by_seed: Any) -> Path:
    ids = {seed: m["video_id"] for seed, m in manifests(front).items()}
    said = {ids[int(seed.removeprefix("s"))]: {"decision": word, "by": "me"} for seed, word in by_seed.items()}
    path = front / "said.json"
    path.write_text(json.dumps({"schema": 1, "decisions": said}))
    return path


def test_new_thresholds_change_verdict_and_reasons_and_nothing_else(front: Path) -> None:
    layout, before, stamps = ResultsLayout(front / "out"), manifests(front), times(front)
    assert verdicts(front) == {1: "pass", 2: "fail", 3: "pass", 4: "fail"}
    assert regate_folder(layout, GateConfig()).changes == () and times(front) == stamps, "the old thresholds"
    judged = regate_folder(layout, LENIENT)
    (change,) = (c for c in judged.changes if c.before != c.after)
    assert (change.video_id, change.before, change.after) == (before[2]["video_id"], "fail", "pass")
    assert judged.counts == {"pass": 3, "warn": 0, "fail": 1} and judged.problems == ()
    after = manifests(front)
    assert verdicts(front) == {1: "pass", 2: "pass", 3: "pass", 4: "fail"}
    changed = {k for k in after[2] if after[2][k] != before[2][k]}
    assert changed == {"verdict", "reasons", "measurements"}
    assert [m["value"] for m in after[2]["measurements"]] == [m["value"] for m in before[2]["measurements"]]
    assert after[4] == before[4], "never rendered, so there is nothing to judge"
    assert not list((front / "out").rglob(f"{TEMP_MARK}*"))
    assert regate_folder(layout, LENIENT).changes == (), "done once, it is done"
    regate_folder(layout, GateConfig())
    assert manifests(front) == before, "back under the old thresholds, all is as it was"


def test_chosen_frames_alone_are_judged_again(front: Path) -> None:
    layout, before = ResultsLayout(front / "out"), dict(sorted(manifests(front).items()))
    ids = [VideoId(ObjectId("ComAsset", m["category"]), m["character"], m["scene"], seed) for seed, m in before.items()]
    assert [str(vid) for vid in ids] == [m["video_id"] for m in before.values()]
    stamps = times(front)

    def changed(gate: GateConfig, frames: list[VideoId]) -> int:
        judged = regate_folder(layout, gate, frames=frames)
        assert not judged.problems
        return len(judged.changes)

    assert changed(GateConfig(), ids) == changed(GateConfig(), []) == 0 and times(front) == stamps
    assert changed(LENIENT, ids[2:]) == 1 and changed(STRICT, ids[:1]) == 1
    assert verdicts(front) == {1: "fail", 2: "fail", 3: "pass", 4: "fail"}
    assert changed(LENIENT, ids) == 2 and verdicts(front)[2] == "pass"
    layout.manifest(ids[0]).write_text("{")
    layout.manifest(ids[2]).unlink()
    judged = regate_folder(layout, STRICT, frames=ids)
    assert len(judged.changes) == 1, "what is damaged or gone is left alone"
    (said,) = judged.problems
    assert "rand00001.json cannot be read" in said


def test_a_manifest_of_a_chosen_frame_that_cannot_be_written_is_told(
    front: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = ResultsLayout(front / "out")
    ids = [
        VideoId(ObjectId("ComAsset", m["category"]), m["character"], m["scene"], seed)
        for seed, m in manifests(front).items()
    ]

    def full(path: Path, data: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("grail_addon.pipeline.records.decisions.write_json", full)
    judged = regate_folder(layout, STRICT, frames=ids)
    assert not judged.changes
    assert [said.partition(": ")[2] for said in judged.problems] == [
        "its manifest cannot be written: No space left on device"
    ] * 3


def test_a_persons_word_outlives_new_thresholds(front: Path) -> None:
    layout = ResultsLayout(front / "out")
    ids = {seed: m["video_id"] for seed, m in manifests(front).items()}
    decided = decide_folder(
        layout, {ids[1]: Decision(decision="reject", note="odd"), ids[2]: Decision(decision="approve")}
    )
    assert [(c.video_id, c.before, c.after, c.decision) for c in decided.changes] == [
        (ids[1], "pass", "fail", "reject"),
        (ids[2], "fail", "pass", "approve"),
    ]
    assert verdicts(front)[1] == "pass" and manifests(front)[1]["human"]["note"] == "odd"
    judged = regate_folder(layout, STRICT)
    assert manifests(front)[1]["verdict"] == "fail" and manifests(front)[1]["human"]["decision"] == "reject"
    assert {c.video_id: (c.before, c.after) for c in judged.changes}[ids[2]] == ("pass", "pass"), (
        "approved stays approved"
    )
    decide_folder(layout, {ids[1]: Decision(decision="clear"), ids[2]: Decision(decision="clear")})
    assert all("human" not in m for m in manifests(front).values())


def test_damaged_manifests_are_told_and_stop_nothing(front: Path) -> None:
    folder = front / "out/generation/manifests/ComAsset"
    whole = read_json(next(folder.rglob("*rand00002.json")))
    write_json(folder / "x_rand00009.json", {**whole, "video_id": "x", "measurements": [{"name": "exposure"}]})
    (folder / "y_rand00010.json").write_text("{")
    judged = regate_folder(ResultsLayout(front / "out"), LENIENT)
    assert len(judged.problems) == 2 and sum(judged.counts.values()) == 4
    assert any("x cannot be judged" in p for p in judged.problems)
    assert read_json(next(folder.rglob("*rand00002.json")))["verdict"] == "pass"
    assert call(front, "--regate") == 1


def test_a_decision_on_no_frame_is_told(front: Path) -> None:
    judged = decide_folder(ResultsLayout(front / "out"), {"a/b/c": Decision(decision="approve")})
    assert judged.problems == ("there is no frame a/b/c",) and not judged.changes


def test_no_frames_at_all_is_a_wrong_request(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no frames"):
        regate_folder(ResultsLayout(tmp_path), GateConfig())


def test_regate_on_the_command_line(front: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(front, "--regate") == 0
    out = capfd.readouterr().out
    assert "4 frames: 2 pass, 0 warn, 2 fail; 0 changed." in out
    page = front / "out/report/index.html"
    assert f"report: {page}" in out and page.is_file() and (page.parent / "contact_sheet.png").is_file()
    lenient = ("--set", "gate.foot_edge.fail_below=-1000", "--set", "gate.foot_edge.warn_below=-1000",
               "--set", "gate.character_in_frame_share.fail_below=0.1", "--set", "gate.character_in_frame_share.warn_below=0.1")  # fmt: skip
    stamps = times(front)
    assert call(front, "--regate", "--dry_run", *lenient) == 0
    out = capfd.readouterr().out
    assert "1 would be changed" in out and "report:" not in out
    assert verdicts(front)[2] == "fail" and times(front) == stamps
    assert call(front, "--regate", *lenient) == 0
    out = capfd.readouterr().out
    (row,) = (line for line in out.splitlines() if "rand00002" in line)
    assert row.split()[1:] == ["fail", "pass"]
    assert "rand00001" not in out and "4 frames: 3 pass, 0 warn, 1 fail; 1 changed, 2 more with other reasons" in out


def test_decisions_on_the_command_line(front: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = decisions(front, s1="reject", s2="approve")
    assert call(front, "--decisions", str(path)) == 0
    out = capfd.readouterr().out
    rows = {line.split()[0][-5:]: line.split()[1:4] for line in out.splitlines() if "rand0000" in line}
    assert rows == {"00001": ["pass", "fail", "reject"], "00002": ["fail", "pass", "approve"]}
    assert "4 frames: 2 pass, 0 warn, 2 fail; 2 changed." in out and "report: " in out
    data = (front / "out/report/index.html").read_text()
    assert '"reject"' in data, "the page shows it"
    assert read_manifest(front / "out", manifests(front)[2]["video_id"])["human"]["by"] == "me"


def test_both_at_once_and_json_lines(front: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = decisions(front, s2="approve", s3="approve")
    code = call(front, "--regate", "--decisions", str(path), "--set", "gate.object_area.fail_below=100000000",
                "--set", "gate.object_area.warn_below=100000000", "--log_json", "-")  # fmt: skip
    out, err = capfd.readouterr()
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and "report: " in err
    assert {(e["step"], e["kind"]) for e in events} == {
        ("regate", "done"), ("regate", "end"), ("decisions", "done"), ("decisions", "end"), ("report", "report"),
    }  # fmt: skip
    ends = [e["data"] for e in events if e["kind"] == "end"]
    assert ends == [{"pass": 0, "warn": 0, "fail": 4}, {"pass": 2, "warn": 0, "fail": 2}]


def test_a_wrong_decisions_file_changes_nothing(front: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, stamps = front / "said.json", times(front)
    path.write_text('{"schema": 1, "decisions": {"a": {"decision": "maybe"}}}')
    assert call(front, "--regate", "--decisions", str(path), "--set", "gate.object_edge.fail_below=5") == 2
    assert "decisions.a.decision" in capfd.readouterr().err
    assert times(front) == stamps and not (front / "out/report").exists()


def test_a_report_that_fails_is_one_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Event] = []
    (tmp_path / "report").write_text("in the way")
    assert reporting.make_report(tmp_path, seen.append) is None
    assert [e.kind for e in seen] == ["note"] and seen[0].message.startswith("no report: ")

    def broken(*_: object) -> Path:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("grail_addon.report.build.build_report", broken)
    assert reporting.make_report(tmp_path, seen.append) is None
    assert "ZeroDivisionError: a fault" in seen[1].message and "Traceback" in seen[1].data["detail"]


def test_report_tells_how_far_it_is(front: Path) -> None:
    seen: list[Event] = []
    page = reporting.make_report(front / "out", seen.append)
    assert page == front / "out/report/index.html"
    assert [e.data for e in seen[:-1]] == [{"done": n, "all": 4} for n in (1, 2, 3, 4)]
    assert seen[-1].path == "report/index.html"
