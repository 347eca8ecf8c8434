# SPDX-License-Identifier: GPL-3.0-or-later
"""With Blender's online access off no request leaves, whoever asks, and one sentence says why."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.connection import check_connections
from grail_addon.services.download import DownloadError, fetch
from grail_addon.services.http import HttpClient, HttpError
from grail_addon.services.kling import KlingError, open_service
from grail_addon.services.prompt_writer import PromptOrder, write_prompts
from grail_addon.services.secrets import Secrets
from grail_addon.services.vision import VisionError, VisionModel
from tests.services.paid_helpers import QuickClock, key_secrets


@pytest.fixture
def offline(sandbox: SandboxServer) -> Secrets:
    return dataclasses.replace(key_secrets(), openai_base_url=f"{sandbox.url}/v1", may_connect=lambda: False)


def test_kling_is_not_asked(sandbox: SandboxServer, offline: Secrets, models: ModelTable) -> None:
    service = open_service(models, "kling-v2-5-turbo", sandbox.url, offline, SystemClock())
    with pytest.raises(KlingError, match="online access is off") as caught:
        service.find("x")
    service.close()
    assert not caught.value.may_exist and not sandbox.state.requests


def test_nothing_is_downloaded(sandbox: SandboxServer, offline: Secrets, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="online access is off"):
        fetch(f"{sandbox.url}/clip.mp4", tmp_path / "clip.mp4", HttpClient(offline))
    assert not sandbox.state.requests


def test_the_vision_model_is_not_asked_and_no_prompt_is_refined(
    sandbox: SandboxServer, offline: Secrets, picture: Path, tmp_path: Path
) -> None:
    model = VisionModel(offline, "gpt-5.5", "high", QuickClock(), attempts=2)
    order = PromptOrder("a", "mark", tmp_path / "a.txt", picture, ["He lifts it."], 0, 1, 1, 2000)
    try:
        with pytest.raises(VisionError, match="online access is off"):
            write_prompts(order, model)
    finally:
        model.close()
    assert not sandbox.state.requests


def test_the_connection_is_not_tested(sandbox: SandboxServer, offline: Secrets) -> None:
    said = [found.says for found in check_connections(offline, sandbox.url, "gpt-5.5", SystemClock())]
    assert len(said) == 2 and all("online access is off" in text for text in said)
    assert not sandbox.state.requests


def test_access_that_is_taken_away_counts_at_once(sandbox: SandboxServer) -> None:
    allowed = [True]
    client = HttpClient(dataclasses.replace(key_secrets(), may_connect=lambda: allowed[0]))
    assert client.call("GET", f"{sandbox.url}/account/costs", headers={}).status == 401
    allowed[0] = False
    with pytest.raises(HttpError, match="online access is off") as caught:
        client.call("GET", f"{sandbox.url}/account/costs", headers={})
    assert not caught.value.sent and sum(sandbox.state.requests.values()) == 1
    client.close()
