# SPDX-License-Identifier: GPL-3.0-or-later
"""Money stays sane whatever the service reports, and no key shows anywhere whatever the service says."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError
from grail_addon.core.tables import read_table
from grail_addon.core.video.prices import Prices
from grail_addon.core.video.prompts import plain_text, with_static_camera
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault
from grail_addon.services.kling import KlingError, open_service
from grail_addon.services.prompt_writer import PromptOrder, write_prompts
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.secrets import HIDDEN, Secrets, load_secrets, redact, redact_data
from grail_addon.services.video_events import ClipProgress
from grail_addon.services.video_pool import run_pool
from grail_addon.services.vision import VisionError, VisionModel
from tests.services.paid_helpers import (
    ACCESS,
    API_KEY,
    OPENAI,
    ROOT,
    SECRET,
    MakePlan,
    QuickClock,
    drain_pool,
    key_secrets,
    run,
)
from tests.services.scripted_server import Reply, ScriptedServer
from tests.ui.speed import least_seconds, slowness

PLANTED = (API_KEY, ACCESS, SECRET, OPENAI)


# ---------------------------------------------------------------- money


@pytest.mark.parametrize("units", [-1000, "-5", "1e30", 1e300, "NaN", "Infinity", 60_000, "1e999999999"])
def test_a_deduction_that_nobody_can_believe_is_not_booked(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, units: Any
) -> None:
    def spoil(record: dict[str, Any], own: str) -> None:
        if "final_unit_deduction" in record:
            record["final_unit_deduction"] = units
        for line in record.get("billing", []):
            line["amount"] = units

    sandbox.state.spoil_record = spoil
    context.cap = 2 * 350_000
    events: list[Any] = []
    results = drain_pool(run_pool([make_plan(str(n)) for n in range(4)], context, 1.0), context, events.append)
    assert sorted(result.status for result in results) == ["done", "done", "stopped", "stopped"]
    assert context.ledger.committed("sandbox") == 700_000 and len(sandbox.state.tasks) == 2
    if units not in ("NaN", "Infinity"):  # those are no numbers at all
        notes = [event.text for event in events if isinstance(event, ClipProgress) and event.step == "note"]
        assert len(notes) == 2 and "not believed" in notes[0]
        (own,) = next(result.external_ids for result in results if result.status == "done")
        states = [note for _, state, note in context.ledger.history(own) if state == "succeeded"]
        assert "not believed" in states[0]


def test_a_deduction_that_can_be_believed_is_booked(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    def spoil(record: dict[str, Any], own: str) -> None:
        if "final_unit_deduction" in record:
            record["final_unit_deduction"] = "3.25"
        for line in record.get("billing", []):
            line["amount"] = "3.25"

    sandbox.state.spoil_record = spoil
    (result,) = run(context, make_plan())
    assert result.cost == 455_000


@pytest.mark.parametrize(
    "change", ["usd_per_unit: -0.14", "usd_per_unit: 0", "usd_per_unit: .nan", "usd_per_unit: 1e30"]
)
def test_prices_without_sense_are_refused(tmp_path: Path, change: str) -> None:
    text = (ROOT / "configs/prices.yaml").read_text()
    path = tmp_path / "prices.yaml"
    path.write_text("\n".join(change if line.startswith("usd_per_unit") else line for line in text.splitlines()))
    with pytest.raises(InputError, match="usd_per_unit"):
        read_table(path, Prices)
    path.write_text(text.replace("std: 0.3", "std: -0.3"))
    with pytest.raises(InputError, match="units_per_second"):
        read_table(path, Prices)


@pytest.mark.parametrize("factor", [1e-3, 0.0, -1.0, 1e6])
def test_the_vendors_clock_makes_no_clip_expire(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, factor: float
) -> None:
    def spoil(record: dict[str, Any], own: str) -> None:
        for name in ("created_at", "create_time"):
            if name in record:
                record[name] = record[name] * factor

    sandbox.state.spoil_record = spoil
    sandbox.state.faults.append(Fault("status", path="/files", http=404, times=3))
    (result,) = run(context, make_plan())
    assert result.status == "pending" and context.ledger.entries()[0].state == "succeeded"
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


# ---------------------------------------------------------------- keys


ODD_KEYS = [
    "ab\ncdefgh-secret",
    "ab\u200bcdefgh-secret",
    "\u201cabcdefgh-secret\u201d",
    "abc\u00e9-secret",
    "a\x00b-secret",
    "a\x1bb",
]


@pytest.mark.parametrize("key", ODD_KEYS, ids=ascii)
@pytest.mark.parametrize("name", ["KLING_API_KEY", "KLING_ACCESS_KEY", "KLING_SECRET_KEY", "OPENAI_API_KEY"])
def test_a_key_with_odd_characters_is_refused_and_not_shown(name: str, key: str) -> None:
    with pytest.raises(InputError) as caught:
        load_secrets(None, {name: key})
    text = repr(caught.value) + str(caught.value.problems)
    assert name in text and "secret" not in text.replace("KLING_SECRET", "") and key not in text


@pytest.mark.parametrize(
    "url", ["http://example.org/v1", "ftp://x", "https://u:p@example.org", "http://127.0.0.1.evil.org/v1"]
)
def test_the_vision_address_follows_the_rule_of_the_host(url: str) -> None:
    secrets = dataclasses.replace(key_secrets(), openai_base_url=url)
    with pytest.raises(InputError, match="OPENAI_BASE_URL"):
        VisionModel(secrets, "gpt-5.5", "high", QuickClock())


def test_no_proxy_for_this_machine(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    body = {
        "choices": [
            {"message": {"content": '{"answer": "big", "confidence": 1, "reason": "x"}'}, "finish_reason": "stop"}
        ]
    }
    from grail_addon.services.scale_probe import SizeJudgement

    with ScriptedServer(lambda seen: Reply(json.dumps(body).encode())) as server:
        secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{server.url}/v1")
        model = VisionModel(secrets, "gpt-5.5", "high", QuickClock())
        assert model.ask("s", "q", [picture], SizeJudgement).answer == "big"
        assert server.seen[0].headers["authorization"] == f"Bearer {OPENAI}"
        model.close()


FORMS = {
    "plain": lambda key: f"you sent {key}!",
    "quoted": lambda key: quote(f"key={key}&x=/"),
    "all quoted": lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
    "json": lambda key: json.dumps({"key": key}),
    "json in json": lambda key: json.dumps(json.dumps({"key": key})),
    "unicode escapes": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "backslashes": lambda key: key.replace("-", "\\-"),
    "html": lambda key: html.escape(key).replace("-", "&#45;"),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(f"Bearer {key}\n".encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex().upper(),
    "python escapes": lambda key: "".join(f"\\x{ord(letter):02x}" for letter in key),
    "base64 shifted": lambda key: base64.urlsafe_b64encode(f"x{key}yz".encode()).decode(),
}  # fmt: skip


_CODES = [form for name, form in FORMS.items() if "base64" in name or name == "hexadecimal"]


def hidden(text: str, key: str) -> bool:
    decoded = [text]
    for start in range(len(text)):
        part = text[start:]
        part = part[: len(part) // 4 * 4]
        try:
            decoded.append(base64.urlsafe_b64decode(part.replace("+", "-").replace("/", "_")).decode("latin-1"))
        except ValueError:
            continue
    return not any(key in one or key[3:-3] in one for one in decoded)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("key", PLANTED)
def test_keys_are_hidden_in_every_form(form: Any, key: str) -> None:
    secrets = Secrets(*map(SecretStr, PLANTED))
    text = redact(form(key), secrets)
    assert HIDDEN in text and hidden(text, key)
    data = redact_data({"a": [{form(key): form(key)}], "url": f"https://x.example/{quote(key)}"}, secrets)
    assert hidden(json.dumps(data), key) and data["url"] is None


@pytest.mark.parametrize("outer", FORMS.values(), ids=FORMS)
def test_keys_are_hidden_behind_two_layers(outer: Any) -> None:
    secrets = Secrets(*map(SecretStr, PLANTED))
    for name, inner in FORMS.items():
        if "base64" in name or name == "hexadecimal":
            continue  # of those, only text that was escaped afterwards is looked into
        for key in PLANTED:
            text = redact(outer(inner(key)) if outer not in _CODES else inner(outer(key)), secrets)
            assert HIDDEN in text and hidden(text, key), (name, text)


def test_links_keep_their_own_signature_and_other_texts_show_no_token() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhYmMifQ.c2lnbmF0dXJlLW9mLWl0"
    data = redact_data(
        {"url": f"https://cdn.example/a.mp4?sign={token}", "message": f"bad token {token}"}, key_secrets()
    )
    assert data["url"].endswith(token) and token not in data["message"]
    assert redact("nothing to hide: 100 %, a\\b &amp; c", key_secrets()) == "nothing to hide: 100 %, a\\b &amp; c"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_the_service_says_reaches_no_file(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, tmp_path: Path, form: Any
) -> None:
    """Failed-task text, status word, task id, message of a refusal: with keys in them, nothing of it is written."""
    own = PLANTED[:1] if context.service.generation == "new" else PLANTED[1:3]
    said = " ".join(map(form, own))
    sandbox.state.options.fail_messages = [f"policy: {said}"]
    sandbox.state.faults.append(Fault("status", method="POST", http=400, code=1300, message=said, after=1))
    events: list[str] = []
    drain_pool(
        run_pool([make_plan(str(n)) for n in range(3)], context, 1.0), context, lambda event: events.append(repr(event))
    )

    def spoil(record: dict[str, Any], mine: str) -> None:
        record.update(task_status=said, status=said, task_id=own[0], id=own[0])

    sandbox.state.spoil_record = spoil
    drain_pool(run_pool([make_plan("odd")], context, 1.0), context, lambda event: events.append(repr(event)))
    written = "".join(events) + "".join(
        path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".mp4"
    )
    assert not any(
        key in written or form(key) in written or base64.b64encode(key.encode()).decode()[4:-8] in written
        for key in own
    )


def test_signed_tokens_are_hidden(sandbox: SandboxServer, models: ModelTable) -> None:
    secrets = Secrets(kling_access_key=SecretStr(ACCESS), kling_secret_key=SecretStr(SECRET))

    def echo(seen: Any) -> Reply:
        body = {
            "code": 1002,
            "message": f"bad header {seen.headers['authorization']}",
            "request_id": seen.headers["authorization"],
        }
        return Reply(json.dumps(body).encode(), 401)

    with ScriptedServer(echo) as server:
        client = open_service(models, "kling-v3", server.url, secrets, SystemClock())
        with pytest.raises(KlingError) as caught:
            client.find("own")
        token = server.seen[0].headers["authorization"].removeprefix("Bearer ")
        assert token.count(".") == 2 and token not in str(caught.value) + caught.value.request_id + repr(
            caught.value.problem()
        )
        client.close()


def test_a_key_in_the_vision_models_words_reaches_no_prompt(picture: Path, tmp_path: Path) -> None:
    def says(seen: Any) -> Reply:
        content = json.dumps({"prompt": f"Lift \\u202e it, {OPENAI}\x00\x1b[31m"})
        return Reply(json.dumps({"choices": [{"message": {"content": content}}]}).encode())

    with ScriptedServer(says) as server:
        model = VisionModel(
            dataclasses.replace(key_secrets(), openai_base_url=f"{server.url}/v1"), "gpt-5.5", "high", QuickClock()
        )
        order = PromptOrder("D/c/v", "fp", tmp_path / "p/v.txt", picture, ("Lift it.",), 1, 1, 1, 2500)
        (clip,) = write_prompts(order, model)
        model.close()
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file()) + repr(clip)
    assert OPENAI not in written and "\x00" not in written and "\x1b" not in written and "\u202e" not in written


@pytest.mark.parametrize("say", ["refusal", "error"])
def test_a_key_in_a_refusal_is_hidden(picture: Path, say: str) -> None:
    from grail_addon.services.scale_probe import SizeJudgement

    body: dict[str, Any] = {"choices": [{"message": {"refusal": f"not with {OPENAI}"}}]}
    if say == "error":
        body = {"error": {"message": f"bad key {OPENAI}", "code": OPENAI, "type": OPENAI}}
    with ScriptedServer(lambda seen: Reply(json.dumps(body).encode(), 200 if say == "refusal" else 401)) as server:
        model = VisionModel(
            dataclasses.replace(key_secrets(), openai_base_url=f"{server.url}/v1"), "gpt-5.5", "high", QuickClock()
        )
        with pytest.raises(VisionError) as caught:
            model.ask("s", "q", [picture], SizeJudgement)
        model.close()
    assert HIDDEN in str(caught.value) and OPENAI not in repr(caught.value) + str(caught.value.problem())


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[31mb", "a\u202eb\u2066c", "\u200bab", "a\ud800b", "a\x9bb"])
def test_control_characters_reach_no_prompt(text: str) -> None:
    sent = with_static_camera(text, 2500)
    assert sent.isprintable() and sent == sent.encode("utf-8").decode("utf-8")
    assert plain_text("Größe: 3 m,\nnext") == "Größe: 3 m,\nnext"


def test_redaction_is_quick() -> None:
    data = [{"message": "m" * 300, "id": str(n), "url": "https://x.example/" + "a" * 200} for n in range(500)]
    secrets = Secrets(*map(SecretStr, PLANTED))
    assert least_seconds(lambda: redact_data(data, secrets)) < 2.0 * slowness()
