# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that fails at any of its steps, rows that others have changed, clocks that jump, and two runs at once: one payment
for a clip, within the budget."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError, UserError
from grail_addon.core.layout import ResultsLayout
from grail_addon.core.ledger.database import Database, LedgerError
from grail_addon.core.ledger.place import claim_ledger, ledger_path
from grail_addon.core.ledger.rows import ClipKey
from grail_addon.core.ledger.store import BudgetError, Ledger
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.purchase import PurchaseContext
from tests.services.paid_helpers import MakePlan, run

CLIP = 350_000


@pytest.mark.parametrize("number", range(1, 16))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_ledger_that_fails_at_one_of_its_writes_pays_once(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch,
    number: int, when: str,
) -> None:  # fmt: skip
    """The disk is full at the so many-th write, before it or as it is acknowledged; then there is room again."""
    sandbox.state.options.refuse_used_ids = False
    real, count = Database.transaction, [0]

    @contextmanager
    def fails_once(self: Database) -> Iterator[None]:
        count[0] += 1
        failing = count[0] == number
        if failing and when == "before":
            raise LedgerError("The disk with the ledger is full.")
        with real(self):
            yield
        if failing:
            raise LedgerError("The disk with the ledger is full.")

    monkeypatch.setattr(Database, "transaction", fails_once)
    plans = [make_plan("a"), make_plan("b")]
    try:
        run(context, *plans)
    except UserError as error:
        assert "full" in str(error)
    context.stopped, count[0] = None, 1000
    results = run(context, *plans)
    assert {result.status for result in results} == {"done"} and len(sandbox.state.tasks) == 2
    assert context.ledger.committed("sandbox") == 2 * CLIP


def test_a_ledger_that_is_really_full_says_so(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite3", SystemClock()) as ledger:
        ledger._db.read("PRAGMA max_page_count = 12")
        with pytest.raises(LedgerError, match="disk with the ledger is full"):
            for clip in range(10_000):
                ledger.reserve(ClipKey("sandbox", "f" * 64, "D/c/v", clip, 0), "{}" * 100, 1, None)
        rows = len(ledger.entries())
        assert ledger.committed("sandbox") == rows, "nothing is half-written"
        ledger._db.read("PRAGMA max_page_count = 1000000")
        ledger.reserve(ClipKey("sandbox", "g" * 64, "D/c/v", 0, 0), "{}", 1, None)


# ---------------------------------------------------------------- rows that others have changed


@pytest.mark.parametrize("state", ["reserved", "submitting"])
@pytest.mark.parametrize(
    "request_text", ["", "garbage", "[]", "7", "{}", '{"prompt": null}', '{"prompt": ["a"]}', '{"prompt": ""}']
)
def test_a_row_that_does_not_say_what_was_asked_is_not_sent(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, state: str, request_text: str
) -> None:
    plan = make_plan("a")
    row = context.ledger.reserve(plan.key("sandbox", 0), request_text, CLIP, None)
    if state == "submitting":
        context.ledger.begin_submit(row.external_id, None)
    results = {result.video_id[-1]: result for result in run(context, plan, make_plan("b"))}
    assert (results["a"].status, results["b"].status) == ("pending", "done") and len(sandbox.state.tasks) == 1
    assert "ledger does not say" in str(results["a"].problem)


@pytest.mark.parametrize("state", ["paused", "", "DONE", "submitted ", "\x00"])
def test_a_row_in_a_state_that_nobody_knows_harms_one_clip(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, state: str
) -> None:
    plan = make_plan("a")
    row = context.ledger.reserve(plan.key("sandbox", 0), "{}", CLIP, None)
    context.ledger._db.change("UPDATE attempt SET state = ? WHERE external_id = ?", [state, row.external_id])
    for retry in (False, True):
        context.retry_failed = retry
        results = {result.video_id[-1]: result for result in run(context, plan, make_plan("b"))}
        assert results["a"].status in ("failed", "pending") and results["b"].status == "done"
    assert len(sandbox.state.tasks) == 1


@pytest.mark.parametrize("shift", [-4e8, -7200.0, 7200.0, 4e8])
@pytest.mark.parametrize("state", ["reserved", "submitting", "submitted", "succeeded"])
def test_rows_of_another_time_are_carried_on(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, shift: float, state: str
) -> None:
    """This machine's clock was set between two runs, by hours or by years."""
    sandbox.state.options.refuse_used_ids = False
    sandbox.state.options.work_seconds = 1e6 if state == "submitted" else 0.0
    plan = make_plan("a")
    if state in ("reserved", "submitting"):
        context.send = True
        row = context.ledger.reserve(plan.key("sandbox", 0), '{"prompt": "It moves."}', CLIP, None)
        if state == "submitting":
            context.ledger.begin_submit(row.external_id, None)
    elif state == "submitted":
        context.patience = 1.0
        assert run(context, plan)[0].status == "pending"
        context.patience = None
        sandbox.state.options.work_seconds = 0.0
        sandbox.state.advance(2e6)
    else:
        assert run(context, plan)[0].status == "done"
        context.ledger._db.change("UPDATE attempt SET state = 'succeeded', sha256 = NULL, bytes = NULL")
    context.ledger._db.change(
        "UPDATE attempt SET created_at = created_at + ?1, updated_at = updated_at + ?1, submitted_at = submitted_at + ?1, "
        "seen_at = seen_at + ?1",
        [shift],
    )
    (result,) = run(context, plan)
    if state == "submitting" and shift > 0:
        assert result.status == "pending", "it seems to have been sent in the future: its absence is not known"
    else:
        assert result.status == "done" and len(sandbox.state.tasks) == 1


# ---------------------------------------------------------------- several at once


def _reserve(path: Path, seed: int, cap: int) -> None:
    draw = random.Random(seed)
    with Ledger(path, SystemClock()) as ledger:
        for clip in range(12):
            key = ClipKey("sandbox", f"f{seed}", "D/c/v", clip, 0)
            try:
                row = ledger.reserve(key, "{}", draw.randint(1, 50), cap)
            except BudgetError:
                continue
            if draw.random() < 0.3:
                ledger.move(row.external_id, ["reserved"], "released", "", reserved=0)


def test_a_budget_holds_over_many_processes(tmp_path: Path) -> None:
    path, cap = tmp_path / "ledger.sqlite3", 300
    with Ledger(path, SystemClock()):
        pass
    context = multiprocessing.get_context("spawn")
    many = [context.Process(target=_reserve, args=(path, seed, cap)) for seed in range(4)]
    for each in many:
        each.start()
    for each in many:
        each.join(120)
    assert [each.exitcode for each in many] == [0] * 4
    with Ledger(path, SystemClock()) as ledger:
        held = sum(row.reserved + row.charged for row in ledger.entries())
        assert 0 < held <= cap and ledger.committed("sandbox") == held


# ---------------------------------------------------------------- where it lies

NOTES = ["", "{", "[]", "7", '"x"', "null", "{}", '{"machine": "here"}', '{"machine": 7, "path": "/tmp/a"}',
         '{"machine": "here", "path": null}', '{"machine": "here", "path": ""}', '{"machine": "here", "path": ["a"]}']  # fmt: skip


@pytest.mark.parametrize("note", NOTES)
def test_a_note_of_the_place_that_cannot_be_read_buys_nothing(tmp_path: Path, note: str) -> None:
    """It may mean that another machine buys: so nobody does, and it is said in a sentence."""
    layout = ResultsLayout(tmp_path / "out")
    path = tmp_path / "out/purchases/ledger.where.json"
    path.parent.mkdir(parents=True)
    path.write_text(note)
    for ask in (ledger_path, claim_ledger):
        for folder in (None, tmp_path / "local"):
            with pytest.raises(InputError) as caught:
                ask(layout, folder)
            assert "ledger.where.json cannot be read" in str(caught.value) and "\n" not in str(caught.value)
