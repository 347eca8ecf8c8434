# SPDX-License-Identifier: GPL-3.0-or-later
"""What a row of the ledger is: its columns, its states, and our own id for the task behind it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

EntryState = Literal[
    "reserved", "submitting", "submitted", "succeeded", "downloaded", "verified",
    "failed", "refused", "released", "expired",
]  # fmt: skip
Payee = Literal["kling", "sandbox"]

SCHEMA_VERSION = 2

TABLES = (
    """CREATE TABLE IF NOT EXISTS attempt (
    external_id TEXT PRIMARY KEY, payee TEXT NOT NULL, fingerprint TEXT NOT NULL, video_id TEXT NOT NULL,
    clip INTEGER NOT NULL, segment INTEGER NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL,
    request TEXT NOT NULL, estimated INTEGER NOT NULL, reserved INTEGER NOT NULL, charged INTEGER NOT NULL,
    actual INTEGER, units TEXT, task_id TEXT, message TEXT NOT NULL DEFAULT '',
    sha256 TEXT, bytes INTEGER, verdict TEXT, created_at REAL NOT NULL, updated_at REAL NOT NULL,
    submitted_at REAL, seen_at REAL,
    UNIQUE (payee, fingerprint, clip, segment, attempt))""",
    "CREATE INDEX IF NOT EXISTS attempt_state ON attempt (payee, state)",
    "CREATE INDEX IF NOT EXISTS attempt_video ON attempt (video_id)",
    """CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY, external_id TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL)""",
    # what is spent or held, kept by the database itself, so that asking for it does not read every row
    "CREATE TABLE IF NOT EXISTS total (payee TEXT PRIMARY KEY, committed INTEGER NOT NULL)",
    """CREATE TRIGGER IF NOT EXISTS attempt_added AFTER INSERT ON attempt BEGIN
    INSERT OR IGNORE INTO total VALUES (NEW.payee, 0);
    UPDATE total SET committed = committed + NEW.reserved + NEW.charged WHERE payee = NEW.payee; END""",
    """CREATE TRIGGER IF NOT EXISTS attempt_changed AFTER UPDATE OF reserved, charged ON attempt BEGIN
    UPDATE total SET committed = committed + NEW.reserved + NEW.charged - OLD.reserved - OLD.charged
    WHERE payee = NEW.payee; END""",
    "INSERT OR REPLACE INTO total SELECT payee, SUM(reserved + charged) FROM attempt GROUP BY payee",
)
"""Statements that make a ledger, or bring one of an earlier version up to date. Version 1 had no totals."""


@dataclass(frozen=True)
class ClipKey:
    """What is bought: segment `segment` of clip `clip` of the item with this fingerprint."""

    payee: Payee
    fingerprint: str
    video_id: str
    clip: int
    segment: int


@dataclass(frozen=True)
class Entry:
    """One row: see the module docstring. Times in seconds since the epoch, money in micro-dollars."""

    external_id: str
    payee: str
    fingerprint: str
    video_id: str
    clip: int
    segment: int
    attempt: int
    state: EntryState
    request: str
    estimated: int
    reserved: int
    charged: int
    actual: int | None
    units: str | None
    task_id: str | None
    message: str
    sha256: str | None
    bytes: int | None
    verdict: str | None
    created_at: float
    updated_at: float
    submitted_at: float | None
    seen_at: float | None


COLUMNS = ", ".join(Entry.__dataclass_fields__)


def external_id(key: ClipKey, attempt: int) -> str:
    """Our own task id: the same for the same fingerprint, clip, segment and attempt, on any machine."""
    text = "\x1f".join([key.fingerprint, str(key.clip), str(key.segment), str(attempt)])
    return "grail-" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:40]
