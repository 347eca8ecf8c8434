# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys: from the environment or from a file named on the command line; never from argv, a config or a .blend.

Values are held as `SecretStr`, whose repr and str hide them. `redact` removes them from a text in every form that a text
may carry them in. It is applied where the answers of a server come in (`http`), so that nothing goes round it, and once
more to the events of a run.
"""

from __future__ import annotations

import base64
import html
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from dotenv import dotenv_values
from pydantic import SecretStr

from ..core.errors import InputError, Problem

KLING_KEY = "KLING_API_KEY"
KLING_ACCESS = "KLING_ACCESS_KEY"
KLING_SECRET = "KLING_SECRET_KEY"
OPENAI_KEY = "OPENAI_API_KEY"
OPENAI_URL = "OPENAI_BASE_URL"
HIDDEN = "[hidden]"


def always() -> bool:
    """Nobody forbids the network."""
    return True


@dataclass(frozen=True)
class Secrets:
    """What a run reaches the paid services with: its keys, None where there is none. `openai_base_url` is no secret but comes
    the same way. may_connect: asked before each request, in any thread: whether the network may be used now."""

    kling_api_key: SecretStr | None = None
    kling_access_key: SecretStr | None = None
    kling_secret_key: SecretStr | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    may_connect: Callable[[], bool] = field(default=always, repr=False, compare=False)

    @property
    def kling_pair(self) -> tuple[SecretStr, SecretStr] | None:
        """(access key, secret key) if both are there."""
        if self.kling_access_key is None or self.kling_secret_key is None:
            return None
        return self.kling_access_key, self.kling_secret_key

    def values(self) -> list[str]:
        """The plain texts to be hidden, longest first so that no part of one survives."""
        keys = (self.kling_api_key, self.kling_access_key, self.kling_secret_key, self.openai_api_key)
        return sorted((key.get_secret_value() for key in keys if key is not None), key=len, reverse=True)


def load_secrets(
    env_file: Path | None = None, environ: Mapping[str, str] | None = None, may_connect: Callable[[], bool] = always
) -> Secrets:
    """Read the keys. A file that was named wins over the environment. InputError if it cannot be read."""
    values: dict[str, str | None] = dict(os.environ if environ is None else environ)
    if env_file is not None:
        try:
            with env_file.open(encoding="utf-8") as stream:
                values.update(dotenv_values(stream=stream, interpolate=False))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                Problem(f"The file with the keys cannot be read: {env_file.name}.", "Check --env_file.")
            ) from error

    def text(name: str) -> str | None:
        found = (values.get(name) or "").strip()
        if re.search(r"[^\x20-\x7e]", found):
            raise InputError(
                Problem(
                    f"{name} holds a character that does not belong there (a line break, a typographic quote or an "
                    "invisible one).",
                    "Copy it again, as plain text.",
                )
            )
        return found or None

    keys = [text(name) for name in (KLING_KEY, KLING_ACCESS, KLING_SECRET, OPENAI_KEY)]
    kling, access, secret, openai = (None if key is None else SecretStr(key) for key in keys)
    return Secrets(kling, access, secret, openai, text(OPENAI_URL), may_connect)


IN_WINDOW = "Set it in Preferences > Add-ons > GRAIL HOI, or as an environment variable before Blender starts."
IN_SHELL = "Set it in the environment or in a file given with --env_file, or pass"


def missing_keys(
    secrets: Secrets, needs_kling: bool, needs_openai_for: Mapping[str, str], in_window: bool = False
) -> list[Problem]:
    """What is missing, before anything is rendered.

    needs_openai_for: purpose -> the flag that does without, e.g. {"the scale probe": "--scale_evaluator prior"}. in_window:
    the user sits at Blender's window, not at a command line.
    """
    problems = []
    if needs_kling and secrets.kling_api_key is None and secrets.kling_pair is None:
        problems.append(
            Problem(
                f"Videos need {KLING_KEY} (or {KLING_ACCESS} and {KLING_SECRET}), and it is not set.",
                IN_WINDOW if in_window else f"{IN_SHELL} --skip_step4 or --video_model_api dry-run.",
            )
        )
    if secrets.openai_api_key is None:
        problems += [
            Problem(
                f"{purpose[:1].upper()}{purpose[1:]} needs {OPENAI_KEY}, and it is not set.",
                IN_WINDOW if in_window else f"{IN_SHELL} {flag}.",
            )
            for purpose, flag in needs_openai_for.items()
        ]
    return problems


TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")
"""A signed token, as it is made of a key pair for each request."""

MIN_BASE64_KEY = 8
"""Shorter keys are too short in Base64 to be recognised among other text."""

ESCAPE_DEPTH = 5
"""Layers of escapes that are looked behind; a JSON text in a JSON text in an HTML page in a link has four."""

_BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)


def redact(text: str, secrets: Secrets) -> str:
    """`text` without any key of this run and without signed tokens.

    Keys are found as they are, in hexadecimal, in Base64 at any offset, and behind percent, JSON, HTML and backslash escapes,
    also several on top of each other; where escapes hid one, the text comes back without escapes.
    """
    keys = secrets.values()
    if keys:
        text, plain = _without(text, keys), text
        for _ in range(ESCAPE_DEPTH):
            before, plain = plain, _unescaped(plain)
            if plain == before:
                break
            found = _without(plain, keys)
            if found != plain:
                text = plain = found
    return TOKEN.sub(HIDDEN, text)


def redact_data(data: Any, secrets: Secrets) -> Any:
    """JSON data with every text redacted, names of objects too. A link is left whole unless it carries a key: it may hold a
    signed token of the other side, and is dropped if it holds one of ours."""
    if isinstance(data, str):
        return redact(data, secrets)
    if isinstance(data, list):
        return [redact_data(item, secrets) for item in data]
    if isinstance(data, dict):
        return {redact(name, secrets): _link_or_data(name, value, secrets) for name, value in data.items()}
    return data


def _link_or_data(name: str, value: Any, secrets: Secrets) -> Any:
    if name == "url" and isinstance(value, str):
        return value if redact(TOKEN.sub("", value), secrets) == TOKEN.sub("", value) else None
    return redact_data(value, secrets)


def _without(text: str, keys: list[str]) -> str:
    for key in keys:
        text = text.replace(key, HIDDEN)
        if len(key) >= MIN_BASE64_KEY:
            for form in _base64_forms(key):
                text = text.replace(form, HIDDEN)
            text = re.sub(key.encode("utf-8").hex(), HIDDEN, text, flags=re.IGNORECASE)
    return text


def _base64_forms(key: str) -> list[str]:
    """What is left of a key in the Base64 of any text around it: for three offsets, the characters it alone decides."""
    forms = []
    data = key.encode("utf-8")
    for offset in range(3):
        code = base64.b64encode(b"\0" * offset + data).decode("ascii")
        sure = code[-(-8 * offset // 6) : 8 * (offset + len(data)) // 6]
        forms += [sure, sure.replace("+", "-").replace("/", "_")]
    return forms


def _unescaped(text: str) -> str:
    """`text` with one layer of each kind of escape resolved."""
    if "%" in text:
        text = unquote(text)
    if "\\" in text:
        text = _BACKSLASH.sub(lambda found: found[3] or chr(int(found[1] or found[2], 16)), text)
    return html.unescape(text)
