# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that make no sense harm the item that they are about: an error of a kind, in time, and never a traceback."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.http import MAX_BYTES, HttpClient, HttpError
from grail_addon.services.kling import ErrorKind, KlingError, open_service
from grail_addon.services.kling.records import legacy_task, new_task, number
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.retry import retry_after_seconds
from grail_addon.services.scale_probe import SizeJudgement
from grail_addon.services.vision import VisionError, VisionFailure, VisionModel
from tests.services.paid_helpers import MakePlan, QuickClock, key_secrets, pair_secrets, run
from tests.services.scripted_server import Reply, ScriptedServer, envelope

DEEP = "[" * 100_000 + "]" * 100_000
LONG_NUMBER = "9" * 10_000

ODD_BODIES = {
    "empty": b"", "null": b"null", "list": b"[]", "text": b'"x"', "true": b"true", "deep": DEEP.encode(),
    "long number": LONG_NUMBER.encode(), "not utf-8": b'{"code": 0, "message": "\xff\xfe"}', "half": b'{"code": 0, "da',
    "code is text": b'{"code": "0", "data": {}}', "code is true": b'{"code": true, "data": {}}',
    "code is huge": b'{"code": ' + LONG_NUMBER.encode() + b"}", "no data": b'{"code": 0}',
    "data is text": b'{"code": 0, "data": "done"}', "data is a number": b'{"code": 0, "data": 7}',
    "data is deep": b'{"code": 0, "data": ' + DEEP.encode() + b"}", "nan": b'{"code": 0, "data": NaN}',
    "surrogate": b'{"code": 0, "message": "\\ud800", "data": {"task_id": "\\ud800", "id": "\\ud800"}}',
    "html": b"<html>busy</html>",
}  # fmt: skip


def client_of(models: ModelTable, url: str, generation: str) -> Any:
    secrets = pair_secrets() if generation == "legacy" else key_secrets()
    return open_service(models, "kling-v2-5-turbo", url, secrets, SystemClock())


@pytest.mark.parametrize("generation", ["legacy", "new"])
@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES)
def test_odd_bodies_are_errors_of_a_kind(models: ModelTable, picture: Path, generation: str, body: bytes) -> None:
    from tests.services.test_kling_clients import request_for

    with ScriptedServer(lambda seen: Reply(body)) as server:
        client = client_of(models, server.url, generation)
        with pytest.raises(KlingError) as caught:
            client.submit(request_for(picture), "own")
        assert caught.value.may_exist, "nobody knows whether there is a task"
        for call in (
            lambda: client.find("own", 0.0),
            lambda: client.poll(["1"], 0.0),
            lambda: client.poll(list("abc"), 0.0),
        ):
            try:
                answer = call()
            except KlingError:
                continue
            assert not answer or all(isinstance(one, KlingError) for one in answer.values())
        client.close()


RECORD = {
    "legacy": {"task_id": "1", "task_status": "succeed", "task_info": {"external_task_id": "own"},
               "task_result": {"videos": [{"url": "https://x.example/a.mp4", "duration": "5.0"}]}},
    "new": {"id": "1", "status": "succeeded", "external_id": "own",
            "outputs": [{"type": "video", "url": "https://x.example/a.mp4", "duration": "5.0"}]},
}  # fmt: skip
READ: dict[str, Callable[[Any], Any]] = {"legacy": legacy_task, "new": new_task}
ODD_VALUES: list[Any] = [None, True, 0, -1, 1e400, "", "x" * 5000, [], {}, [[]], [{}], {"a": 1}, "²", "\u202e", 10**30]


@pytest.mark.parametrize("generation", ["legacy", "new"])
@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
def test_every_field_may_be_odd(generation: str, value: Any) -> None:
    """Of a whole record, each field in turn: a task that can be used, or a KlingError."""
    record = RECORD[generation]
    assert READ[generation](record).url == "https://x.example/a.mp4"
    more = {"final_unit_deduction": 1, "final_balance_deduction": 1, "billing": 1, "created_at": 1, "create_time": 1,
            "task_status_msg": 1, "message": 1}  # fmt: skip
    for name in {**record, **more}:
        try:
            task = READ[generation]({**record, name: value})
        except KlingError as error:
            assert error.kind is ErrorKind.UNREADABLE and name in (
                "task_id",
                "task_status",
                "id",
                "status",
                "external_id",
            )
            continue
        assert task.task_id and task.state in ("running", "succeeded")
        assert task.url in (None, "https://x.example/a.mp4")


def test_numbers_of_all_kinds() -> None:
    assert str(number("2.5")) == "2.5" and number(LONG_NUMBER) is not None and number(float("nan")) is None
    assert [number(odd) for odd in ("", "abc", None, True, [], "²")] == [None] * 6
    assert number("1e999999999999") == 10**60 and number("-1e999999999999") == -(10**60)
    for text in ("²", "", "-1", "soon", "1e3", "٣", "9" * 400, "1.2.3"):
        assert retry_after_seconds(text, 0.0) is None
    assert retry_after_seconds("7", 0.0) == 7.0
    assert retry_after_seconds("Thu, 01 Jan 1970 00:01:00 GMT", 20.0) == 40.0


@pytest.mark.parametrize("word", ["paused", "", "SUCCEED", "成功"])
def test_unknown_status_word_harms_one_clip(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, word: str
) -> None:
    plans = [make_plan(name) for name in "abcd"]
    first: list[str] = []

    def spoil(record: dict[str, Any], own: str) -> None:
        if not first:
            first.append(own)
        if own == first[0] and (record.get("task_result") or record.get("outputs")):
            record["task_status" if "task_status" in record else "status"] = word

    sandbox.state.spoil_record = spoil
    results = run(context, *plans)
    assert sorted(result.status for result in results) == ["done", "done", "done", "pending"]
    (pending,) = [result for result in results if result.status == "pending"]
    assert pending.problem is not None and ("status" in str(pending.problem) or "does not know" in str(pending.problem))
    sandbox.state.spoil_record = None
    assert {result.status for result in run(context, *plans)} == {"done"} and len(sandbox.state.tasks) == 4


def test_odd_records_of_others_in_the_list_are_passed_over(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    sandbox.state.strangers = [
        None,
        7,
        "x",
        [],
        {},
        {"task_id": 3},
        {"id": [], "status": {}},
        {"task_id": "5", "task_status": "new"},
    ]
    results = run(context, *[make_plan(name) for name in "abcde"])
    assert {result.status for result in results} == {"done"}


# ---------------------------------------------------------------- calls


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient(key_secrets())
    yield made
    made.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
SLOW = {
    "status line": Reply(raw=HEAD, pieces=len(HEAD), pause=0.3),
    "body": Reply(b"{" + b" " * 400 + b"}", pieces=402, pause=0.05),
    "silence": Reply(b"{}", delay=20.0),
}  # fmt: skip
"""Whole answers, each of which takes 20 seconds to come."""


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW)
def test_the_whole_call_has_a_deadline(client: HttpClient, reply: Reply) -> None:
    with ScriptedServer(lambda seen: reply) as server, pytest.raises(HttpError) as caught:
        client.call("GET", server.url, headers={}, seconds=0.7)
    assert caught.value.sent


@pytest.mark.parametrize("reply", [
    Reply(b"{}", length=10, cut=True), Reply(b"x" * (MAX_BYTES + 10)), Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
    Reply(raw=b"nonsense\r\n\r\n"), Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"),
    Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}"), Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X" * 70_000),
], ids=["cut", "too long", "packed", "nonsense", "negative length", "too many headers", "endless header"])  # fmt: skip
def test_answers_that_are_no_answers(client: HttpClient, reply: Reply) -> None:
    with ScriptedServer(lambda seen: reply) as server:
        try:
            answer = client.call("GET", server.url, headers={}, seconds=5.0)
        except HttpError as error:
            assert error.sent and len(str(error)) < 200
        else:
            assert len(answer.body) <= MAX_BYTES


def test_nothing_is_sent_where_there_is_no_connection(client: HttpClient) -> None:
    with pytest.raises(HttpError, match="no connection") as caught:
        client.call("GET", "http://127.0.0.1:9/", headers={})
    assert not caught.value.sent


def test_redirects_are_not_followed_with_a_key(client: HttpClient) -> None:
    with ScriptedServer(lambda seen: Reply(status=302, headers={"Location": "/elsewhere"})) as server:
        answer = client.call("POST", server.url, headers={"Authorization": "Bearer x"}, json={})
        assert answer.status == 302 and len(server.seen) == 1


def test_no_proxy_and_no_netrc_for_this_machine(
    client: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer(lambda seen: envelope({})) as server:
        client.call("GET", server.url, headers={"Authorization": "Bearer mine"})
        assert server.seen[0].headers["authorization"] == "Bearer mine"


# ---------------------------------------------------------------- the vision model

ODD_COMPLETIONS: dict[str, Any] = {
    "no choices": {"choices": []}, "choices null": {"choices": None}, "message null": {"choices": [{"message": None}]},
    "message text": {"choices": [{"message": "hi"}]}, "content list": {"choices": [{"message": {"content": [1]}}]},
    "content number": {"choices": [{"message": {"content": 7}}]}, "refusal list": {"choices": [{"message": {"refusal": [1]}}]},
    "deep content": {"choices": [{"message": {"content": DEEP}}]},
    "long number": {"choices": [{"message": {"content": '{"confidence": ' + LONG_NUMBER + "}"}}]},
    "choice is text": {"choices": ["x"]}, "empty": {}, "list": [],
}  # fmt: skip


@pytest.mark.parametrize("body", [json.dumps(odd).encode() for odd in ODD_COMPLETIONS.values()] + list(ODD_BODIES.values()),
                         ids=[*ODD_COMPLETIONS, *ODD_BODIES])  # fmt: skip
def test_odd_completions_are_unreadable(picture: Path, body: bytes) -> None:
    with ScriptedServer(lambda seen: Reply(body)) as server:
        secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{server.url}/v1")
        model = VisionModel(secrets, "gpt-5.5", "high", QuickClock(), attempts=2)
        with pytest.raises(VisionError) as caught:
            model.ask("s", "q", [picture], SizeJudgement)
        assert caught.value.kind is VisionFailure.UNREADABLE
        model.close()


@pytest.mark.parametrize(
    "error", [{"error": "x"}, {"error": {"message": ["a"], "code": 7}}, {"error": []}, "text", None, [1]]
)
@pytest.mark.parametrize("status", [400, 429, 500])
def test_odd_errors_of_the_vision_service(picture: Path, error: Any, status: int) -> None:
    with ScriptedServer(lambda seen: Reply(json.dumps(error).encode(), status, headers={"Retry-After": "²"})) as server:
        secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{server.url}/v1")
        model = VisionModel(secrets, "gpt-5.5", "high", QuickClock(), attempts=2)
        with pytest.raises(VisionError):
            model.ask("s", "q", [picture], SizeJudgement)
        model.close()


def test_the_vision_call_has_a_deadline(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grail_addon.services.vision.TIMEOUT", 0.7)
    with ScriptedServer(lambda seen: Reply(b" " * 400, pieces=400, pause=0.05)) as server:
        secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{server.url}/v1")
        model = VisionModel(secrets, "gpt-5.5", "high", QuickClock(), attempts=1)
        with pytest.raises(VisionError) as caught:
            model.ask("s", "q", [picture], SizeJudgement)
        assert caught.value.kind is VisionFailure.NETWORK, "an answer that came whole would be unreadable"
        model.close()
