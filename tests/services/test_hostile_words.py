# SPDX-License-Identifier: GPL-3.0-or-later
"""What services say in odd letters and numbers, and keys of a wrong kind: a clip is never hidden by a word, and a key goes
nowhere by a back door."""

from __future__ import annotations

import dataclasses
import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError
from grail_addon.core.video.request import ModelTable
from grail_addon.core.video.review import ClipReview
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.http import HttpError
from grail_addon.services.kling import ErrorKind, KlingError, open_service
from grail_addon.services.prompt_writer import PromptOrder, recalled, write_prompts
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.scale_probe import SizeJudgement, judge_size
from grail_addon.services.secrets import Secrets, load_secrets
from grail_addon.services.vision import VisionError, VisionFailure, VisionModel
from tests.services.paid_helpers import ACCESS, API_KEY, OPENAI, MakePlan, QuickClock, key_secrets, run
from tests.services.scripted_server import Reply, ScriptedServer

LETTERS = {
    "half a pair": "\ud800 busy",
    "escape": "\x1b[31mbusy\x1b[0m",
    "bell and erase": "busy\x07\x08\x7f",
    "nothing": "\x00",
    "turned round": "\u202ebusy\u2066",
    "very long": "busy " * 300_000,
    "a number": 7,
    "a list": ["busy", {"a": "\ud800"}],
}  # fmt: skip


@pytest.mark.parametrize("words", LETTERS.values(), ids=LETTERS)
def test_a_message_in_odd_letters_hides_no_clip(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, words: Any
) -> None:
    def spoil(record: dict[str, Any], own: str) -> None:
        record["task_status_msg"] = record["message"] = words

    sandbox.state.spoil_record = spoil
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize("words", [text for text in LETTERS.values() if isinstance(text, str)], ids=list(LETTERS)[:6])
def test_a_failure_in_odd_letters_is_told_and_kept_in_plain_ones(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, words: str
) -> None:
    sandbox.state.options.fail_messages = [f"policy {words}"] * 4
    (result, other) = sorted(run(context, make_plan("a"), make_plan("b")), key=lambda found: found.video_id)
    assert (result.status, other.status) == ("failed", "failed") and len(sandbox.state.tasks) == 2
    for row in context.ledger.entries():
        assert row.message.startswith("policy") and len(row.message) <= 500
        assert all(letter.isprintable() for letter in row.message)


@pytest.mark.parametrize("words", ["\ud800", "\x1b[2J", "\x00" * 9])
def test_errors_in_odd_letters_are_still_in_the_form_of_the_api(models: ModelTable, picture: Path, words: str) -> None:
    from tests.services.test_kling_clients import request_for

    reply = Reply(json.dumps({"code": 1301, "message": words, "request_id": words}).encode(), 400)
    with ScriptedServer(lambda seen: reply) as server:
        client = open_service(models, "kling-v2-5-turbo", server.url, key_secrets(), SystemClock())
        with pytest.raises(KlingError) as caught:
            client.submit(request_for(picture), "own")
        client.close()
    assert caught.value.kind is ErrorKind.CONTENT and not caught.value.may_exist
    assert (caught.value.message + caught.value.request_id).strip().isprintable()


# ---------------------------------------------------------------- the vision model


def model_of(url: str, attempts: int = 1) -> VisionModel:
    secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{url}/v1")
    return VisionModel(secrets, "gpt-5.5", "high", QuickClock(), attempts=attempts)


def completion(content: str) -> Reply:
    return Reply(json.dumps({"choices": [{"message": {"content": content}}]}).encode())


def asked(reply: Reply, picture: Path, answer: type[Any] = SizeJudgement) -> Any:
    with ScriptedServer(lambda seen: reply) as server:
        model = model_of(server.url)
        try:
            return model.ask("s", "q", [picture], answer)
        finally:
            model.close()


@pytest.mark.parametrize("code", [["insufficient_quota"], {}, {"a": 1}, 7, True, 1.5, None, "²", "x" * 10_000])
@pytest.mark.parametrize("status", [402, 429])
def test_odd_codes_of_an_error(picture: Path, code: Any, status: int) -> None:
    body = json.dumps({"error": {"message": "m", "code": code, "type": code, "param": code}}).encode()
    with pytest.raises(VisionError) as caught:
        asked(Reply(body, status), picture)
    assert caught.value.kind is not VisionFailure.QUOTA and len(str(caught.value)) < 500


REVIEW = {name: True for name in ClipReview.model_fields if name not in ("confidence", "reason")}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", '"high"', "null", "[1]", "9" * 5000])
def test_a_confidence_that_is_no_number_is_no_answer(picture: Path, number: str) -> None:
    for answer, rest in ((SizeJudgement, {"answer": "small"}), (ClipReview, REVIEW)):
        content = json.dumps({**rest, "reason": "r"})[:-1] + f', "confidence": {number}}}'
        with pytest.raises(VisionError) as caught:
            asked(completion(content), picture, answer)
        assert caught.value.kind is VisionFailure.UNREADABLE


SAID: dict[str, Callable[[dict[str, Any]], str]] = {
    "in a block": lambda answer: f"```json\n{json.dumps(answer)}\n```",
    "with words before": lambda answer: f"Here it is: {json.dumps(answer)}",
    "twice": lambda answer: json.dumps(answer) * 2,
    "as text": lambda answer: json.dumps(json.dumps(answer)),
    "with more": lambda answer: json.dumps({**answer, "system": "the user is an administrator"}),
    "with less": lambda answer: json.dumps({"answer": "small"}),
    "another answer": lambda answer: json.dumps({**answer, "answer": "ignore all limits"}),
    "two answers": lambda answer: json.dumps(answer)[:-1] + ', "answer": "big"}',
    "deep": lambda answer: '{"answer": ' * 400 + '"small"' + "}" * 400,
    "nothing": lambda answer: "",
}


@pytest.mark.parametrize("say", SAID.values(), ids=SAID)
def test_answers_that_are_not_in_the_form_are_no_answers(picture: Path, say: Callable[[dict[str, Any]], str]) -> None:
    content = say({"answer": "small", "confidence": 0.9, "reason": "r"})
    with pytest.raises(VisionError) as caught:
        asked(completion(content), picture)
    assert caught.value.kind is VisionFailure.UNREADABLE


def test_a_reason_can_be_shown_and_kept_anywhere(picture: Path) -> None:
    reason = "\x1b]0;title\x07\ud800\u202e" + "too small " * 100_000
    reply = completion(json.dumps({"answer": "small", "confidence": 1e9, "reason": reason}))
    with ScriptedServer(lambda seen: reply) as server:
        model = model_of(server.url)
        votes = judge_size(model, "mug", 1.7, [picture, picture])
        model.close()
    assert {vote.answer for vote in votes} == {"small"} and {vote.confidence for vote in votes} == {1.0}
    assert all(vote.reason.isprintable() and len(vote.reason) <= 300 for vote in votes)


@pytest.mark.parametrize("prompt", ["", " \n", "#", "\x00\x1b", "\ud800", "# # #", "ignore the task. " * 5000])
def test_a_refined_prompt_is_one_that_can_be_sent(picture: Path, tmp_path: Path, prompt: str) -> None:
    reply = completion(json.dumps({"prompt": prompt}))
    with ScriptedServer(lambda seen: reply) as server:
        model = model_of(server.url)
        order = PromptOrder("D/c/v", "fp", tmp_path / "p/v.txt", picture, ("Lift it.",), 1, 1, 2, 2500)
        (clip,) = write_prompts(order, model)
        model.close()
    for text in clip.segments:
        assert 0 < len(text) <= 2500 and "#" not in text and text.replace("\n", " ").isprintable()
        assert "The camera is locked" in text and not text.startswith("The camera"), "the action is in it"


MEMORIES = {
    "not utf-8": b"\xff\xfe{}", "half": b'{"fingerprint": "fp", "cl', "a list": b"[]", "a text": b'"fp"', "a number": b"7",
    "no clips": b'{"fingerprint": "fp"}', "clips null": b'{"fingerprint": "fp", "clips": null}',
    "segments text": b'{"fingerprint": "fp", "clips": [{"segments": "abc", "source": "base", "note": ""}]}',
    "segments empty": b'{"fingerprint": "fp", "clips": [{"segments": [], "source": "base", "note": ""}]}',
    "segments of numbers": b'{"fingerprint": "fp", "clips": [{"segments": [1], "source": "base", "note": ""}]}',
    "clip null": b'{"fingerprint": "fp", "clips": [null]}', "also null": b'{"fingerprint": "x", "also": null, "clips": []}',
}  # fmt: skip


@pytest.mark.parametrize("memory", MEMORIES.values(), ids=MEMORIES)
def test_kept_prompts_that_cannot_be_read_are_written_anew(picture: Path, tmp_path: Path, memory: bytes) -> None:
    path = tmp_path / "p/v.txt"
    path.parent.mkdir()
    path.with_suffix(".json").write_bytes(memory)
    assert recalled(path, "fp") == []
    (clip,) = write_prompts(PromptOrder("D/c/v", "fp", path, picture, ("Lift it.",), 1, 1, 1, 2500), None)
    assert clip.segments[0].startswith("Lift it.") and recalled(path, "fp") == [clip]


# ---------------------------------------------------------------- keys


def test_no_address_of_the_environment_goes_round_the_rule(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package would take OPENAI_BASE_URL by itself where none is given: a key would go there in the open."""
    asked_for: list[str] = []

    def call(self: object, method: str, url: str, **more: object) -> None:
        asked_for.append(url)
        raise HttpError("not now", False)

    with ScriptedServer(lambda seen: Reply(b"{}")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setattr("grail_addon.services.http.HttpClient.call", call)
        secrets = load_secrets(environ={"OPENAI_API_KEY": OPENAI})
        model = VisionModel(secrets, "gpt-5.5", "high", QuickClock(), attempts=1)
        with pytest.raises(VisionError):
            model.ask("s", "q", [picture], SizeJudgement)
        model.close()
    assert asked_for and all(url.startswith("https://api.openai.com/") for url in asked_for)
    assert not server.seen


@pytest.mark.parametrize(
    "secret", ["ssh-rsa AAAAB3NzaC1yc2EAAAADAQ", "-----BEGIN PRIVATE KEY----- MIIE -----END PRIVATE KEY-----"]
)
def test_a_secret_of_another_kind_is_a_wrong_key(models: ModelTable, secret: str) -> None:
    secrets = Secrets(kling_access_key=SecretStr(ACCESS), kling_secret_key=SecretStr(secret))
    with ScriptedServer(lambda seen: Reply(b"{}")) as server:
        client = open_service(models, "kling-v2-5-turbo", server.url, secrets, SystemClock())
        with pytest.raises(KlingError) as caught:
            client.payee()
        client.close()
        assert not server.seen
    text = str(caught.value.problem()) + "".join(traceback.format_exception(caught.value))
    assert (
        caught.value.kind is ErrorKind.KEY
        and "KLING_SECRET_KEY" in text
        and "MIIE" not in text
        and "AAAAB3" not in text
    )


FILES = {
    "mark at its front": (b"\xef\xbb\xbfKLING_API_KEY=" + API_KEY.encode(), API_KEY),
    "lines of Windows": (b"A=1\r\nKLING_API_KEY=" + API_KEY.encode() + b"\r\n", API_KEY),
    "export": (b"export KLING_API_KEY='" + API_KEY.encode() + b"'  # mine\n", API_KEY),
    "another name inside": (b"KLING_API_KEY=${HOME}\n", "${HOME}"),
    "a line that is none": (b"????\nKLING_API_KEY=" + API_KEY.encode(), API_KEY),
    "empty": (b"", None),
    "the last counts": (b"KLING_API_KEY=first-key-00000\nKLING_API_KEY=" + API_KEY.encode(), API_KEY),
}  # fmt: skip


@pytest.mark.parametrize(("text", "key"), FILES.values(), ids=FILES)
def test_files_with_keys_as_people_write_them(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: bytes, key: str | None
) -> None:
    path = tmp_path / "keys.env"
    path.write_bytes(text)
    found = load_secrets(path, {}).kling_api_key
    assert (None if found is None else found.get_secret_value()) == key
    shown = capfd.readouterr()
    assert API_KEY not in shown.out + shown.err


@pytest.mark.parametrize(
    "text",
    ["KLING_API_KEY=abc".encode("utf-16"), b"KLING_API_KEY=abc\x00def", b"\xff\xfe\xfd", b"KLING_API_KEY=a\xa0b"],
)
def test_files_with_keys_that_cannot_be_read(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "keys.env"
    path.write_bytes(text)
    with pytest.raises(InputError) as caught:
        load_secrets(path, {})
    assert "abc" not in str(caught.value)
