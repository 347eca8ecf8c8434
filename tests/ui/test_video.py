# SPDX-License-Identifier: GPL-3.0-or-later
"""Videos against the sandbox: from a real window, with a pause and another file in between, and from a script."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from PIL import Image

from grail_addon.sandbox.movie import MovieOptions, movie
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from tests.ui.window import Installed

ONLINE = ("--online-mode",)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxState(SandboxOptions(movie=MovieOptions(shrink=2)))) as running:
        yield running


def test_a_video_is_sent_after_the_dialog_and_found_again(installed: Installed, server: SandboxServer) -> None:
    if installed.suite != "trixie":
        pytest.skip("one window is enough for what no version of Blender does in its own way")
    server.state.options.work_seconds = 3600.0  # its script moves the sandbox's clock on
    data = installed.drive("video", server.url, is_offline=False, options=ONLINE).data
    assert not data["run_all"] and data["with_videos"]
    assert data["asked"] == 1 and data["run_all_sends"] is False, "Run All asks, and Return spends nothing"
    assert "not the agreed 1.35" in data["refusal"]
    assert data["after_return"] is False, "Return spends nothing"
    assert not data["error"] and data["status"] == "done"
    assert data["sent"]["edited"] and data["sent"]["text"] == data["prompt"]
    assert [task.order.prompt for task in server.state.tasks.values()] == [data["prompt"]]
    assert data["left"] - data["left_after"] == data["sum"] == 350_000
    assert data["clips"] == 1 and data["clips_after"] == data["sum_after"] == 0, "what is bought is not asked for again"


def test_a_script_without_a_window_spends_the_agreed_sum_only(installed: Installed, server: SandboxServer) -> None:
    done = installed.blender(
        "-b", *ONLINE, "--python", "/repository/scripts/headless.py", "--", server.url, "/scratch/results",
        is_offline=False,
    )  # fmt: skip
    path = installed.program.work / "results" / "said.json"
    assert path.is_file(), done.stdout + done.stderr
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["render"] == said["agreed"] == ["FINISHED"]
    assert "confirmed_usd=0.35" in said["unasked"] and "0.35 USD" in said["wrong"]
    assert (said["unasked_clips"], said["wrong_clips"], said["agreed_clips"]) == (0, 0, 1)
    assert len(server.state.tasks) == 1


def test_a_clip_plays_by_itself_and_the_scene_stays(installed: Installed) -> None:
    picture = io.BytesIO()
    Image.effect_noise((320, 180), 90).convert("RGB").save(picture, "PNG")
    (installed.program.work / "clip.mp4").write_bytes(
        movie(picture.getvalue(), "std", 2, False, MovieOptions("pan", shrink=4))
    )
    data = installed.drive("player", "/scratch/clip.mp4").data
    assert len(data["seen"]) >= 4 and 1 <= min(data["seen"]) <= max(data["seen"]) <= 49
    assert (data["scene_frame"], data["films"], data["clips"]) == (7, 1, 0)
