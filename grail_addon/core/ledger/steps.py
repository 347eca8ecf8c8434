# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes that a paid task goes through, by name: each sets state and money together in one transaction."""

from __future__ import annotations

from .rows import Entry
from .store import Ledger


def accepted(ledger: Ledger, ext: str, task_id: str, now: float) -> Entry:
    """The vendor has the task (it answered, or it was found by our own id). now: epoch seconds.

    Raises TaskTakenError when another row has that task.
    """
    return ledger.move(
        ext, ["reserved", "submitting"], "submitted", f"task {task_id}", task_id=task_id, submitted_at=now, seen_at=now
    )


def corrected(ledger: Ledger, ext: str, task_id: str) -> Entry:
    """The look-up by our own id shows the task under another id than the create was answered with."""
    return ledger.move(ext, ["submitted", "succeeded"], "submitted", f"task {task_id}", task_id=task_id)


def sent_again(ledger: Ledger, ext: str) -> Entry:
    """The same request goes out once more, under the same id: its absence was known."""
    return ledger.move(ext, ["submitting"], "submitting", "sent again", seen_at=ledger.now())


def declared_absent(ledger: Ledger, ext: str) -> Entry:
    """A person has looked: the vendor has no such task, so it may be sent as if for the first time."""
    return ledger.move(ext, ["submitting"], "reserved", "a person says that the service does not have it")


def not_taken(ledger: Ledger, ext: str, why: str) -> Entry:
    """The vendor certainly made no task and will take the same request later (rate, slots): wait on."""
    return ledger.move(ext, ["submitting"], "reserved", why)


def released(ledger: Ledger, ext: str, why: str) -> Entry:
    """Given up before any task could exist: the money is free again."""
    return ledger.move(ext, ["reserved"], "released", why, reserved=0)


def refused(ledger: Ledger, ext: str, why: str) -> Entry:
    """The vendor rejected this very request: no task, no money, and no use in sending it again."""
    return ledger.move(ext, ["submitting"], "refused", why, reserved=0)


def succeeded(ledger: Ledger, entry: Entry, actual: int | None, units: str | None, note: str = "") -> Entry:
    """The clip is made and must be paid: `actual` micro-dollars, or the estimate where the vendor says nothing (sane)."""
    charged = entry.estimated if actual is None else actual
    return ledger.move(
        entry.external_id, ["submitted"], "succeeded", note, reserved=0, charged=charged, actual=actual, units=units
    )


def failed(ledger: Ledger, ext: str, why: str, actual: int | None) -> Entry:
    """The vendor gave up. Failed tasks are free unless it reports a deduction."""
    return ledger.move(ext, ["submitted"], "failed", why, reserved=0, charged=actual or 0, actual=actual)


def downloaded(ledger: Ledger, ext: str, sha256: str, size: int) -> Entry:
    """All bytes are here, in the part file or at their place."""
    return ledger.move(ext, ["succeeded"], "downloaded", "", sha256=sha256, bytes=size)


def lost_file(ledger: Ledger, ext: str) -> Entry:
    """The file is not (or no longer) what was recorded: fetch it again, at no cost."""
    return ledger.move(
        ext, ["downloaded", "verified"], "succeeded", "file is missing or differs", sha256=None, bytes=None
    )


def verified(ledger: Ledger, ext: str, verdict: str, note: str) -> Entry:
    """The file is at its place, whole and playable. verdict: pass, warn or suspect."""
    return ledger.move(ext, ["downloaded"], "verified", note, verdict=verdict)


def expired(ledger: Ledger, ext: str, why: str) -> Entry:
    """The vendor removed the result before it was fetched; the money is gone."""
    return ledger.move(ext, ["succeeded"], "expired", why)
