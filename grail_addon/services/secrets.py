# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys: from the environment or from a file named on the command line; never from argv, a config or a .blend.

Values are held as `SecretStr`, whose repr and str hide them, and `redact` removes them from any text on its way out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr

from ..core.errors import InputError, Problem

KLING_KEY = "KLING_API_KEY"
KLING_ACCESS = "KLING_ACCESS_KEY"
KLING_SECRET = "KLING_SECRET_KEY"
OPENAI_KEY = "OPENAI_API_KEY"
OPENAI_URL = "OPENAI_BASE_URL"
HIDDEN = "[hidden]"


@dataclass(frozen=True)
class Secrets:
    """The keys of this run; None where there is none. `openai_base_url` is no secret but comes the same way."""

    kling_api_key: SecretStr | None = None
    kling_access_key: SecretStr | None = None
    kling_secret_key: SecretStr | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None

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


def load_secrets(env_file: Path | None = None, environ: Mapping[str, str] | None = None) -> Secrets:
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

    def secret(name: str) -> SecretStr | None:
        text = (values.get(name) or "").strip()
        return SecretStr(text) if text else None

    return Secrets(
        secret(KLING_KEY), secret(KLING_ACCESS), secret(KLING_SECRET), secret(OPENAI_KEY),
        (values.get(OPENAI_URL) or "").strip() or None,
    )  # fmt: skip


def missing_keys(secrets: Secrets, needs_kling: bool, needs_openai_for: Mapping[str, str]) -> list[Problem]:
    """What is missing, before anything is rendered.

    needs_openai_for: purpose -> the flag that does without, e.g. {"the scale probe": "--scale_evaluator prior"}.
    """
    problems = []
    if needs_kling and secrets.kling_api_key is None and secrets.kling_pair is None:
        problems.append(
            Problem(
                f"Videos need {KLING_KEY} (or {KLING_ACCESS} and {KLING_SECRET}), and it is not set.",
                "Set it in the environment or in a file given with --env_file, or pass --skip_step4 or "
                "--video_model_api dry-run.",
            )
        )
    if secrets.openai_api_key is None:
        problems += [
            Problem(
                f"{purpose[:1].upper()}{purpose[1:]} needs {OPENAI_KEY}, and it is not set.",
                f"Set it in the environment or in a file given with --env_file, or pass {flag}.",
            )
            for purpose, flag in needs_openai_for.items()
        ]
    return problems


def redact(text: str, secrets: Secrets) -> str:
    """`text` with every key of this run replaced."""
    for value in secrets.values():
        text = text.replace(value, HIDDEN)
    return text
