# SPDX-License-Identifier: GPL-3.0-or-later
"""What is bought already is not quoted again: at the sandbox, and never across it and the real service."""

from __future__ import annotations

import pytest

from grail_addon.cli.arguments import read_command_line
from grail_addon.pipeline.quote import Quote
from grail_addon.pipeline.session import Session
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault
from grail_addon.services.kling import transport
from tests.pipeline.video_project import STEP4, VideoProject

BASE = ("--yes", "--set", "video.skip_prompt_refinement=true")
REAL = ("--set", "video.kling_host=https://kling.example")


def quoted(project: VideoProject, *more: str) -> Quote:
    """What the command line of `project.run` would spend now."""
    request, options = read_command_line([*project.argv, *STEP4, *BASE, *more], project.folder, project.folder)
    found = Session(request, options.run).quote()
    assert found is not None
    return found


def test_a_bought_clip_is_quoted_no_more(project: VideoProject) -> None:
    before = quoted(project)
    assert (before.clips, before.bought) == (2, 0) and before.most > 0
    assert project.run(*BASE) == 0
    after = quoted(project)
    assert (after.clips, after.bought, after.most) == (2, 2, 0)
    more = quoted(project, "--set", "video.num_videos=2")
    assert (more.clips, more.bought, more.most) == (4, 2, before.most)


def test_the_real_service_sells_what_the_sandbox_gave(project: VideoProject) -> None:
    before = quoted(project)
    assert project.run(*BASE) == 0
    real = quoted(project, *REAL)
    assert (real.bought, real.most) == (0, before.most)


def test_a_clip_that_was_refused_is_quoted_again(sandbox: SandboxServer, project: VideoProject) -> None:
    refusal = Fault("status", method="POST", path="/image-to-video", http=400, code=1301, message="no")
    sandbox.state.faults.append(refusal)
    before = quoted(project)
    assert project.run(*BASE) == 1
    after = quoted(project)
    assert (after.bought, 2 * after.most) == (1, before.most)


def test_nothing_is_sent_where_kling_itself_answers_in_the_place_of_the_sandbox(
    sandbox: SandboxServer, project: VideoProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.run(*BASE) == 0
    sent = len(sandbox.state.tasks)
    monkeypatch.setattr(transport, "SANDBOX_HEADER", "x-of-nobody")
    code, events = project.events(*BASE, "--set", "video.num_videos=2")
    assert code == 1 and len(sandbox.state.tasks) == sent
    assert all("another results folder" in event["message"] for event in events if event["kind"] == "fail")
