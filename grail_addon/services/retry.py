# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait before the same request goes out again: one policy for all outside services."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from ..core.streams import stream

BACKOFF_START = 1.0
"""Seconds before the first retry, the video service's own advice; doubles from there."""


def backoff_seconds(who: str, tries: int, asked: float | None, longest: float) -> float:
    """Seconds to wait before try number `tries` + 1: doubling, with jitter, never more than `longest`.

    who: names the random stream of the jitter. asked: what the service asked for (`Retry-After`), the least that is
    waited.
    """
    wait = BACKOFF_START * 2.0 ** min(tries - 1, 16)
    jitter = float(stream("retry", who, tries).uniform(0.75, 1.25))
    return min(max(wait * jitter, asked or 0.0), longest)


def retry_after_seconds(text: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for, as a number or as a date; None where it says nothing readable.

    now: epoch seconds of the side that sent it.
    """
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text.strip()):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
