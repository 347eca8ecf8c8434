# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner when the service makes trouble: waits, stops or marks by the kind of error, and never pays twice."""

from __future__ import annotations

import pytest

from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.video_events import StopStepError
from grail_addon.services.video_files import read_facts
from tests.services.paid_helpers import MakePlan, run


@pytest.mark.parametrize("action", ["cut", "garbage", "status"])
@pytest.mark.parametrize("created", [True, False])
@pytest.mark.parametrize("code", [5000, 5002])
def test_unclear_create_never_pays_twice(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, action: str, created: bool, code: int
) -> None:
    http = {5000: 500, 5002: 504}[code]
    for path in ("/v1/videos/image2video", "/image-to-video"):
        sandbox.state.faults.append(
            Fault(action, method="POST", path=path, create=created, http=http, code=code, times=1)
        )
    (result,) = run(context, make_plan())
    assert result.status == "done" and len(sandbox.state.tasks) == 1


def test_task_that_is_visible_late_is_waited_for(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.visible_seconds = 0.05
    for path in ("/v1/videos/image2video", "/image-to-video"):
        sandbox.state.faults.append(Fault("cut", method="POST", path=path, create=True))
    (result,) = run(context, make_plan())
    assert result.status == "done" and len(sandbox.state.tasks) == 1


def test_used_id_without_a_task_to_see_asks_a_person(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.visible_seconds = sandbox.state.options.listed_seconds = 1e9
    for path in ("/v1/videos/image2video", "/image-to-video"):
        sandbox.state.faults.append(Fault("cut", method="POST", path=path, create=True))
    (result,) = run(context, make_plan())
    assert result.status == "pending" and result.problem is not None
    assert result.external_ids[0] in result.problem.fix
    assert len(sandbox.state.tasks) == 1
    assert context.ledger.entries()[0].reserved == 350_000, "money in doubt stays reserved"
    sandbox.state.options.visible_seconds = 0.0
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize(("http", "code"), [(429, 1302), (429, 1303), (500, 5000), (503, 5001), (504, 5002)])
def test_passing_errors_are_waited_out(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, http: int, code: int
) -> None:
    sandbox.state.faults.append(Fault("status", http=http, code=code, times=6, after=1))
    (result,) = run(context, make_plan())
    assert result.status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize(
    ("http", "code"), [(401, 1000), (401, 1002), (429, 1100), (429, 1101), (429, 1102), (403, 1103), (404, 1202),
                       (404, 1203), (429, 1304)],
)  # fmt: skip
def test_what_holds_for_all_stops_the_step(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, http: int, code: int
) -> None:
    for path in ("/v1/videos/image2video", "/image-to-video"):
        sandbox.state.faults.append(Fault("status", method="POST", path=path, http=http, code=code, times=1))
    results = run(context, *[make_plan(str(number)) for number in range(4)])
    assert "stopped" in {result.status for result in results}
    assert sum(task.reserved for task in context.ledger.entries()) == 0, "nothing stays reserved"
    creates = [n for route, n in sandbox.state.requests.items() if route.startswith("POST")]
    assert sum(creates) <= 4


@pytest.mark.parametrize(("http", "code"), [(400, 1200), (400, 1201), (400, 1300), (400, 1301)])
def test_what_is_wrong_with_one_marks_that_one(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, http: int, code: int
) -> None:
    for path in ("/v1/videos/image2video", "/image-to-video"):
        sandbox.state.faults.append(Fault("status", method="POST", path=path, http=http, code=code, message="no"))
    results = run(context, *[make_plan(str(number)) for number in range(3)])
    assert sorted(result.status for result in results) == ["done", "done", "failed"]
    again = run(context, *[make_plan(str(number)) for number in range(3)])
    assert sorted(result.status for result in again) == ["done", "done", "failed"], "not sent again unasked"
    assert len(sandbox.state.tasks) == 2
    context.retry_failed = True
    assert {result.status for result in run(context, *[make_plan(str(n)) for n in range(3)])} == {"done"}


def test_failed_tasks_by_their_text(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    sandbox.state.options.fail_messages = ["Failure to pass the risk control system"]
    assert run(context, make_plan())[0].status == "failed"
    assert len(sandbox.state.tasks) == 1 and context.ledger.committed("sandbox") == 0
    sandbox.state.options.fail_messages = ["internal trouble"]
    assert run(context, make_plan("b"))[0].status == "done"
    assert len(sandbox.state.tasks) == 3


def test_dead_link_gets_a_fresh_one(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    sandbox.state.faults.append(Fault("status", path="/files", http=403, times=2))
    assert run(context, make_plan())[0].status == "done"


def test_result_gone_after_30_days_is_said(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.faults.append(Fault("status", path="/files", http=500, times=3))
    context.max_retries = 1
    assert run(context, make_plan())[0].status == "pending"
    sandbox.state.faults.clear()
    context.max_retries = 10
    sandbox.state.advance(31 * 86400)
    context.ledger._db.change("UPDATE attempt SET submitted_at = submitted_at - 31 * 86400")
    (result,) = run(context, make_plan())
    assert result.status == "failed" and result.problem is not None and "30 days" in result.problem.message
    assert context.ledger.committed("sandbox") == 350_000 and len(sandbox.state.tasks) == 1


def test_cut_download_goes_on_where_it_ended(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.faults.append(Fault("cut_body", path="/files", times=3, share=0.4))
    assert run(context, make_plan())[0].status == "done"
    assert len(sandbox.state.tasks) == 1 and read_facts(make_plan().output).frames == 121


def test_wrong_key_stops_before_anything_is_reserved(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.api_keys.clear()
    sandbox.state.options.key_pairs.clear()
    with pytest.raises(StopStepError, match="KLING_API_KEY"):
        run(context, make_plan())
    assert context.ledger.entries() == []
