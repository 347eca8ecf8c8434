# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line where something is wrong around the paid steps: one sentence, the documented exit code, nothing bought;
and where it gives advice, following it leads to a good end."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.ledger import database
from grail_addon.core.ledger.store import Ledger
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault, RefusalError
from grail_addon.services import purchase
from grail_addon.services.http import HttpClient, HttpError
from grail_addon.services.kling import ErrorKind
from grail_addon.services.kling.errors import failed_task_kind
from grail_addon.services.secrets import Secrets
from tests.pipeline.video_project import VideoProject
from tests.waiting import PATIENCE, until

BASE = ("--yes", "--set", "video.skip_prompt_refinement=true")
CLIP = 210_000


@pytest.fixture
def project(sandbox: SandboxServer, tmp_path: Path) -> VideoProject:
    return VideoProject(tmp_path, sandbox.url, seeds=1)


def said(project: VideoProject, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    """Exit code, and all that was written and told."""
    capsys.readouterr()
    code, events = project.events(*BASE, *more)
    shown = capsys.readouterr()
    text = shown.out + shown.err + json.dumps(events, ensure_ascii=False)
    assert "Traceback" not in text and "fault in the program" not in text, text
    return code, text


# ---------------------------------------------------------------- what is wrong here


FRONT: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "plain http": (("--set", "video.kling_host=http://example.org"), {}, "plain http"),
    "no certificates": ((), {"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, "REQUESTS_CA_BUNDLE"),
    "no certificates 2": ((), {"SSL_CERT_FILE": "/nowhere/ca.pem"}, "SSL_CERT_FILE"),
    "bad proxy": ((), {"HTTPS_PROXY": "http://"}, "HTTPS_PROXY"),
    "bad proxy port": ((), {"HTTPS_PROXY": "http://p:port"}, "HTTPS_PROXY"),
    "host with a password": (("--set", "video.kling_host=https://me:secret@example.org"), {}, "address such as"),
}


@pytest.mark.parametrize(("flags", "environ", "words"), FRONT.values(), ids=FRONT)
def test_what_can_be_known_before_is_said_before(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    flags: tuple[str, ...], environ: dict[str, str], words: str,
) -> None:  # fmt: skip
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    assert project.run(*BASE, *flags) == 2
    text = capsys.readouterr().err
    assert words in text and "secret" not in text and text.count("\n") <= 2, text
    assert not sandbox.state.requests and not project.layout.ledger.exists()


def test_plain_http_for_the_vision_model(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.env.write_text(project.env.read_text().replace(f"{sandbox.url}/v1", "http://example.org/v1"))
    assert project.run("--yes") == 2 and "OPENAI_BASE_URL" in capsys.readouterr().err
    assert not sandbox.state.requests


def corrupt(path: Path) -> None:
    path.write_bytes(b"This is no database." * 500)


def other_tables(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE x (y)")
        db.execute("PRAGMA user_version = 1000")


def no_tables(path: Path) -> None:
    from grail_addon.core.ledger.rows import SCHEMA_VERSION

    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("spoil", [corrupt, other_tables, no_tables, a_folder], ids=lambda spoil: spoil.__name__)
def test_a_ledger_that_cannot_be_used(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None]
) -> None:
    project.layout.ledger.parent.mkdir(parents=True, exist_ok=True)
    spoil(project.layout.ledger)
    code, text = said(project, capsys)
    assert code in (1, 2) and "ledger" in text.lower() and not sandbox.state.tasks


def test_a_ledger_that_cannot_be_written(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a drive that is mounted for reading."""
    with Ledger(project.layout.ledger, SystemClock()):
        pass
    connect = sqlite3.connect
    monkeypatch.setattr(
        database.sqlite3, "connect", lambda path, **how: connect(f"file:{path}?mode=ro", uri=True, **how)
    )
    code, text = said(project, capsys)
    assert code in (1, 2) and "cannot be written" in text and not sandbox.state.tasks


def test_a_ledger_that_another_process_keeps(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.5)
    with Ledger(project.layout.ledger, SystemClock()):
        pass
    other = sqlite3.connect(project.layout.ledger, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    code, text = said(project, capsys)
    assert code in (1, 2) and "another process" in text.lower() and not sandbox.state.tasks
    other.execute("ROLLBACK")
    assert said(project, capsys)[0] == 0 and len(sandbox.state.tasks) == 1, "its advice is good"


# ---------------------------------------------------------------- advice that is followed


def test_no_balance_then_topped_up(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(
        "status", method="POST", path="/image-to-video", http=429, code=1102, message="balance not enough", times=99
    )
    sandbox.state.faults.append(fault)
    code, text = said(project, capsys)
    assert code == 1 and "Top up" in text and "Run the same again" in text and "--resume" not in text
    sandbox.state.faults.clear()
    assert said(project, capsys)[0] == 0 and len(sandbox.state.tasks) == 1


def test_a_look_up_that_misses_in_other_words_is_a_miss(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.use_pair()
    find = sandbox.state.find

    def other_words(any_id: str) -> Any:
        task = find(any_id)
        if task is None:
            raise RefusalError(404, 1203, "资源不存在")
        return task

    sandbox.state.find = other_words  # type: ignore[method-assign]
    code, text = said(project, capsys)
    assert code == 0 and "kling_model_name" not in text and len(sandbox.state.tasks) == 1


@pytest.mark.parametrize(
    "words", ["内容违反平台政策", "生成内容不合规，请修改提示词", "Contenu refusé par la modération é", "Risk control"]
)
def test_a_content_refusal_in_any_language_is_not_bought_again(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert failed_task_kind(words) is ErrorKind.CONTENT
    sandbox.state.options.fail_messages = [words]
    code, text = said(project, capsys)
    assert code == 1 and words in text and "--retry_failed" in text and len(sandbox.state.tasks) == 1
    assert said(project, capsys)[0] == 1 and len(sandbox.state.tasks) == 1
    assert said(project, capsys, "--retry_failed")[0] == 0 and len(sandbox.state.tasks) == 2


def test_trouble_of_the_service_in_chinese_is_tried_again(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.state.options.fail_messages = ["系统繁忙，请稍后重试"]
    assert said(project, capsys)[0] == 0 and len(sandbox.state.tasks) == 2


@pytest.mark.parametrize(
    "error",
    [{"type": "insufficient_quota"}, {"code": "insufficient_quota"}, {"http": 402, "type": "insufficient_quota"}],
)
def test_an_empty_vision_account_buys_no_unrefined_clip(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str], error: dict[str, Any]
) -> None:
    sandbox.state.judge["RefinedPrompt"] = [{"error": {"http": 429, **error}}] * 4
    code, events = project.events("--yes")
    text = json.dumps(events)
    assert code == 1 and not sandbox.state.tasks and "Top up" in text and "skip_prompt_refinement" in text
    assert sandbox.state.requests["POST /v1/chat/completions"] == 1
    sandbox.state.judge.clear()
    assert project.run("--yes") == 0 and len(sandbox.state.tasks) == 1, "topped up"


def test_resume_where_nothing_was_sent_then_without(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    _code, text = said(project, capsys, "--resume")
    assert "nothing was sent" in text and not sandbox.state.tasks
    assert said(project, capsys)[0] == 0 and len(sandbox.state.tasks) == 1


def test_a_clip_that_cannot_be_fetched_is_fetched_with_resume(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.state.faults.append(Fault("status", path="/files", http=404, times=9))
    code, text = said(project, capsys)
    assert code == 1 and "--resume" in text and "paid already" in text
    sandbox.state.faults.clear()
    assert said(project, capsys, "--resume")[0] == 0 and len(sandbox.state.tasks) == 1


def test_a_clip_in_doubt_is_sent_again_when_a_person_says_so(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purchase, "DOUBT_WAITS", (0.0, 0.1))
    sandbox.state.faults.append(Fault("cut", method="POST", path="/image-to-video", create=False))
    code, text = said(project, capsys)
    assert code == 1 and "not known whether" in text
    with Ledger(project.layout.ledger, SystemClock()) as ledger:
        (row,) = ledger.entries()
    assert f"--send_again {row.external_id}" in text and row.state == "submitting" and row.reserved == CLIP
    code, text = said(project, capsys, "--send_again", "grail-nobody")
    assert code == 1 and "no clip in doubt" in text and not sandbox.state.tasks
    assert said(project, capsys, "--send_again", row.external_id)[0] == 0 and len(sandbox.state.tasks) == 1


def test_ctrl_c_does_not_wait_for_a_slow_service(sandbox: SandboxServer, project: VideoProject) -> None:
    """Closing cuts what is under way, so that nobody waits for a deadline."""
    client = HttpClient(Secrets())
    sandbox.state.faults.append(Fault("delay", seconds=PATIENCE))
    cut: list[HttpError] = []

    def ask() -> None:
        try:
            client.call("GET", f"{sandbox.url}/account/costs", headers={})
        except HttpError as error:
            cut.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: sandbox.state.requests, "the request")
    client.close()
    thread.join()
    assert cut, "an answer came after all"
