# SPDX-License-Identifier: GPL-3.0-or-later
"""A create whose fate is in doubt: one payment or `pending` with a way out, whatever the service shows and says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grail_addon.core.errors import UserError
from grail_addon.core.ledger import steps
from grail_addon.core.ledger.store import TaskTakenError
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault, RefusalError
from grail_addon.services.kling import ErrorKind, KlingError
from grail_addon.services.kling.errors import proves_no_task
from grail_addon.services.purchase import PurchaseContext
from tests.services.paid_helpers import MakePlan, run

CREATES = ("/v1/videos/image2video", "/image-to-video")


def lose_the_create(sandbox: SandboxServer, created: bool = True) -> None:
    for path in CREATES:
        sandbox.state.faults.append(Fault("cut", method="POST", path=path, create=created))


def killed_at_accept(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> str:
    """A clip whose create was accepted, and whose process was gone before it heard of it."""
    lose_the_create(sandbox)
    context.doubt_waits, waits = (0.0,), context.doubt_waits
    visible, sandbox.state.options.visible_seconds = sandbox.state.options.visible_seconds, 1e9
    listed, sandbox.state.options.listed_seconds = sandbox.state.options.listed_seconds, 1e9
    context.absent_after, after = 1e9, context.absent_after
    (result,) = run(context, make_plan())
    assert result.status == "pending" and context.ledger.entries()[0].state == "submitting"
    context.doubt_waits, context.absent_after = waits, after
    sandbox.state.options.visible_seconds, sandbox.state.options.listed_seconds = visible, listed
    return result.external_ids[0]


@pytest.mark.parametrize("seconds", [8.0, 10.0, 75.0])
def test_task_that_shows_late_is_found(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, seconds: float
) -> None:
    sandbox.state.options.refuse_used_ids = False
    context.absent_after = 900.0
    killed_at_accept(sandbox, context, make_plan)
    sandbox.state.options.visible_seconds = sandbox.state.options.listed_seconds = seconds
    sleep = context.clock.sleep

    def sleep_both(wait: float) -> None:
        sandbox.state.advance(wait)
        sleep(wait)

    context.clock.sleep = sleep_both  # type: ignore[method-assign]
    (result,) = run(context, make_plan())
    assert result.status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize("others", [0, 7])
def test_task_that_only_the_list_shows_is_found(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, others: int
) -> None:
    sandbox.state.options.refuse_used_ids = False
    context.absent_after = 900.0
    killed_at_accept(sandbox, context, make_plan)
    for number in range(others):  # newer ones fill the first pages
        assert run(context, make_plan(f"o{number}"))[0].status == "done"
    sandbox.state.options.visible_seconds, sandbox.state.options.page_limit = 1e9, 3
    (result,) = run(context, make_plan())
    assert result.status == "done" and len(sandbox.state.tasks) == 1 + others


@pytest.mark.parametrize("refuses", [True, False])
def test_task_that_never_shows_is_not_paid_again(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, refuses: bool
) -> None:
    """Neither in this run nor in the next ones, with --retry_failed too; and the way out that is told works."""
    sandbox.state.options.refuse_used_ids = refuses
    sandbox.state.options.visible_seconds = sandbox.state.options.listed_seconds = 1e9
    context.absent_after = 900.0
    lose_the_create(sandbox)
    for retry in (False, False, True):
        context.retry_failed = retry
        (result,) = run(context, make_plan())
        assert result.status == "pending" and result.problem is not None
        assert f"--send_again {result.external_ids[0]}" in result.problem.fix and "not paid again" in str(
            result.problem
        )
    (row,) = context.ledger.entries()
    assert (row.state, row.reserved, len(sandbox.state.tasks)) == ("submitting", 350_000, 1)
    sandbox.state.options.visible_seconds = sandbox.state.options.listed_seconds = 0.0
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


def test_a_person_who_looked_may_have_it_sent_again(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    context.absent_after = 900.0
    lose_the_create(sandbox, created=False)
    (result,) = run(context, make_plan())
    assert result.status == "pending" and not sandbox.state.tasks
    context.absent = frozenset(result.external_ids)
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1
    notes = [note for _, _, note in context.ledger.history(result.external_ids[0])]
    assert "a person says that the service does not have it" in notes


def test_a_person_who_was_wrong_pays_once_all_the_same(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    context.absent_after = 900.0
    sandbox.state.options.refuse_used_ids = False
    context.absent = frozenset([killed_at_accept(sandbox, context, make_plan)])
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


def test_what_stayed_away_long_enough_is_sent_again_by_itself(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    context.absent_after = 900.0
    lose_the_create(sandbox, created=False)
    (result,) = run(context, make_plan())
    assert result.status == "pending" and result.problem is not None and "UTC" in result.problem.fix
    context.ledger._db.change("UPDATE attempt SET seen_at = seen_at - 901")
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize(
    ("http", "code", "words"),
    [
        (400, 1201, "外部任务ID已存在"),
        (400, 1201, "external_task_id duplicated"),
        (400, 1200, "request parameter invalid"),
        (400, 1301, "content"),
    ],
)
def test_a_refusal_in_doubt_proves_nothing(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, http: int, code: int, words: str
) -> None:
    """The task exists, its own id is used, and the service says so in words that nobody knows."""
    sandbox.state.options.visible_seconds = sandbox.state.options.listed_seconds = 1e9
    accept = sandbox.state.accept

    def refuse(*args: object) -> object:
        try:
            return accept(*args)  # type: ignore[arg-type]
        except RefusalError:
            raise RefusalError(http, code, words) from None

    sandbox.state.accept = refuse  # type: ignore[method-assign, assignment]
    lose_the_create(sandbox)
    (result,) = run(context, make_plan())  # its absence counts as known at once here, so it is sent again
    assert result.status == "pending"
    context.retry_failed = True
    assert run(context, make_plan())[0].status == "pending"
    assert len(sandbox.state.tasks) == 1 and context.ledger.entries()[0].state == "submitting"
    sandbox.state.options.visible_seconds = 0.0
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize(
    ("http", "code"),
    [(400, 1999), (404, 999), (409, 1400), (200, 1201), (502, 1201), (400, 5000), (200, 7), (418, 4999)],
)
def test_answers_that_prove_nothing(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, http: int, code: int
) -> None:
    for path in CREATES:
        sandbox.state.faults.append(
            Fault("status", method="POST", path=path, http=http, code=code, message="odd", create=True)
        )
    assert not proves_no_task(code, http)
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize("http", [400, 403, 404, 413, 429, 451, 302, 204])
def test_pages_of_a_gateway_prove_nothing(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, http: int
) -> None:
    for path in CREATES:
        sandbox.state.faults.append(Fault("page", method="POST", path=path, http=http, create=True))
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


# ---------------------------------------------------------------- whose task is it


Spoil = Callable[[dict[str, object], str], None]


def other_id(record: dict[str, object], own: str) -> None:
    record.update(external_id="grail-of-somebody-else", task_info={"external_task_id": "grail-of-somebody-else"})


def no_id(record: dict[str, object], own: str) -> None:
    record.pop("external_id", None)
    record["task_info"] = {}


def odd_info(record: dict[str, object], own: str) -> None:
    record.update(external_id=["a"], task_info="none")


@pytest.mark.parametrize("spoil", [other_id, no_id, odd_info])
def test_answer_that_does_not_carry_our_id_is_not_adopted(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, spoil: Spoil
) -> None:
    context.absent_after = 900.0
    sandbox.state.spoil_record = spoil
    (result,) = run(context, make_plan())
    assert result.status == "pending" and len(sandbox.state.tasks) == 1
    assert context.ledger.entries()[0].task_id is None
    sandbox.state.spoil_record = None
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


def test_two_clips_never_share_a_task(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    run(context, make_plan())
    taken = context.ledger.entries()[0].task_id
    context.absent_after = 900.0

    def same_task(record: dict[str, object], own: str) -> None:
        if "id" in record:
            record["id"] = taken
        else:
            record["task_id"] = taken

    sandbox.state.spoil_record = same_task
    (result,) = run(context, make_plan("b"))
    assert result.status == "pending" and result.problem is not None and "another clip" in str(result.problem)
    assert [row.task_id for row in context.ledger.entries()] == [taken, None]
    sandbox.state.spoil_record = None
    assert run(context, make_plan("b"))[0].status == "done" and len(sandbox.state.tasks) == 2


def test_the_ledger_takes_no_task_twice(context: PurchaseContext, make_plan: MakePlan) -> None:
    rows = [context.ledger.reserve(make_plan(name).key("sandbox", 0), "{}", 1, None) for name in "ab"]
    steps.accepted(context.ledger, rows[0].external_id, "850", 1.0)
    with pytest.raises(TaskTakenError):
        steps.accepted(context.ledger, rows[1].external_id, "850", 1.0)
    assert isinstance(TaskTakenError("x"), UserError)


def test_status_that_carries_another_id_is_not_believed(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.options.work_seconds = 1e6
    context.patience = 5.0
    assert run(context, make_plan())[0].status == "pending"
    sandbox.state.advance(2e6)
    sandbox.state.spoil_record = other_id
    (result,) = run(context, make_plan())
    assert result.status == "pending" and context.ledger.entries()[0].state == "submitted"
    sandbox.state.spoil_record = None
    assert run(context, make_plan())[0].status == "done"


def test_look_up_that_shows_another_task_is_an_error(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    run(context, make_plan())
    own = context.ledger.entries()[0].external_id
    sandbox.state.spoil_record = other_id
    with pytest.raises(KlingError) as caught:
        context.service.find(own)
    assert caught.value.kind is ErrorKind.FOREIGN
