# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the Authorization header as the vendor does: API key for both generations, signed token for the legacy one."""

from __future__ import annotations

import jwt

from .state import RefusalError, SandboxState


def check_kling(state: SandboxState, header: str | None, new_style: bool) -> None:
    """RefusalError (401) unless the header opens this route."""
    if not header:
        raise RefusalError(401, 1001, "Authorization is empty")
    word, _, credential = header.partition(" ")
    if word != "Bearer" or not credential:
        raise RefusalError(401, 1002, "Authorization is invalid")
    if credential in state.options.api_keys:
        return
    if new_style:
        raise RefusalError(401, 1002, "This API does not support AK/SK, please use an API Key")
    if credential.count(".") != 2:
        parts = credential.count(".")
        raise RefusalError(401, 1002, f"The token was expected to have 3 parts, but got {parts}")
    _check_token(state, credential)


def _check_token(state: SandboxState, token: str) -> None:
    try:
        head = jwt.get_unverified_header(token)
        access = str(jwt.decode(token, options={"verify_signature": False}).get("iss"))
        secret = state.options.key_pairs.get(access, "")
        switches = {"verify_exp": False, "verify_nbf": False, "require": ["iss", "exp", "nbf"]}
        claims = jwt.decode(token, secret, algorithms=["HS256"], options=switches)  # type: ignore[arg-type]
    except jwt.PyJWTError:
        raise RefusalError(401, 1002, "Authorization is invalid: signature verification failed") from None
    if not secret or head.get("typ") != "JWT":
        raise RefusalError(401, 1002, "api key not found")
    now = state.now()
    if now < float(claims["nbf"]):
        raise RefusalError(401, 1003, "Authorization is not yet valid")
    if now >= float(claims["exp"]):
        raise RefusalError(401, 1004, "Authorization has expired")
