# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose money a request would spend, as far as that is known without asking anybody."""

from __future__ import annotations

from ...core.config.request import Request
from ...core.errors import Problem, UserError
from ...core.ledger.rows import Payee
from ...core.ledger.store import Ledger


def expected_payee(request: Request, ledger: Ledger) -> Payee:
    """The sandbox where the request's address is on this machine and the newest clip of the results folder is of the
    sandbox; else Kling, so that what the sandbox made never counts as bought with real money."""
    from ...services.http import is_loopback  # loaded where it is used: a run that buys nothing needs none of it

    host = request.config.video.kling_host
    is_here = host is not None and is_loopback(host)
    return "sandbox" if is_here and ledger.last_payee() == "sandbox" else "kling"


def check_payee(request: Request, ledger: Ledger, answers: Payee) -> None:
    """Raises UserError where real money would be spent on a sum that was told for the sandbox."""
    if answers == "kling" and expected_payee(request, ledger) == "sandbox":
        raise UserError(
            Problem(
                f"Kling itself answers at {request.config.video.kling_host}, where the sandbox was; nothing was sent.",
                "Buy real videos in another results folder.",
                key_path="video.kling_host",
            )
        )
