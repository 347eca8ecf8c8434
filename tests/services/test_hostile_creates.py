# SPDX-License-Identifier: GPL-3.0-or-later
"""A create whose answer is odd although the task is there, and look-ups that seem to say that it is not: paid once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.video.prices import Prices
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.kling import legacy, new
from grail_addon.services.purchase import PurchaseContext
from tests.services.between import context_behind, is_create
from tests.services.paid_helpers import MakePlan, run
from tests.services.scripted_server import Reply, Seen
from tests.services.test_doubt import killed_at_accept, lose_the_create

Change = Callable[[Reply], Reply]


def body(change: Callable[[bytes], bytes], **more: Any) -> Change:
    return lambda reply: Reply(change(reply.body), **more)


def data(**values: Any) -> Change:
    """The answer with these values in its record."""

    def change(reply: Reply) -> Reply:
        answer = json.loads(reply.body)
        answer["data"] = {**answer["data"], **values}
        return Reply(json.dumps(answer).encode())

    return change


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


ODD_ANSWERS: dict[str, Change] = {
    "empty": body(lambda b: b""),
    "spaces": body(lambda b: b" \n\t"),
    "cut": body(lambda b: b[: len(b) // 2]),
    "two answers": body(lambda b: b + b),
    "in a list": body(lambda b: b"[" + b + b"]"),
    "as text": body(lambda b: json.dumps(b.decode()).encode()),
    "utf-16": body(lambda b: b.decode().encode("utf-16")),
    "with a mark before": body(lambda b: b"\xef\xbb\xbf" + b),
    "in gzip that is not named": body(gzip.compress),
    "in gzip that is named": body(gzip.compress, headers={"Content-Encoding": "gzip"}),
    "two codes": body(lambda b: b'{"code": 1201, ' + b[1:]),
    "two codes, the other way": body(lambda b: b[:-1] + b', "code": 1301}', status=400),
    "no data": body(lambda b: b'{"code": 0, "message": "SUCCEED"}'),
    "data null": body(lambda b: b'{"code": 0, "data": null}'),
    "data of another kind": body(lambda b: b'{"code": 0, "data": {"ok": true}}'),
    "as a script": body(lambda b: b")]}',\n" + b),
    "html": body(lambda b: b"<html>" + b + b"</html>", kind="text/html"),
    "500 levels": body(lambda b: b'{"code": 0, "data": ' + nested(500) + b"}"),
    "900 levels": body(lambda b: b'{"code": 0, "message": "' + b'", "data": ' + nested(900) + b"}"),
    "created": body(lambda b: b, status=201),
    "accepted": body(lambda b: b, status=202),
    "no content": body(lambda b: b"", status=204),
    "moved": body(lambda b: b, status=301, headers={"Location": "/v1/videos/image2video"}),
    "see other": body(lambda b: b, status=303, headers={"Location": "http://127.0.0.1:9/"}),
    "temporarily elsewhere": body(lambda b: b, status=307, headers={"Location": "https://example.org/"}),
    "payment required": body(lambda b: b"", status=402),
    "teapot": body(lambda b: b, status=418),
    "token not valid, in success": body(lambda b: b'{"code": 1003, "message": "token is not valid yet"}'),
    "token expired, from a gateway": body(lambda b: b'{"code": 1004, "message": "expired"}', status=502),
    "task id null": data(task_id=None, id=None),
    "task id list": data(task_id=["1"], id=["1"]),
    "task id empty": data(task_id="", id=""),
    "task id of a megabyte": data(task_id="9" * (1 << 20), id="9" * (1 << 20)),
    "task id that steers": data(task_id="../../account/costs", id="a,b"),
    "task id with a line break": data(task_id="850\n", id="850\r\n"),
    "no state": data(task_status=None, status=None),
    "state number": data(task_status=1, status=1),
    "own id twice": data(task_info={"external_task_id": ["grail"]}, external_id={"a": 1}),
    "longer than it says": lambda reply: Reply(reply.body, length=len(reply.body) - 5),
    "shorter than it says": lambda reply: Reply(reply.body, length=len(reply.body) + 5, cut=True),
    "head alone": lambda reply: Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"),
    "chunks that stop": lambda reply: Reply(
        raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(reply.body), reply.body)
    ),
    "chunks of no size": lambda reply: Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}"),
    "go on, and nothing": lambda reply: Reply(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
    "hints, and nothing": lambda reply: Reply(raw=b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "another protocol": lambda reply: Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n"),
    "TLS": lambda reply: Reply(raw=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "old protocol": lambda reply: Reply(raw=b"HTTP/1.0 200 OK\r\n\r\n" + reply.body),
    "many headers": lambda reply: Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n" + reply.body),
    "no status": lambda reply: Reply(raw=b"HTTP/1.1 \r\n\r\n" + reply.body),
    "status of four digits": lambda reply: Reply(raw=b"HTTP/1.1 2000 OK\r\n\r\n" + reply.body),
}


@pytest.mark.parametrize("generation", ["legacy", "new"])
@pytest.mark.parametrize("change", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_a_task_whose_create_was_answered_oddly_is_found_and_paid_once(
    sandbox: SandboxServer, models: ModelTable, prices: Prices, tmp_path: Path, make_plan: MakePlan,
    generation: str, change: Change,
) -> None:  # fmt: skip
    """Also where the service would take the same request twice."""
    sandbox.state.options.refuse_used_ids = False
    spoilt: list[Seen] = []

    def spoil(seen: Seen, reply: Reply) -> Reply:
        if is_create(seen) and not spoilt:
            spoilt.append(seen)
            return change(reply)
        return reply

    with context_behind(sandbox, models, prices, tmp_path, generation, spoil) as context:
        (result,) = run(context, make_plan())
        rows = context.ledger.entries()
    assert spoilt and result.status == "done" and len(sandbox.state.tasks) == 1
    assert [(row.state, row.charged, row.reserved) for row in rows] == [("verified", 350_000, 0)]


# ---------------------------------------------------------------- look-ups that seem to say that there is none


def in_doubt_later(sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan) -> None:
    """A clip whose create was lost, whose task only the list shows, and whose absence would count as known."""
    sandbox.state.options.refuse_used_ids = False
    killed_at_accept(sandbox, context, make_plan)
    context.absent_after = 0.0
    sandbox.state.options.visible_seconds = 1e9


def of_own(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any], str], None]:
    return lambda record, own: change(record)


ODD_RECORDS: dict[str, Callable[[dict[str, Any]], None]] = {
    "a state nobody knows": lambda record: record.update(task_status="archived", status="archived"),
    "no task id": lambda record: record.update(task_id=None, id=None),
    "own id at another place": lambda record: record.update(
        params={"external_task_id": record.pop("external_id", None) or record["task_info"]["external_task_id"]},
        task_info={},
    ),
}


@pytest.mark.parametrize("change", ODD_RECORDS.values(), ids=ODD_RECORDS)
def test_own_record_in_the_list_that_cannot_be_read_is_no_absence(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, change: Callable[[dict[str, Any]], None]
) -> None:
    in_doubt_later(sandbox, context, make_plan)
    sandbox.state.spoil_record = of_own(change)
    context.max_retries = 3
    (result,) = run(context, make_plan())
    assert result.status == "pending" and result.problem is not None and "--send_again" in result.problem.fix
    assert len(sandbox.state.tasks) == 1
    sandbox.state.spoil_record = None
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize("factor", [1e-3, 0.0, -1.0])
def test_times_of_the_list_that_make_no_sense_do_not_end_it(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, factor: float
) -> None:
    """Seconds for milliseconds: the first page seems to be fifty years old, and the task is on the last."""
    in_doubt_later(sandbox, context, make_plan)
    sandbox.state.options.visible_seconds = 0.0
    for number in range(7):
        assert run(context, make_plan(f"o{number}"))[0].status == "done"
    sandbox.state.options.visible_seconds, sandbox.state.options.page_limit = 1e9, 3

    def other_unit(record: dict[str, Any]) -> None:
        for name in ("created_at", "create_time"):
            if name in record:
                record[name] = record[name] * factor

    sandbox.state.spoil_record = of_own(other_unit)
    (result,) = run(context, make_plan())
    assert result.status in ("done", "pending") and len(sandbox.state.tasks) == 8
    sandbox.state.spoil_record = None
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 8


def test_a_list_that_is_longer_than_is_looked_at_proves_nothing(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_doubt_later(sandbox, context, make_plan)
    sandbox.state.options.visible_seconds = 0.0
    for number in range(7):
        assert run(context, make_plan(f"o{number}"))[0].status == "done"
    sandbox.state.options.visible_seconds, sandbox.state.options.page_limit = 1e9, 2
    pages = [(module, module.MAX_PAGES) for module in (legacy, new)]
    for module, _ in pages:
        monkeypatch.setattr(module, "MAX_PAGES", 2)
    (result,) = run(context, make_plan())
    assert result.status == "pending" and len(sandbox.state.tasks) == 8
    for module, most in pages:
        monkeypatch.setattr(module, "MAX_PAGES", most)
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 8


@pytest.mark.parametrize("generation", ["legacy", "new"])
@pytest.mark.parametrize("odd", [None, "done", 7, {}, {"total": 0}])
def test_a_list_that_is_none_proves_nothing(
    sandbox: SandboxServer, models: ModelTable, prices: Prices, tmp_path: Path, make_plan: MakePlan,
    generation: str, odd: Any,
) -> None:  # fmt: skip
    sandbox.state.options.refuse_used_ids = False
    sandbox.state.options.visible_seconds = 1e9
    calm: list[bool] = []

    def spoil(seen: Seen, reply: Reply) -> Reply:
        listing = "pageNum=" in seen.path or (seen.method == "POST" and seen.path == "/tasks")
        return Reply(json.dumps({"code": 0, "data": odd}).encode()) if listing and not calm else reply

    with context_behind(sandbox, models, prices, tmp_path, generation, spoil) as context:
        context.max_retries = 2
        lose_the_create(sandbox)
        (result,) = run(context, make_plan())
        assert result.status == "pending" and len(sandbox.state.tasks) == 1
        calm.append(True)
        assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize("hours", [-20, -8, -1, 1, 8, 20])
def test_a_service_whose_clock_differs_still_shows_its_task(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, hours: int
) -> None:
    sandbox.state.options.refuse_used_ids = False
    sandbox.state.advance(3600.0 * hours)
    context.absent_after = 900.0
    lose_the_create(sandbox)
    sandbox.state.options.visible_seconds = 1e9
    (result,) = run(context, make_plan())
    assert result.status == "done" and len(sandbox.state.tasks) == 1


def test_a_clock_that_is_set_forward_in_the_run_makes_no_task_absent(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.state.options.refuse_used_ids = False
    sandbox.state.options.visible_seconds = sandbox.state.options.listed_seconds = 1e9
    context.absent_after = 900.0
    context.doubt_waits = (0.0,)
    lose_the_create(sandbox)
    now = context.clock.time
    # as soon as it is sent, it is a year later
    monkeypatch.setattr(context.clock, "time", lambda: now() + (3.2e7 if sandbox.state.tasks else 0.0))
    context.max_retries = 2
    (result,) = run(context, make_plan())
    assert result.status == "pending" and len(sandbox.state.tasks) == 1
