# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients against the strict server: every business code, authentication, batching, what is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError
from grail_addon.core.video.request import ModelTable, VideoRequest, image_facts
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault
from grail_addon.services.kling import ErrorKind, KlingError, Reaction, VideoService, open_service
from grail_addon.services.kling.errors import KNOWN_CODES, failed_task_kind, kind_of
from grail_addon.services.kling.wire import create_call, image_hashes
from grail_addon.services.secrets import Secrets
from tests.services.paid_helpers import ACCESS, API_KEY, SECRET, QuickClock, key_secrets, pair_secrets

# HTTP status, code, kind, reaction: the vendor's whole table
CODES = [
    (401, 1000, ErrorKind.KEY, Reaction.STOP),
    (401, 1001, ErrorKind.KEY, Reaction.STOP),
    (401, 1002, ErrorKind.KEY, Reaction.STOP),
    (401, 1003, ErrorKind.TOKEN_TIME, Reaction.STOP),
    (401, 1004, ErrorKind.TOKEN_TIME, Reaction.STOP),
    (429, 1100, ErrorKind.ACCOUNT, Reaction.STOP),
    (429, 1101, ErrorKind.BALANCE, Reaction.STOP),
    (429, 1102, ErrorKind.BALANCE, Reaction.STOP),
    (403, 1103, ErrorKind.ACCESS, Reaction.STOP),
    (400, 1200, ErrorKind.BAD_REQUEST, Reaction.ITEM),
    (400, 1201, ErrorKind.BAD_REQUEST, Reaction.ITEM),
    (404, 1202, ErrorKind.PROTOCOL, Reaction.STOP),
    (404, 1203, ErrorKind.ACCESS, Reaction.STOP),
    (400, 1300, ErrorKind.CONTENT, Reaction.ITEM),
    (400, 1301, ErrorKind.CONTENT, Reaction.ITEM),
    (429, 1302, ErrorKind.RATE, Reaction.WAIT),
    (429, 1303, ErrorKind.CONCURRENCY, Reaction.WAIT),
    (429, 1304, ErrorKind.IP_LIST, Reaction.STOP),
    (500, 5000, ErrorKind.SERVER, Reaction.WAIT),
    (503, 5001, ErrorKind.SERVER, Reaction.WAIT),
    (504, 5002, ErrorKind.SERVER, Reaction.WAIT),
]


def request_for(picture: Path, **changes: object) -> VideoRequest:
    facts = image_facts(picture)
    values: dict[str, object] = {
        "model": "kling-v2-5-turbo", "mode": "pro", "duration": 5, "prompt": "A person.", "frame": facts, "tail": None,
    }  # fmt: skip
    return VideoRequest(**{**values, **changes})  # type: ignore[arg-type]


def test_the_table_is_whole() -> None:
    assert sorted(code for _, code, _, _ in CODES) == sorted(KNOWN_CODES) and len(KNOWN_CODES) == 21


@pytest.mark.parametrize(("http", "code", "kind", "reaction"), CODES)
def test_every_business_code(
    sandbox: SandboxServer, service: VideoService, picture: Path,
    http: int, code: int, kind: ErrorKind, reaction: Reaction,
) -> None:  # fmt: skip
    sandbox.state.faults.append(
        Fault("status", http=http, code=code, message="words of the service", times=2, retry_after=7)
    )
    with pytest.raises(KlingError) as caught:
        service.submit(request_for(picture), "own-1")
    error = caught.value
    assert (error.kind, error.reaction, error.http, error.code) == (kind, reaction, http, code)
    assert error.may_exist == (code >= 5000), "only the 5xxx leave open whether a task exists"
    assert error.retry_after == 7.0 and error.request_id
    assert "words of the service" in error.problem().message
    assert sandbox.state.tasks == {}


def test_unknown_codes_are_judged_by_http_status() -> None:
    assert kind_of(9999, 429, "") is ErrorKind.RATE
    assert kind_of(9999, 500, "") is ErrorKind.SERVER
    assert kind_of(9999, 401, "") is ErrorKind.KEY
    assert kind_of(9999, 400, "") is ErrorKind.BAD_REQUEST


def test_texts_that_matter() -> None:
    assert kind_of(1201, 400, "external_task_id x already exists") is ErrorKind.DUPLICATE
    assert kind_of(1201, 400, "Task not found by id/external id: x") is ErrorKind.NOT_FOUND
    retired = "The model 'kling-v1' has been discontinued and is no longer available."
    assert kind_of(1201, 400, retired) is kind_of(1203, 404, retired) is ErrorKind.ACCESS
    assert failed_task_kind("Failure to pass the risk control system") is ErrorKind.CONTENT
    assert failed_task_kind("The resolution or aspect ratio of the input image is invalid.") is ErrorKind.BAD_REQUEST
    assert failed_task_kind("oops") is ErrorKind.SERVER


@pytest.mark.parametrize(("action", "created"), [("garbage", True), ("cut", True), ("cut", False), ("cut_body", True)])
def test_lost_answers_leave_doubt(
    sandbox: SandboxServer, service: VideoService, picture: Path, action: str, created: bool
) -> None:
    sandbox.state.faults.append(Fault(action, method="POST", create=created))
    with pytest.raises(KlingError) as caught:
        service.submit(request_for(picture), "own-1")
    assert caught.value.may_exist and caught.value.reaction is Reaction.WAIT
    assert len(sandbox.state.tasks) == created
    assert (service.find("own-1") is not None) == created


def test_no_connection_leaves_no_doubt(models: ModelTable, picture: Path) -> None:
    client = open_service(models, "kling-v3", "http://127.0.0.1:9", key_secrets(), SystemClock())
    with pytest.raises(KlingError) as caught:
        client.submit(request_for(picture, model="kling-v3"), "own-1")
    assert caught.value.kind is ErrorKind.NETWORK and not caught.value.may_exist


def test_submit_find_poll(sandbox: SandboxServer, service: VideoService, picture: Path) -> None:
    sandbox.state.options.work_seconds = 1000.0
    assert service.find("own-1") is None
    made = service.submit(request_for(picture), "own-1")
    assert made.state == "running" and made.task_id.isdigit()
    assert service.find("own-1") == service.poll([made.task_id], 0.0)[made.task_id]
    sandbox.state.advance(2000.0)
    task = service.poll([made.task_id, "12345"], 0.0)
    assert set(task) == {made.task_id}
    done = task[made.task_id]
    assert (done.state, str(done.units), done.external_id) == ("succeeded", "2.5", "own-1")
    assert done.url is not None and done.seconds == pytest.approx(5.042)


def test_used_id_is_told_as_such(sandbox: SandboxServer, service: VideoService, picture: Path) -> None:
    service.submit(request_for(picture), "own-1")
    with pytest.raises(KlingError) as caught:
        service.submit(request_for(picture), "own-1")
    assert caught.value.kind is ErrorKind.DUPLICATE and not caught.value.may_exist
    assert len(sandbox.state.tasks) == 1


@pytest.mark.parametrize("count", [2, 20, 45, 100])
def test_polls_are_batched(sandbox: SandboxServer, service: VideoService, picture: Path, count: int) -> None:
    sandbox.state.options.slots = 200
    ids = [service.submit(request_for(picture), f"own-{n}").task_id for n in range(count)]
    before = sum(sandbox.state.requests.values())
    assert set(service.poll(ids, sandbox.state.now())) == set(ids)
    used = sum(sandbox.state.requests.values()) - before
    assert used == (2 if service.generation == "legacy" and count == 2 else 1)


def test_model_decides_generation(models: ModelTable, sandbox: SandboxServer) -> None:
    both = Secrets(SecretStr(API_KEY), SecretStr(ACCESS), SecretStr(SECRET))
    for model in ("kling-v3", "kling-2.6", "kling-3.0-turbo"):
        assert open_service(models, model, sandbox.url, both, SystemClock()).generation == "new"
    assert open_service(models, "kling-v3", sandbox.url, pair_secrets(), SystemClock()).generation == "legacy"
    for model, words in [
        ("kling-v3-turbo", "API key"),
        ("kling-v1-6", "retired on 2026-09-15"),
        ("kling-v9", "no model"),
    ]:
        with pytest.raises(InputError, match=words):
            open_service(models, model, sandbox.url, pair_secrets(), SystemClock())


def test_keys_travel_over_https_only(models: ModelTable) -> None:
    with pytest.raises(InputError, match="plain http"):
        open_service(models, "kling-v3", "http://example.org", key_secrets(), SystemClock())


def test_wrong_clock_is_learned_from_the_server(sandbox: SandboxServer, models: ModelTable, picture: Path) -> None:
    client = open_service(models, "kling-v3", sandbox.url, pair_secrets(), QuickClock())
    for jump in (7200.0, -20000.0):  # our token is expired, then not yet valid
        sandbox.state.advance(jump)
        assert client.find("nothing") is None
    assert sandbox.state.requests["GET /v1/videos/image2video/*"] == 4, "each was refused once and signed anew"


def test_wrong_secret_is_not_retried(sandbox: SandboxServer, models: ModelTable) -> None:
    secrets = Secrets(kling_access_key=SecretStr(ACCESS), kling_secret_key=SecretStr("x" * 40))
    client = open_service(models, "kling-v3", sandbox.url, secrets, SystemClock())
    with pytest.raises(KlingError) as caught:
        client.payee()
    assert caught.value.kind is ErrorKind.KEY and sum(sandbox.state.requests.values()) == 1


def test_account_without_a_pack_still_tells_who_is_there(sandbox: SandboxServer, service: VideoService) -> None:
    sandbox.state.options.has_pack = False
    assert service.payee() == "sandbox"


@pytest.mark.parametrize("model", ["kling-v3", "kling-v3-turbo", "kling-v2-6", "kling-v2-5-turbo"])
def test_everything_the_table_allows_the_server_takes(
    sandbox: SandboxServer, models: ModelTable, picture: Path, model: str
) -> None:
    sandbox.state.options.slots = 10_000
    rules = models.models[model]
    tail = image_facts(picture)
    for generation in rules.generations:
        secrets = key_secrets() if generation == "new" else pair_secrets()
        client = open_service(models, model, sandbox.url, secrets, SystemClock())
        for mode in rules.modes:
            for duration in (rules.durations[0], rules.durations[-1]):
                for end in [None, tail] if mode in rules.end_frame else [None]:
                    prompt = "x" * rules.prompt_max[generation]
                    request = request_for(picture, model=model, mode=mode, duration=duration, tail=end, prompt=prompt)
                    client.submit(request, "")


def test_request_bodies(models: ModelTable, picture: Path) -> None:
    request = request_for(picture, model="kling-v3", duration=7)
    path, body = create_call(models, "legacy", request, "own", image_hashes(request))
    digest = f"sha256:{request.frame.sha256}"
    assert path == "/v1/videos/image2video"
    assert body == {
        "model_name": "kling-v3", "image": digest, "prompt": "A person.", "mode": "pro", "duration": "7",
        "external_task_id": "own",
    }  # fmt: skip
    path, body = create_call(models, "new", request, "own", image_hashes(request))
    assert path == "/image-to-video/kling-3.0"
    assert body == {
        "contents": [{"type": "prompt", "text": "A person."}, {"type": "first_frame", "url": digest}],
        "settings": {"resolution": "1080p", "duration": 7, "audio": "off", "multi_shot": False},
        "options": {"external_task_id": "own"},
    }
