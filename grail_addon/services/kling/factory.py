# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the adapter for a model and the credentials at hand."""

from __future__ import annotations

from ...core.clock import Clock
from ...core.errors import InputError, Problem
from ...core.video.request import ModelTable, choose_generation
from ..secrets import Secrets
from .legacy import LegacyService
from .new import NewService
from .service import VideoService
from .transport import ApiKeyAuth, Auth, KeyPairAuth, Transport

DEFAULT_HOST = "https://api-singapore.klingai.com"
"""The vendor's servers outside China; keys are regional, so `video.kling_host` may have to name another one."""


def kling_auth(secrets: Secrets, clock: Clock) -> Auth | None:
    """How requests are signed: by the single key before the pair; None where there is neither."""
    if secrets.kling_api_key is not None:
        return ApiKeyAuth(secrets.kling_api_key)
    pair = secrets.kling_pair
    return KeyPairAuth(*pair, clock) if pair is not None else None


def open_service(table: ModelTable, model: str, host: str | None, secrets: Secrets, clock: Clock) -> VideoService:
    """The adapter for this model and these credentials. Raises InputError if no generation fits."""
    pair = secrets.kling_pair
    generation = choose_generation(table, model, secrets.kling_api_key is not None, pair is not None)
    if isinstance(generation, Problem):
        raise InputError(generation)
    auth = kling_auth(secrets, clock)
    assert auth is not None  # choose_generation refused the case of no credentials
    transport = Transport(host or DEFAULT_HOST, auth, secrets, clock)
    return (NewService if generation == "new" else LegacyService)(transport, table)
