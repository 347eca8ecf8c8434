# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's SQLite file: opened, brought to the present schema, and every failure of it said in a sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import Problem, UserError
from .rows import SCHEMA_VERSION, TABLES

LOCK_SECONDS = 60.0
"""Longest wait for another process that writes."""


class LedgerError(UserError):
    """The file cannot be used; nothing may be bought without it."""


class Database:
    """One connection, for one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._in_words():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self.read("PRAGMA synchronous = FULL")
        version = int(self.read("PRAGMA user_version")[0][0])
        if version > SCHEMA_VERSION:
            raise UserError(
                Problem("The ledger was written by a newer version.", "Update the add-on.", file=self._path.name)
            )
        if version < SCHEMA_VERSION:
            with self.transaction():
                for statement in TABLES:
                    self.change(statement)
                self.change(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self.read("SELECT COUNT(*) FROM attempt WHERE 0")  # raises now where the tables are not there

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(_file_problem(self._path, error)) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Alone from here on; commits at the end, rolls back whatever else ends it."""
        with self._in_words(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def read(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question."""
        with self._in_words():
            return self._db.execute(sql, tuple(values)).fetchall()

    def change(self, sql: str, values: Sequence[object] | dict[str, object] = ()) -> int:
        """Carry out a statement; returns how many rows it changed."""
        with self._in_words():
            return self._db.execute(sql, values if isinstance(values, dict) else tuple(values)).rowcount


def _file_problem(path: Path, error: sqlite3.Error | OSError) -> Problem:
    text = str(error)
    if "locked" in text or "busy" in text:
        what = f"Another process keeps the ledger to itself for {LOCK_SECONDS:.0f} s already."
        fix = "Wait for that process to end, then run again."
    elif "full" in text:
        what, fix = "The disk with the ledger is full.", "Make room, then run again; nothing is paid twice."
    elif "readonly" in text or "read-only" in text:
        what, fix = "The ledger cannot be written.", "Give this user the right to write to it and to its folder."
    elif "unable to open" in text or isinstance(error, OSError):
        what = "The ledger cannot be opened."
        fix = "It should be a file in a folder that this user may write to."
    else:
        what = "The ledger is damaged."
        fix = "Put back a good copy; or move it away: with the same settings, tasks are found again by their own ids."
    return Problem(what, fix, detail=text, file=str(path))
