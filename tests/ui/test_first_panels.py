# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels Setup, Settle and Scale, clicked in a real window."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from tests.ui.window import TICK_MS, Installed, quickest


def test_setup_is_clicked_through(installed: Installed) -> None:
    run, longest = quickest(installed, "setup_parts", lambda run: run.data["ticks"]["longest_ms"])
    data = run.data
    assert not data["checks"]
    assert data["characters"] == ["kid", *(f"person_{letter}" for letter in "abcde")]
    assert data["sources"]["rendering.samples"] == "manipulation.yaml:30"
    assert data["category"] == "mug, hammer"
    assert data["opened"] == ["PREFERENCES"]
    assert (data["samples"], data["reset"]) == (8, 32)
    assert longest < TICK_MS


def test_an_object_is_turned_by_hand_and_dropped_again(installed: Installed) -> None:
    data = installed.drive("settle_extras").data
    assert not data["error"]
    assert "ARMATURE" in data["hidden"]
    assert data["upside"] < -0.999
    assert data["verdict"] == "stable"
    assert data["overrides"] == 0


def check_sizes(data: Mapping[str, Any]) -> None:
    assert not data["error"]
    assert abs(data["bigger"] - 1.331 * data["first"]) < 0.01
    assert abs(data["drawn"] - data["bigger"]) < 0.01, "the stage shows what the panel says"
    (key,) = data["accepted"]
    assert key == "objects.mug.obj_scale"
    assert abs(json.loads(data["accepted"][key])[0] - 2.5 * 1.331) < 1e-5
    assert abs(data["reset"] - data["first"]) < 0.01
    assert data["left"] == 0


def test_a_size_is_shown_changed_and_asked_about(installed: Installed) -> None:
    state = SandboxState(SandboxOptions(openai_keys={"another-key"}))
    answer = {"answer": "big", "confidence": 0.9, "reason": "It looks big."}
    state.judge["SizeJudgement"] = [{"answer": answer}, {"answer": answer}]
    with SandboxServer(state) as server:
        options, backend = ("--online-mode",), installed.backend
        data = installed.drive("scale_parts", backend, server.url, is_offline=False, options=options).data
    check_sizes(data)
    assert (data["outcome"], data["answers"]) == ("correct", ["big", "correct"])
    assert data["shown"] == [True] * 4, "two pictures of each size"
    is_in_background = backend == "BACKGROUND"
    assert (data["in_background"], data["renders_here"]) == (is_in_background, not is_in_background)


def test_an_own_scene_is_picked_saved_and_used(installed: Installed) -> None:
    run = installed.drive("my_scene")
    data = run.data
    assert data["after_esc"] == ""
    assert data["support"] == "Table"
    assert abs(data["z"] - 0.7) < 1e-5
    assert data["used"] == ["FILE", "my_room.yaml"]
    assert data["same"], "the user's objects were moved"
    saved = (run.out / "data/scenes/my_room.yaml").read_text(encoding="utf-8")
    assert "obj_support: Table\n" in saved, "what was clicked is what the object has to stand on"
    assert data["files"] == [
        "MyObjects/My_Brick/model.obj",
        "characters/Body.blend",
        "scenes/my_room.blend",
        "scenes/my_room.yaml",
    ]
