# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of paid video tasks: one SQLite file in the results folder, safe for several processes and any crash.

A row is one attempt to buy one segment. It is written, with the money reserved, before the vendor hears of it, and its
`external_id` (sent to the vendor as our own task id) is derived from the item's fingerprint, so a crash at any point
leaves something to look up. States:

    reserved -> submitting -> submitted -> succeeded -> downloaded -> verified
        |            |            |            +-> expired (the vendor removed the result)
        |            |            +-> failed (the vendor gave up; not charged unless it says so)
        |            +-> refused (the vendor rejected the request itself; no task, no money)
        +-> released (given up before a task could exist; no money; may be reserved again)

Money columns, in micro-dollars: `estimated` from the price table; `reserved`, held now; `charged`, counted as spent;
`actual`, what the vendor reported (empty where it reports nothing; `charged` is then the estimate). The budget compares
sum(reserved + charged) with the cap inside one IMMEDIATE transaction, so no two processes can pass it together.

The rollback journal is used, not WAL: results folders live on network drives, where WAL does not work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..clock import Clock
from ..errors import Problem, UserError
from ..money import usd_text
from .database import Database
from .rows import COLUMNS, ClipKey, Entry, EntryState, Payee, external_id

STALE_AFTER = 900.0
"""Seconds after which a task that nobody polls no longer holds a local slot (its process is gone)."""


class BudgetError(UserError):
    """The cap would be passed; nothing was reserved."""


class TaskTakenError(UserError):
    """The task id is that of another row: a vendor's task belongs to one clip."""


class ConflictError(UserError):
    """A row is not in the state that the caller believes: another process worked on it."""


class Ledger:
    """Opens or makes the ledger at `path`. Use as a context manager, from one thread."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._db = Database(path)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the ledger is not usable after."""
        self._db.close()

    def _rows(self, where: str, values: Sequence[object]) -> list[Entry]:
        sql = f"SELECT {COLUMNS} FROM attempt WHERE {where} ORDER BY created_at, clip, segment, attempt"
        return [Entry(*row) for row in self._db.read(sql, values)]

    def _log(self, ext: str, state: str, note: str) -> None:
        self._db.change(
            "INSERT INTO history (external_id, at, state, note) VALUES (?, ?, ?, ?)",
            (ext, self._clock.time(), state, note),
        )

    # ---------------------------------------------------------------- reading

    def get(self, ext: str) -> Entry:
        """The row of our own id. KeyError if there is none."""
        rows = self._rows("external_id = ?", [ext])
        if not rows:
            raise KeyError(ext)
        return rows[0]

    def latest(self, key: ClipKey) -> Entry | None:
        """The newest attempt at this segment, or None."""
        rows = self._rows(
            "payee = ? AND fingerprint = ? AND clip = ? AND segment = ?",
            [key.payee, key.fingerprint, key.clip, key.segment],
        )
        return max(rows, key=lambda row: row.attempt) if rows else None

    def entries(self, payee: Payee | None = None) -> list[Entry]:
        """All rows, oldest first."""
        return self._rows("payee = ?", [payee]) if payee else self._rows("1", [])

    def of_video(self, video_id: str) -> list[Entry]:
        """All rows of one frame, oldest first."""
        return self._rows("video_id = ?", [video_id])

    def has(self, payee: Payee, fingerprint: str) -> bool:
        """Whether there is any row of this fingerprint."""
        sql = "SELECT 1 FROM attempt WHERE payee = ? AND fingerprint = ? LIMIT 1"
        return bool(self._db.read(sql, [payee, fingerprint]))

    def last_payee(self) -> Payee | None:
        """Whom the newest attempt was made at; None where there is none."""
        rows = self._db.read("SELECT payee FROM attempt ORDER BY created_at DESC, rowid DESC LIMIT 1", [])
        return None if not rows else "sandbox" if rows[0][0] == "sandbox" else "kling"

    def in_states(self, payee: Payee, states: Sequence[EntryState]) -> list[Entry]:
        """All rows in one of `states`, oldest first."""
        return self._rows(f"payee = ? AND state IN ({', '.join('?' * len(states))})", [payee, *states])

    def history(self, ext: str) -> list[tuple[float, str, str]]:
        """(time, state, note) of each change of a row, oldest first."""
        rows = self._db.read("SELECT at, state, note FROM history WHERE external_id = ? ORDER BY id", [ext])
        return [(float(at), str(state), str(note)) for at, state, note in rows]

    def committed(self, payee: Payee) -> int:
        """Micro-dollars spent or held so far."""
        return sum(int(row[0]) for row in self._db.read("SELECT committed FROM total WHERE payee = ?", [payee]))

    def in_flight(self, payee: Payee) -> int:
        """Tasks that occupy a slot at the vendor as far as this ledger knows."""
        ((count,),) = self._db.read(
            "SELECT COUNT(*) FROM attempt WHERE payee = ? AND state IN ('submitting', 'submitted') AND seen_at > ?",
            [payee, self._clock.time() - STALE_AFTER],
        )
        return int(count)

    # ---------------------------------------------------------------- changing

    def reserve(self, key: ClipKey, request: str, estimated: int, cap: int | None) -> Entry:
        """Hold `estimated` for a new attempt (or for a released one again); the only way to get a row.

        request: JSON text of what will be sent, image as its hash. cap: micro-dollars over all rows of this payee.
        Raises BudgetError when the cap would be passed, ConflictError when an attempt is still open.
        """
        now = self._clock.time()
        with self._db.transaction():
            last = self.latest(key)
            if last and last.state not in ("released", "failed", "refused", "expired"):
                raise ConflictError(f"{key.video_id} is already in the ledger as {last.state}.")
            committed = self.committed(key.payee)
            if cap is not None and committed + estimated > cap:
                raise BudgetError(_over_budget(key, committed, estimated, cap))
            again = last is not None and last.state == "released"
            attempt = 1 if last is None else last.attempt + (0 if again else 1)
            ext = external_id(key, attempt)
            values = (request, estimated, estimated, now, ext)
            if again:
                self._db.change(
                    "UPDATE attempt SET state = 'reserved', message = '', request = ?, estimated = ?, reserved = ?, "
                    "updated_at = ? WHERE external_id = ?",
                    values,
                )
            else:
                self._db.change(
                    "INSERT INTO attempt (request, estimated, reserved, updated_at, external_id, state, charged, "
                    "payee, fingerprint, video_id, clip, segment, attempt, created_at) "
                    "VALUES (?, ?, ?, ?, ?, 'reserved', 0, ?, ?, ?, ?, ?, ?, ?)",
                    (*values, key.payee, key.fingerprint, key.video_id, key.clip, key.segment, attempt, now),
                )
            self._log(ext, "reserved", usd_text(estimated))
        return self.get(ext)

    def begin_submit(self, ext: str, slots: int | None) -> bool:
        """reserved -> submitting, if fewer than `slots` tasks are in flight over all processes; else False."""
        with self._db.transaction():
            entry = self.get(ext)
            if slots is not None and self.in_flight(_payee(entry)) >= slots:
                return False
            self._change(ext, ["reserved"], "submitting", "", seen_at=self._clock.time())
        return True

    def move(
        self, ext: str, sources: Iterable[EntryState], target: EntryState, note: str = "", **columns: object
    ) -> Entry:
        """Change a row's state and columns if it is in one of `sources`; raises ConflictError otherwise."""
        with self._db.transaction():
            self._change(ext, sources, target, note, **columns)
        return self.get(ext)

    def taken_by_another(self, ext: str, task_id: str) -> bool:
        """Whether a row other than `ext` has this task of the same payee."""
        found = self._db.read(
            "SELECT 1 FROM attempt WHERE task_id = ? AND external_id <> ? "
            "AND payee = (SELECT payee FROM attempt WHERE external_id = ?)",
            [task_id, ext, ext],
        )
        return bool(found)

    def now(self) -> float:
        """The ledger's clock, epoch seconds."""
        return self._clock.time()

    def _change(
        self, ext: str, sources: Iterable[EntryState], target: EntryState, note: str, **columns: object
    ) -> None:
        allowed = list(sources)
        if "task_id" in columns and self.taken_by_another(ext, str(columns["task_id"])):
            raise TaskTakenError(f"Task {columns['task_id']} is that of another clip.")
        for name in ("charged", "reserved"):
            if int(str(columns.get(name, 0))) < 0:
                raise ValueError(f"{name} would be negative")
        values = {"state": target, "message": note, "updated_at": self._clock.time(), **columns}
        sets = ", ".join(f"{name} = :{name}" for name in values)
        marks = ", ".join(f"'{state}'" for state in allowed)
        done = self._db.change(
            f"UPDATE attempt SET {sets} WHERE external_id = :ext AND state IN ({marks})", {**values, "ext": ext}
        )
        if done != 1:
            raise ConflictError(f"Task {ext} is not {' or '.join(allowed)} any more: another process changed it.")
        self._log(ext, target, note)

    def seen(self, external_ids: Iterable[str]) -> None:
        """Note that these tasks were asked about just now and still run."""
        now = self._clock.time()
        with self._db.transaction():
            for ext in external_ids:
                self._db.change("UPDATE attempt SET seen_at = ? WHERE external_id = ?", [now, ext])

    def touch(self, ext: str) -> None:
        """Note that a process still works on a row."""
        self._db.change("UPDATE attempt SET updated_at = ? WHERE external_id = ?", (self._clock.time(), ext))

    def release_stale(self, older_than: float = 3600.0) -> int:
        """Free the money of rows that a dead process reserved and never sent; returns how many. older_than: seconds.

        A live process that waits for a slot says so with `touch`.
        """
        limit = self._clock.time() - older_than
        with self._db.transaction():
            stale = self._rows("state = 'reserved' AND updated_at < ?", [limit])
            for entry in stale:
                self._change(entry.external_id, ["reserved"], "released", "left by a run that died", reserved=0)
        return len(stale)


def _payee(entry: Entry) -> Payee:
    return "sandbox" if entry.payee == "sandbox" else "kling"


def _over_budget(key: ClipKey, committed: int, wanted: int, cap: int) -> Problem:
    return Problem(
        f"The budget of {usd_text(cap)} would be passed: {usd_text(committed)} are spent or reserved in this results "
        f"folder, and this clip costs {usd_text(wanted)}.",
        "Raise --budget (video.budget_usd) if you want it.",
        detail=f"{key.video_id} clip {key.clip} segment {key.segment}",
        key_path="video.budget_usd",
    )
