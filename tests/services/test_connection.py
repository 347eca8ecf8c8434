# SPDX-License-Identifier: GPL-3.0-or-later
"""Testing the connection: what is said, and that nothing is ordered."""

from __future__ import annotations

import dataclasses

from pydantic import SecretStr

from grail_addon.core.clock import SystemClock
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.connection import Connection, check_connections
from grail_addon.services.secrets import Secrets
from tests.services.paid_helpers import OPENAI, key_secrets, pair_secrets

NOWHERE = "http://127.0.0.1:9"


def check(sandbox: SandboxServer | None, secrets: Secrets, model: str = "gpt-5.5") -> list[Connection]:
    url = sandbox.url if sandbox is not None else NOWHERE
    secrets = dataclasses.replace(secrets, openai_base_url=f"{url}/v1/")
    return check_connections(secrets, url, model, SystemClock())


def test_good_keys_are_accepted_and_nothing_is_ordered(sandbox: SandboxServer) -> None:
    kling, vision = check(sandbox, key_secrets())
    assert kling == Connection("Kling", True, "The sandbox answers in its place and accepts the key.")
    assert vision == Connection("OpenAI", True, "It answers, accepts the key and has gpt-5.5.")
    assert not sandbox.state.tasks
    assert set(sandbox.state.requests) == {"GET /account/costs", "GET /v1/models/gpt-5.5"}


def test_a_key_pair_is_signed_and_accepted(sandbox: SandboxServer) -> None:
    kling, vision = check(sandbox, pair_secrets())
    assert kling.ok
    assert vision == Connection("OpenAI", False, "No key is set.")


def test_wrong_keys_are_told_without_showing_them(sandbox: SandboxServer) -> None:
    wrong = Secrets(kling_api_key=SecretStr("wrong-kling-key"), openai_api_key=SecretStr("wrong-openai-key"))
    for connection in check(sandbox, wrong):
        assert not connection.ok
        assert "key" in connection.says
        assert "wrong-" not in connection.says


def test_a_model_that_the_key_may_not_use_is_named(sandbox: SandboxServer) -> None:
    _, vision = check(sandbox, key_secrets(), "gpt-4")
    assert vision == Connection("OpenAI", False, "It answers, but has no model gpt-4 for this key.")


def test_no_answer_at_all_is_told() -> None:
    for connection in check(None, Secrets(SecretStr("k" * 20), openai_api_key=SecretStr(OPENAI))):
        assert not connection.ok
        assert OPENAI not in connection.says


def test_keys_do_not_travel_over_plain_http() -> None:
    secrets = Secrets(kling_api_key=SecretStr("k" * 20))
    kling, _ = check_connections(secrets, "http://kling.example", "gpt-5.5", SystemClock())
    assert not kling.ok
    assert "plain http" in kling.says
