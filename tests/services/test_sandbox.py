# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox itself: strict where the vendor is strict, so that a client that passes here is careful enough."""

from __future__ import annotations

import base64
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from PIL import Image

from grail_addon.core.clock import SystemClock
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.kling import open_service
from grail_addon.services.secrets import load_secrets
from tests.services.paid_helpers import ACCESS, API_KEY, OPENAI, ROOT, SECRET
from tests.waiting import PATIENCE

KEY = {"Authorization": f"Bearer {API_KEY}"}
LEGACY = "/v1/videos/image2video"
LOCAL = requests.Session()
LOCAL.trust_env = False  # no proxy of the environment


def picture(width: int = 400, height: int = 300, kind: str = "PNG") -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


def legacy(**changes: Any) -> dict[str, Any]:
    body = {"model_name": "kling-v2-6", "image": picture(), "prompt": "x", "mode": "pro", "duration": "5"}
    return {key: value for key, value in {**body, **changes}.items() if value is not None}


def new(last: bool = False, text: Any = "x", options: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    contents = [{"type": "prompt", "text": text}, {"type": "first_frame", "url": picture()}]
    if last:
        contents.append({"type": "last_frame", "url": picture()})
    return {"contents": contents, "settings": settings, "options": options or {}}


def post(server: SandboxServer, path: str, body: Any, headers: dict[str, str] = KEY) -> tuple[int, int, str]:
    answer = LOCAL.post(server.url + path, json=body, headers=headers)
    data = answer.json()
    assert data["request_id"] and (("data" in data) == (data["code"] == 0))
    return answer.status_code, data["code"], data["message"]


def token(sandbox: SandboxServer, key: str = SECRET, **claims: Any) -> dict[str, str]:
    now = int(sandbox.state.now())
    text = jwt.encode({"iss": ACCESS, "exp": now + 1800, "nbf": now - 5, **claims}, key, algorithm="HS256")
    return {"Authorization": f"Bearer {text}"}


def test_keys(sandbox: SandboxServer) -> None:
    now = int(sandbox.state.now())
    for headers, code in [
        ({}, 1001),
        ({"Authorization": "Bearer wrong"}, 1002),
        ({"Authorization": API_KEY}, 1002),
        (token(sandbox, "another-secret-of-thirty-two-chars!"), 1002),
        (token(sandbox, iss="nobody"), 1002),
        (token(sandbox, exp=now - 1), 1004),
        (token(sandbox, nbf=now + 60), 1003),
        (token(sandbox), 0),
        (KEY, 0),
    ]:
        status, got, _ = post(sandbox, LEGACY, legacy(), headers)
        assert (status, got) == (200 if code == 0 else 401, code), headers
    for path in ("/image-to-video/kling-2.6", "/tasks"):
        assert post(sandbox, path, new(), token(sandbox))[:2] == (401, 1002), (
            "a signed token opens the legacy routes only"
        )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (legacy(image="data:image/png;base64," + picture()), "base64"),
        (legacy(image="%%%"), "base64"),
        (legacy(image=base64.b64encode(b"text").decode()), "not a picture"),
        (legacy(image=picture(kind="WEBP")), "WEBP"),
        (legacy(image=picture(299, 299)), "pixel"),
        (legacy(image=picture(760, 300)), "pixel"),
        (legacy(image=None), "image is required"),
        (legacy(duration=5), "duration"),
        (legacy(duration="7"), "duration"),
        (legacy(mode="4k"), "mode"),
        (
            legacy(mode="std", image_tail=picture()),
            "model/mode/duration(kling-v2-6/std/5) is not supported with image_tail",
        ),
        (legacy(prompt=""), "prompt"),
        (legacy(prompt="x" * 2501), "2500"),
        (legacy(cfg_scale=0.5), "cfg_scale"),
        (legacy(aspect_ratio="16:9"), "aspect_ratio"),
        (legacy(external_task_id=5), "external_task_id"),
    ],
)
def test_legacy_rules(sandbox: SandboxServer, body: dict[str, Any], words: str) -> None:
    status, code, message = post(sandbox, LEGACY, body)
    assert (status, code) == (400, 1201) and words in message
    assert sandbox.state.tasks == {}


@pytest.mark.parametrize("model", ["kling-v1", "kling-v2-1-master", "kling-v3-0", None])
def test_retired_and_unknown_models(sandbox: SandboxServer, model: str | None) -> None:
    assert post(sandbox, LEGACY, legacy(model_name=model))[:2] == (404, 1203)


@pytest.mark.parametrize(
    ("model", "body"),
    [
        ("kling-2.6", new(last=True, resolution="720p")),
        ("kling-2.5-turbo", new(last=True)),
        ("kling-3.0-turbo", new(last=True, resolution="1080p")),
        ("kling-2.6", new(duration="5")),
        ("kling-2.6", new(duration=True)),
        ("kling-2.6", new(duration=7)),
        ("kling-2.6", new(audio="native", resolution="720p")),
        ("kling-2.5-turbo", new(audio="off")),
        ("kling-2.6", new(resolution="4k")),
        ("kling-3.0", new()),
        ("kling-3.0", new(text="x" * 3073, multi_shot=False)),
        ("kling-2.6", new(text="x" * 2501)),
        ("kling-2.6", new(options={"task": "x"})),
        ("kling-2.6", {"contents": [{"type": "prompt", "text": "x"}, {"type": "last_frame", "url": picture()}]}),
        ("kling-2.6", {**new(), "model_name": "kling-v2-6"}),
    ],
)
def test_new_rules(sandbox: SandboxServer, model: str, body: dict[str, Any]) -> None:
    assert post(sandbox, f"/image-to-video/{model}", body)[:2] == (400, 1201)
    assert sandbox.state.tasks == {}


def test_own_ids_slots_and_methods(sandbox: SandboxServer) -> None:
    sandbox.state.options.slots, sandbox.state.options.work_seconds = 3, 100.0
    assert post(sandbox, LEGACY, legacy(external_task_id="a"))[1] == 0
    status, code, message = post(sandbox, "/image-to-video/kling-2.6", new(options={"external_task_id": "a"}))
    assert (status, code) == (400, 1201) and "already exists" in message
    assert [post(sandbox, LEGACY, legacy(external_task_id=""))[1] for _ in range(3)] == [0, 0, 1303]
    sandbox.state.advance(200.0)
    assert post(sandbox, LEGACY, legacy())[1] == 0, "slots are free again"
    answer = LOCAL.delete(sandbox.url + LEGACY, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (404, 1202)


def test_queries(sandbox: SandboxServer) -> None:
    def get(path: str, **params: str) -> tuple[int, Any]:
        answer = LOCAL.get(sandbox.url + path, params=params, headers=KEY)
        return answer.status_code, answer.json()

    status, data = get(f"{LEGACY}/nothing")
    assert status == 400 and data["message"] == "Task not found by id/external id: nothing"
    assert get("/tasks", task_ids="1,2")[1]["data"] == []
    for params in ({}, {"task_ids": "1", "external_task_ids": "2"}, {"task_ids": ",".join(map(str, range(21)))}):
        status, data = get("/tasks", **params)
        assert (status, data["code"]) == (400, 1201)
    assert get("/account/costs")[1]["code"] == 1201
    sandbox.state.options.has_pack = False
    assert "resource_pack_subscribe_infos" not in get("/account/costs", start_time="1", end_time="2")[1]["data"]
    post(sandbox, LEGACY, legacy(external_task_id="a"))
    assert get("/tasks", external_task_ids="a")[1]["data"][0]["status"] == "succeeded", "shown in the new words"
    assert get(f"{LEGACY}/a")[1]["data"]["task_status"] == "succeed"


def test_status_words_in_order(sandbox: SandboxServer) -> None:
    sandbox.state.options.queue_seconds = sandbox.state.options.work_seconds = 100.0
    sandbox.state.options.fail_messages = ["Failure to pass the risk control system"]
    post(sandbox, LEGACY, legacy(external_task_id="a"))
    seen = []
    for _ in range(3):
        data = LOCAL.get(f"{sandbox.url}{LEGACY}/a", headers=KEY).json()["data"]
        seen.append(data["task_status"])
        sandbox.state.advance(100.0)
    assert seen == ["submitted", "processing", "failed"] and "risk control" in data["task_status_msg"]


def test_links(sandbox: SandboxServer) -> None:
    post(sandbox, LEGACY, legacy(external_task_id="a"))

    def link() -> str:
        data = LOCAL.get(f"{sandbox.url}{LEGACY}/a", headers=KEY).json()["data"]
        return str(data["task_result"]["videos"][0]["url"])

    url = link()
    whole = LOCAL.get(url)
    assert whole.status_code == 200 and whole.content[4:8] == b"ftyp" and not url.startswith(sandbox.url)
    part = LOCAL.get(url, headers={"Range": "bytes=100-", "If-Range": whole.headers["etag"]})
    assert part.status_code == 206 and part.content == whole.content[100:]
    other = LOCAL.get(url, headers={"Range": "bytes=100-", "If-Range": '"other"'})
    assert other.status_code == 200 and other.content == whole.content
    assert LOCAL.get(url, headers=KEY).status_code == 400 and sandbox.state.leaked_keys == 1
    sandbox.state.advance(3601.0)
    assert LOCAL.get(url).status_code == 403 and LOCAL.get(link()).status_code == 200
    sandbox.state.advance(30 * 86400.0)
    assert LOCAL.get(link()).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"model": "gpt-4"},
        {"model": "kling-v3"},
        {"max_tokens": 5},
        {"response_format": None},
        {"messages": []},
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x", "detail": "high"}}]}
            ]
        },
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "data:"}]}]},
    ],
)
def test_openai_rules(sandbox: SandboxServer, change: dict[str, Any]) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    good = {
        "model": "gpt-5.5", "messages": [{"role": "user", "content": "x"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "N", "strict": True, "schema": schema}},
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {OPENAI}"}
    url = f"{sandbox.url}/v1/chat/completions"
    assert LOCAL.post(url, json=good, headers=headers).status_code == 200
    assert LOCAL.post(url, json=good).status_code == 401
    bad = LOCAL.post(url, json={**good, **change}, headers=headers)
    assert bad.status_code in (400, 404) and set(bad.json()["error"]) == {"message", "type", "param", "code"}


def test_control_routes(sandbox: SandboxServer) -> None:
    def control(name: str, body: Any) -> requests.Response:
        return LOCAL.post(f"{sandbox.url}/_sandbox/{name}", json=body)

    assert control("faults", [{"action": "status", "method": "POST", "http": 429, "code": 1102}]).status_code == 200
    assert post(sandbox, LEGACY, legacy())[:2] == (429, 1102)
    control("fail", ["no"])
    control("options", {"slots": 9, "movie": {"camera": "pan"}})
    assert (sandbox.state.options.slots, sandbox.state.options.movie.camera) == (9, "pan")
    post(sandbox, LEGACY, legacy())
    seen = control("advance", {"seconds": 5}).json()
    assert seen["accepted"] == 1 and seen["tasks"][0]["status"] == "failed"
    assert control("options", {"nonsense": 1}).status_code == 400 and control("nonsense", {}).status_code == 400


@pytest.mark.skipif(sys.platform == "win32", reason="stops it with SIGINT")
def test_command_line(tmp_path: Path, models: ModelTable) -> None:
    env_file = tmp_path / "sandbox.env"
    process = subprocess.Popen(
        [sys.executable, "-m", "grail_addon.sandbox", "--port", "0", "--env_out", str(env_file)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    url = first.split()[2]
    client = open_service(models, "kling-v3", url, load_secrets(env_file, {}), SystemClock())
    assert client.payee() == "sandbox"
    client.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 0
    assert "costs money" in first
