# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that cannot be rendered, and runs that skip the settling: what is said, and what stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.files import read_json
from grail_addon.core.layout import ObjectId
from tests.pipeline.driven_run import DrivenRun, items_of, key
from tests.plan_project import make_project

ALL = ("mug", "bowl", "jar")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"stable": False, "reasons": ("It would tip over.", "It rolls.")}, "not rendered: It would tip over. It rolls."),
    ({"settled": False}, "not rendered: the object did not come to rest on its support."),
    ({"on_support": False, "reasons": ("It fell off.",)}, "not rendered: It fell off."),
]


@pytest.mark.parametrize(("state", "says"), UNUSABLE)
def test_an_unusable_pose_is_not_rendered(folder: Path, state: dict[str, Any], says: str) -> None:
    session = DrivenRun(folder, "--category", "mug,jar")
    session.workshop.settled = state
    session.drain()
    assert session.told("done") == [key("mug"), key("jar")] and not session.workshop.made("render")
    assert session.event("done", key("mug")).verdict == "fail"
    assert [e.message for e in session.events if e.kind == "fail"] == [says] * 4 and session.counts == (2, 0, 4)
    assert read_json(session.jobs.ready[0].renders[0].manifest)["reasons"] == [says]
    # the pose that is there is as unusable the next time, without settling again
    again = DrivenRun(folder, "--category", "mug", "--skip_done").drain()
    assert not again.workshop.made("settle", "render") and again.counts == (0, 1, 2)


def test_skip_step1_with_a_state_that_matches(folder: Path) -> None:
    DrivenRun(folder).drain()
    again = DrivenRun(folder, "--skip_step1").drain()
    assert not again.workshop.made("settle") and again.counts == (6, 3, 0)
    assert again.told("skip") == [key(c) for c in ALL]


def test_skip_step1_with_a_stale_state_is_refused_and_changes_nothing(folder: Path) -> None:
    DrivenRun(folder).drain()
    before = {p: p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()}
    for _ in range(2):  # the second time it says the same
        session = DrivenRun(folder, "--skip_step1", "--set", "simulation.seed=7").drain()
        assert session.counts == (0, 0, 9) and session.workshop.calls == [("close", "")]
        for event in (e for e in session.events if e.kind == "fail"):
            assert "no longer matches: inputs changed: simulation.seed: 42 -> 7." in event.message
            assert "Run once without --skip_step1." in event.message
        assert {p: p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()} == before
    assert DrivenRun(folder, "--skip_step1").drain().counts == (6, 3, 0), "the old inputs still find their state"


def test_skip_step1_with_a_damaged_state(folder: Path) -> None:
    first = DrivenRun(folder).drain()
    first.layout.initial_state_json(ObjectId("Things", "jar")).write_text("{}")
    session = DrivenRun(folder, "--skip_step1").drain()
    assert session.told("fail") == items_of("jar") and len(session.told("done")) == 4
    assert "initial_state was changed since" in session.event("fail", key("jar", 1)).message


def test_skip_step1_without_a_state_stands_as_configured(folder: Path) -> None:
    session = DrivenRun(folder, "--skip_step1", "--category", "mug").drain()
    assert session.workshop.made("unsettled") == ["Things/mug"] and session.counts == (2, 0, 0)
    assert "no settled state there; standing as configured." in [e.message for e in session.events if e.kind == "note"]
    asked = DrivenRun(folder, "--set", "simulation.use_initial_state=false", "--category", "mug").drain()
    assert asked.counts == (2, 0, 0)
    assert not [e for e in asked.events if e.kind == "note" and "standing" in e.message], "it was asked for"
