# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts that are written, read and changed before anything is bought; and what the window says where a key is missing."""

from __future__ import annotations

import pytest

from grail_addon.cli.arguments import read_command_line
from grail_addon.core.errors import InputError, UserError
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.options import RunOptions
from grail_addon.pipeline.session import Session
from grail_addon.pipeline.videos.ahead import write_prompts_ahead
from grail_addon.pipeline.videos.edit import save_prompt
from grail_addon.pipeline.videos.frames import NotSent, order_of
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.prompt_writer import recalled
from tests.pipeline.video_project import STEP4, VideoProject

WORDS = "The kid turns the mug upside down."


def session(project: VideoProject, options: RunOptions, *more: str) -> Session:
    request, _ = read_command_line([*project.argv, *STEP4, *more], project.folder, project.folder)
    return Session(request, options)


def asked(sandbox: SandboxServer) -> int:
    return sandbox.state.requests["POST /v1/chat/completions"]


def test_prompts_are_read_and_changed_before_anything_is_bought(sandbox: SandboxServer, project: VideoProject) -> None:
    sandbox.state.judge["RefinedPrompt"] = [{"answer": {"prompt": f"The kid lifts mug {n}."}} for n in (1, 2)]
    found = session(project, RunOptions(in_window=True))
    assert drain(write_prompts_ahead(found)) == 2
    assert asked(sandbox) == 2 and not sandbox.state.tasks and not project.layout.ledger.exists()
    order = order_of(found.request, found.layout, project.vids[0], "kling")
    assert not isinstance(order, NotSent)
    (shown,) = recalled(found.layout.prompt(project.vids[0]), order.fingerprint)
    assert shown.source == "refined" and shown.segments[0].startswith("The kid lifts mug 1.")
    save_prompt(found, project.vids[1], WORDS)
    assert drain(write_prompts_ahead(session(project, RunOptions()))) == 2
    assert project.run("--yes") == 0
    assert asked(sandbox) == 2, "what is written is not asked again, whoever is paid"
    sent = sorted(task.order.prompt for task in sandbox.state.tasks.values())
    assert len(sent) == 2 and sent[0] == shown.segments[0] and sent[1].startswith(WORDS)


def test_a_missing_key_is_told_in_words_of_the_window(project: VideoProject) -> None:
    project.env.write_text("")
    with pytest.raises(InputError) as caught:
        session(project, RunOptions(in_window=True)).check()
    for problem in caught.value.problems:
        assert "Preferences > Add-ons > GRAIL HOI" in problem.fix and "--" not in str(problem), str(problem)
    with pytest.raises(InputError, match="--env_file"):
        session(project, RunOptions()).check()


def test_a_refusal_of_the_vision_service_names_no_flag_in_the_window(
    sandbox: SandboxServer, project: VideoProject
) -> None:
    sandbox.state.options.openai_keys.clear()
    for options, is_named in ((RunOptions(in_window=True), False), (RunOptions(), True)):
        said: list[str] = []
        drain(write_prompts_ahead(session(project, options)), lambda event: said.append(event.message))  # noqa: B023
        assert any("OPENAI_API_KEY" in text for text in said)
        assert any("--set" in text for text in said) is is_named


def test_without_online_access_nothing_starts(sandbox: SandboxServer, project: VideoProject) -> None:
    found = session(project, RunOptions(in_window=True, may_connect=lambda: False))
    for start in (found.check, lambda: drain(write_prompts_ahead(found)), lambda: drain(found.run())):
        with pytest.raises(UserError, match="online access is off"):
            start()
    assert not sandbox.state.requests and not project.layout.ledger.exists()
