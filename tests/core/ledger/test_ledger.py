# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's own bookkeeping: totals that no question has to add up, and files of an earlier version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.core.ledger.rows import TABLES, ClipKey
from grail_addon.core.ledger.store import BudgetError, Ledger


class Clock:
    now = 1.0

    def time(self) -> float:
        self.now += 1.0
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def key(number: int, payee: str = "kling") -> ClipKey:
    return ClipKey(payee, f"{number:064d}", f"Things/mug/v{number}", 0, 0)  # type: ignore[arg-type]


def added_up(path: Path, payee: str) -> int:
    with sqlite3.connect(path) as db:
        row = db.execute("SELECT COALESCE(SUM(reserved + charged), 0) FROM attempt WHERE payee = ?", (payee,))
        return int(row.fetchone()[0])


steps = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["reserve", "release", "charge"]), st.integers(0, 99)))


@given(steps)
def test_the_total_is_what_the_rows_add_up_to(tmp_path_factory: pytest.TempPathFactory, steps: list) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    with Ledger(path, Clock()) as ledger:
        for number, what, money in steps:
            last = ledger.latest(key(number))
            if what == "reserve" and (last is None or last.state in ("released", "refused")):
                ledger.reserve(key(number), "{}", money, None)
            elif what == "release" and last is not None and last.state == "reserved":
                ledger.move(last.external_id, ["reserved"], "released", reserved=0)
            elif what == "charge" and last is not None and last.state == "reserved":
                ledger.move(last.external_id, ["reserved"], "refused", reserved=0, charged=money)
            assert ledger.committed("kling") == added_up(path, "kling")
        assert ledger.committed("sandbox") == 0


def test_a_ledger_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path, Clock()) as ledger:
        ledger.reserve(key(1), "{}", 70, None)
        ledger.reserve(key(2, "sandbox"), "{}", 5, None)
    with sqlite3.connect(path) as db:
        for statement in ("TRIGGER attempt_added", "TRIGGER attempt_changed", "TABLE total", "INDEX attempt_video"):
            db.execute(f"DROP {statement}")
        db.execute("UPDATE attempt SET reserved = 50, charged = 30 WHERE payee = 'kling'")
        db.execute("PRAGMA user_version = 1")
    with Ledger(path, Clock()) as ledger:
        assert (ledger.committed("kling"), ledger.committed("sandbox")) == (80, 5)
        with pytest.raises(BudgetError):
            ledger.reserve(key(3), "{}", 30, 100)
        ledger.reserve(key(3), "{}", 20, 100)
        assert ledger.committed("kling") == 100 == added_up(path, "kling")


def test_questions_about_one_frame_use_an_index(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.sqlite") as db:
        for statement in TABLES:
            db.execute(statement)
        for where in ("video_id = 'a'", "payee = 'a' AND fingerprint = 'b'", "payee = 'a' AND state IN ('b', 'c')"):
            (plan,) = db.execute(f"EXPLAIN QUERY PLAN SELECT * FROM attempt WHERE {where}").fetchall()
            assert "USING INDEX" in plan[3], where


def test_rows_are_found_by_frame_fingerprint_and_state(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite", Clock()) as ledger:
        one, two = (ledger.reserve(key(n), "{}", 1, None) for n in (1, 2))
        ledger.move(two.external_id, ["reserved"], "released", reserved=0)
        assert [row.external_id for row in ledger.of_video("Things/mug/v1")] == [one.external_id]
        assert ledger.has("kling", two.fingerprint) and not ledger.has("sandbox", two.fingerprint)
        assert [row.video_id for row in ledger.in_states("kling", ["released", "failed"])] == ["Things/mug/v2"]
