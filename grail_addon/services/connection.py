# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the paid services answer and accept the keys. Only free routes are asked; nothing is made or paid."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ..core.clock import Clock
from ..core.errors import InputError, Problem
from .http import HttpClient, HttpError
from .kling import DEFAULT_HOST, KlingError, Transport, kling_auth
from .secrets import Secrets, redact
from .vision import OPENAI_ADDRESS

SECONDS = 20.0


@dataclass(frozen=True)
class Connection:
    """How one service answered. service: as a person calls it; says: one sentence."""

    service: str
    ok: bool
    says: str


def check_connections(secrets: Secrets, kling_host: str | None, vision_model: str, clock: Clock) -> list[Connection]:
    """Ask Kling for the account's costs and OpenAI for the model's name; takes at most a minute where nothing answers."""
    return [_kling(secrets, kling_host, clock), _vision(secrets, vision_model)]


def _kling(secrets: Secrets, host: str | None, clock: Clock) -> Connection:
    auth = kling_auth(secrets, clock)
    if auth is None:
        return Connection("Kling", False, "No key is set.")
    try:
        transport = Transport(host or DEFAULT_HOST, auth, secrets, clock)
    except InputError as error:
        return Connection("Kling", False, _words(error.problems[0]))
    try:
        payee = transport.payee()
    except KlingError as error:
        return Connection("Kling", False, _words(error.problem()))
    finally:
        transport.close()
    sandbox = "The sandbox answers in its place and accepts the key."
    return Connection("Kling", True, sandbox if payee == "sandbox" else "It answers and accepts the key.")


def _vision(secrets: Secrets, model: str) -> Connection:
    if secrets.openai_api_key is None:
        return Connection("OpenAI", False, "No key is set.")
    address = (secrets.openai_base_url or OPENAI_ADDRESS).rstrip("/")
    headers = {"Authorization": f"Bearer {secrets.openai_api_key.get_secret_value()}"}
    try:
        client = HttpClient(secrets)
    except InputError as error:
        return Connection("OpenAI", False, _words(error.problems[0]))
    try:
        status = client.call(
            "GET", f"{address}/models/{quote(model, safe='')}", headers=headers, seconds=SECONDS
        ).status
    except HttpError as error:
        return Connection("OpenAI", False, redact(f"It does not answer: {error}", secrets))
    finally:
        client.close()
    return Connection("OpenAI", status == 200, _vision_words(status, model))


def _words(problem: Problem) -> str:
    """Without the key's path, which is not what the preferences call it."""
    return f"{problem.message} {problem.fix}".strip()


def _vision_words(status: int, model: str) -> str:
    if status == 200:
        return f"It answers, accepts the key and has {model}."
    if status in (401, 403):
        return "It answers, but does not accept the key."
    if status == 404:
        return f"It answers, but has no model {model} for this key."
    return f"It answers with an error (HTTP {status})."
