# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames finished beside the next render are those finished in turn, whatever the next variant does to the stage."""

from __future__ import annotations

import pytest

from bench.overlap import in_turn
from grail_addon.drivers.blocking import drain
from grail_addon.steps.effects import relayed
from tests.render.conftest import Project
from tests.render.runs import manifest, session
from tests.render.test_two_drivers import contents

pytestmark = pytest.mark.bpy


def test_frames_finished_beside_the_next_are_those_finished_in_turn(project: Project) -> None:
    def argv(results: str) -> list[str]:
        looks = ("--set", "scenes.mini.gaze=camera", "--set", "scenes.mini.obj_pos_rand_max=[0.05, 0.05, 0]")
        return project.argv("--category", "block", "--results_dir", results, "--num_rand_scenes", "3", *looks)

    drain(relayed(session(argv("turn")).run(), in_turn))
    drain(session(argv("beside")).run())
    turn, beside = contents(project.root / "turn"), contents(project.root / "beside")
    assert len(turn) > 30 and turn.keys() == beside.keys()
    assert [name for name in turn if turn[name] != beside[name]] == []
    stands = [manifest(project.root / "beside", f"dummy_mini_rand0000{n}") for n in (1, 2, 3)]
    assert len({str(m["overlay"]["object_box_px"]) for m in stands}) == 3, "each variant shows something else"
