# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender is killed while it renders and while it sends; the next one goes on from the results folder and the .blend."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
from PIL import Image

from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault, SandboxOptions, SandboxState
from tests.ui.window import Installed, WindowRun

FRAMES = 3


def read(run: WindowRun, name: str) -> Any:
    return json.loads((run.out / name).read_text(encoding="utf-8"))


def check_frames(run: WindowRun, first: Any, second: Any) -> None:
    """What was finished was left alone, the rest was made, and every file is whole."""
    assert not first["error"] and not second["error"]
    made = {name for name in first["files"] if "/asset_renders/" in name}
    assert 0 < len(made) < FRAMES and second["found"] == len(made)
    kept = [name for name in first["files"] if name in made or "initial_states" in name]
    assert len(kept) > len(made)
    for name in kept:
        assert second["after"][name] == first["files"][name], f"{name} was made twice"
    frames = sorted((run.out / "results/generation/asset_renders").rglob("*.png"))
    assert len(frames) == FRAMES
    for path in frames:
        with Image.open(path) as picture:
            assert np.asarray(picture).shape[:2] == (360, 640)
    for path in (run.out / "results").rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    assert not run.data["parts"], "a half-written file was left"


def test_frames_and_videos_go_on_after_a_kill(installed: Installed) -> None:
    if installed.suite == "sid":
        run = installed.drive("killed", installed.backend)
        check_frames(run, read(run, "rendering.json"), run.data)
        return
    options = SandboxOptions(work_seconds=8.0, movie=MovieOptions(shrink=4))
    state = SandboxState(options)
    state.faults.append(Fault("delay", method="POST", after=1, seconds=45.0))
    with SandboxServer(state) as server:
        run = installed.drive("killed", installed.backend, server.url, is_offline=False, options=("--online-mode",))
    sending = read(run, "sending.json")
    check_frames(run, read(run, "rendering.json"), sending)
    data = run.data
    assert {"submitted", "submitting"} <= set(data["found"]), "one is known, of the other no answer came"
    assert not data["fetch_error"] and not data["error"]
    assert data["orders"] == 2, "what was sent is fetched, and nothing more is sent"
    assert data["clips"] == [1] * FRAMES
    orders = Counter(task.order.image for task in state.tasks.values())
    assert len(orders) == FRAMES and set(orders.values()) == {1}, "no clip is paid twice"
