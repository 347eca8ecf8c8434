# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches the file of a task that is made: a fresh link for each try, through passing trouble, within limits."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

from ..core.errors import Problem
from ..core.ledger import steps
from ..core.ledger.rows import Entry
from .download import DownloadError
from .kling import VideoTask
from .lanes import call
from .purchase import PurchaseContext
from .video_events import ClipEvent, ClipProgress, ClipStep, Delay, Reply
from .video_submit import PendingError

RESULT_DAYS = 30
"""The service removes results after this many days."""

DEAD_LINKS = 3
"""How many fresh links may be dead before the result counts as gone."""

ODD_FILES = 3
"""How often what comes may be no clip, before it is left for a later run."""

STALLS = 10
"""How many tries in a row may bring nothing new."""

Ask = Callable[[Entry], Generator[ClipEvent, Reply, VideoTask | None]]
FETCH_LATER = "Run again with --resume to fetch it; it is paid already."


def fetch_clip(
    context: PurchaseContext,
    entry: Entry,
    target: Path,
    made: VideoTask | None,
    ask: Ask,
    progress: Callable[[ClipStep, str], ClipProgress],
) -> Generator[ClipEvent, Reply, Entry]:
    """The row as downloaded (its bytes in the part file of `target`) or as expired. made: a fresh answer, if there is one.

    PendingError where it does not come now.
    """
    dead = odd = stalls = 0
    while True:
        task, made = made or (yield from ask(entry)), None
        if task is None or task.state == "failed":
            return _gone(context, entry, "the service no longer has it")
        if task.url is None:
            stalls += 1
            trouble: DownloadError | None = None
        else:
            try:
                done = yield from call(partial(context.service.download, task.url, target), "files")
                return steps.downloaded(context.ledger, entry.external_id, done.sha256, done.bytes)
            except DownloadError as error:
                trouble = error
            if trouble.disk:
                raise PendingError(
                    Problem(f"{str(trouble)[:1].upper()}{str(trouble)[1:]}.", f"Make room there. {FETCH_LATER}")
                )
            dead += trouble.gone
            odd += trouble.odd
            stalls = 0 if trouble.grown else stalls + 1
            yield progress("retry", str(trouble))
        if dead >= DEAD_LINKS:
            return _gone(context, entry, str(trouble))
        if odd >= ODD_FILES or stalls > min(STALLS, context.max_retries):
            why = str(trouble) if trouble is not None else "the service gives no link to it"
            raise PendingError(Problem(f"The clip could not be fetched: {why}.", FETCH_LATER))
        yield Delay(context.backoff(entry.external_id, max(1, stalls), None), "download")


def _gone(context: PurchaseContext, entry: Entry, why: str) -> Entry:
    since = entry.submitted_at or entry.created_at
    if context.clock.time() - since < RESULT_DAYS * 86400.0:
        raise PendingError(Problem(f"The clip cannot be fetched now: {why}.", FETCH_LATER))
    date = datetime.datetime.fromtimestamp(since, datetime.UTC).date()
    text = f"The clip was made on {date.isoformat()}; results are removed after {RESULT_DAYS} days ({why})."
    return steps.expired(context.ledger, entry.external_id, text)
