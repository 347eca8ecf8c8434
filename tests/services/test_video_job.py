# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner against the sandbox over real HTTP: every clip bought once, on disk, whatever the service does."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from grail_addon.core.files import sha256_file
from grail_addon.core.ledger.report import cost_text
from grail_addon.core.ledger.store import Ledger
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.lanes import NEXT_LOOK
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.video_events import ClipProgress, ClipResult, Delay
from grail_addon.services.video_files import read_facts
from grail_addon.services.video_pool import run_pool
from tests.services.paid_helpers import MakePlan, drain_pool, run


def test_one_clip(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    plan = make_plan()
    (result,) = run(context, plan)
    assert (result.status, result.verdict, result.payee) == ("done", "pass", "sandbox")
    assert result.cost == 350_000  # 5 s of 2.5 turbo pro: 2.5 units of 0.14 USD
    facts = read_facts(plan.output)
    assert (facts.frames, facts.fps, facts.sandbox) == (121, 24.0, True)
    (entry,) = context.ledger.entries()
    assert (entry.state, entry.reserved, entry.charged, entry.units) == ("verified", 0, 350_000, "2.5")
    assert entry.sha256 == sha256_file(plan.output)
    assert [state for _, state, _ in context.ledger.history(entry.external_id)] == [
        "reserved", "submitting", "submitted", "succeeded", "downloaded", "verified",
    ]  # fmt: skip
    assert sandbox.state.leaked_keys == 0


def test_second_run_pays_nothing(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    run(context, make_plan())
    make_plan().output.unlink()
    (result,) = run(context, make_plan())
    assert result.status == "done" and make_plan().output.is_file()
    assert len(sandbox.state.tasks) == 1


def test_lost_file_is_fetched_again_for_free(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    (first,) = run(context, make_plan())
    (make_plan().purchases / f"{first.external_ids[0]}.mp4").write_bytes(b"broken")
    (result,) = run(context, make_plan())
    assert result.status == "done" and read_facts(make_plan().output).frames == 121
    assert len(sandbox.state.tasks) == 1


def test_lost_ledger_adopts_the_task_that_exists(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, tmp_path: Path
) -> None:
    run(context, make_plan())
    with Ledger(tmp_path / "other" / "ledger.sqlite3", context.clock) as fresh:
        context.ledger = fresh
        (result,) = run(context, make_plan(output=tmp_path / "other" / "a.mp4", purchases=tmp_path / "other" / "p"))
    assert result.status == "done" and len(sandbox.state.tasks) == 1


def test_segments_follow_each_other_and_join_without_loss(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.movie = MovieOptions(shrink=3)
    plan = make_plan(prompts=("First.", "Second.", "Third."))
    events: list[object] = []
    drain_pool(run_pool([plan], context, 0.02), context, events.append)
    result = events[-1]
    assert isinstance(result, ClipResult) and result.status == "done" and result.cost == 3 * 350_000
    assert any(getattr(event, "step", "") == "joined" and "without loss" in event.text for event in events)  # type: ignore[attr-defined]
    facts = read_facts(plan.output)
    assert facts.frames == 3 * 121 and facts.sandbox and facts.seconds == pytest.approx(3 * 121 / 24, abs=0.05)
    images = [task.order.image for task in sandbox.state.tasks.values()]
    assert len(set(images)) == 3, "each segment begins with another picture"


def test_end_frame_goes_with_the_chosen_segment(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, picture: Path
) -> None:
    sandbox.state.options.movie = MovieOptions(shrink=3)
    plan = make_plan(prompts=("First.", "Second."), tail=picture, tail_segment=0)
    assert run(context, plan)[0].status == "done"
    assert [plan.tail_of(0), plan.tail_of(1)] == [picture, None]
    requests = [entry.request for entry in context.ledger.entries()]
    assert ["tail_sha256" in text for text in requests] == [True, False]


def test_slow_task_is_pending_then_resumed_days_later(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.work_seconds = 3600
    context.patience = 30.0
    (result,) = run(context, make_plan())
    assert result.status == "pending" and result.problem is not None and "--resume" in result.problem.fix
    sandbox.state.advance(5 * 86400)
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


def test_budget_is_hard(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    context.cap = 3 * 350_000
    results = run(context, *[make_plan(str(number)) for number in range(6)])
    assert sorted(result.status for result in results) == ["done"] * 3 + ["stopped"] * 3
    assert len(sandbox.state.tasks) == 3 and context.ledger.committed("sandbox") == context.cap


def test_never_more_than_the_slots(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    sandbox.state.options.slots = context.slots = 3
    sandbox.state.options.work_seconds = 1e6

    def finish_what_runs(event: object) -> None:
        if isinstance(event, Delay) and event.seconds > NEXT_LOOK:  # nothing is under way: all slots are in use
            sandbox.state.advance(1e6)

    results = drain_pool(
        run_pool([make_plan(str(number)) for number in range(9)], context, 1.0), context, finish_what_runs
    )
    assert {result.status for result in results} == {"done"}
    assert sandbox.state.most_running == 3


def test_hundred_tasks_one_request_per_interval(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.slots = context.slots = 100
    sandbox.state.options.work_seconds = 1e6
    context.patience = 60.0
    before = dict(sandbox.state.requests)
    results = drain_pool(run_pool([make_plan(str(n)) for n in range(100)], context, 20.0), context, lambda event: None)
    assert {result.status for result in results} == {"pending"}
    batched = [
        n for route, n in sandbox.state.requests.items() if route in ("POST /tasks", "GET /v1/videos/image2video")
    ]
    asked = sum(sandbox.state.requests.values()) - sum(before.values())
    assert sum(batched) in (4, 5), "one in each 20 s, and a last one"
    assert asked - sum(batched) <= 201, "a look-up and a create for each clip, one greeting, and nothing else"


def test_cancel_releases_what_was_not_sent(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.slots = 50
    context.slots = 2
    sandbox.state.options.work_seconds = 1e6
    pool = run_pool([make_plan(str(number)) for number in range(4)], context, 5.0)
    sent = 0
    while sent < 2:
        sent += getattr(next(pool), "step", "") == "submitted"
    pool.close()
    states = sorted(entry.state for entry in context.ledger.entries())
    assert states == ["submitted", "submitted"] and context.ledger.committed("sandbox") == 700_000


def test_two_processes_on_one_clip_pay_once(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    pool = run_pool([make_plan()], context, 0.02)
    while not isinstance(next(pool), ClipProgress):  # it holds the clip after that
        pass
    (other,) = run(context, make_plan())
    assert other.status == "busy"
    assert [r.status for r in drain_pool(pool, context, lambda event: None)] == ["done"]
    assert len(sandbox.state.tasks) == 1


def test_budget_holds_across_threads_with_their_own_connections(context: PurchaseContext, tmp_path: Path) -> None:
    from grail_addon.core.ledger.rows import ClipKey
    from grail_addon.core.ledger.store import BudgetError

    path = tmp_path / "race" / "ledger.sqlite3"
    refused = []

    def spend(worker: int) -> None:
        with Ledger(path, context.clock) as ledger:
            for number in range(20):
                try:
                    ledger.reserve(ClipKey("kling", f"{worker}-{number}", "v", 0, 0), "{}", 10, 500)
                except BudgetError:
                    refused.append(worker)

    threads = [threading.Thread(target=spend, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT SUM(reserved), COUNT(*) FROM attempt").fetchone() == (500, 50)
    assert len(refused) == 50


def test_resume_sends_nothing_new(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    sandbox.state.options.work_seconds = 3600
    context.patience = 5.0
    assert run(context, make_plan())[0].status == "pending"
    sandbox.state.advance(7200)
    context.send = False
    results = {result.video_id[-1]: result for result in run(context, make_plan(), make_plan("b"))}
    assert (results["a"].status, results["b"].status) == ("done", "pending")
    assert len(sandbox.state.tasks) == 1 and len(context.ledger.entries()) == 1


def test_money_of_a_dead_run_is_freed(context: PurchaseContext, make_plan: MakePlan) -> None:
    context.ledger.reserve(make_plan().key("sandbox", 0), '{"prompt": "x"}', 350_000, None)
    assert context.ledger.release_stale() == 0, "it may still be at work"
    context.ledger._db.change("UPDATE attempt SET updated_at = updated_at - 4000")
    assert context.ledger.release_stale() == 1 and context.ledger.committed("sandbox") == 0
    assert run(context, make_plan())[0].status == "done"


def test_cost_report(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    assert "Nothing" in cost_text(context.ledger.entries())
    sandbox.state.options.reports_cost = False
    run(context, make_plan())
    sandbox.state.options.reports_cost = True
    run(context, make_plan("b"))
    text = cost_text(context.ledger.entries())
    assert "sandbox (not real money)" in text and "D/cat/kid_room_rand0000b: 1 verified" in text
    assert "$0.70  in all; $0.35 of it as the vendor reported" in text and "$0.00 reserved" in text
