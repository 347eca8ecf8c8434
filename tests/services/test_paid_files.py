# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever file comes for the money: it ends in a verdict with a reason or in a bounded number of fetches, and no other clip
and no later run is held up by it."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services import download, video_check
from grail_addon.services.download import DownloadError, fetch, part_file
from grail_addon.services.http import HttpClient
from grail_addon.services.purchase import PurchaseContext
from grail_addon.services.video_events import ClipResult
from grail_addon.services.video_files import VideoFileError, grey_frames, read_facts, save_last_frame
from grail_addon.services.video_join import join
from grail_addon.services.video_pool import PoolEvent, run_pool
from tests.services.clip_files import EMPTY, ODD_FILES, encoded, endless, truncated
from tests.services.paid_helpers import MakePlan, drain_pool, key_secrets, run
from tests.services.scripted_server import Reply, ScriptedServer, Seen


@pytest.fixture
def checking(context: PurchaseContext, models: ModelTable) -> PurchaseContext:
    context.inspect = partial(video_check.inspect, models, True)
    return context


def serve(sandbox: SandboxServer, *files: bytes) -> list[int]:
    """Have the file server send these, one after another, the last one for ever. Counts what was sent."""
    sent: list[int] = []

    def movie() -> bytes:
        sent.append(1)
        return files[min(len(sent), len(files)) - 1]

    sandbox.state.movie_file = movie
    return sent


@pytest.mark.parametrize("make", ODD_FILES, ids=lambda make: make.__name__)
def test_any_file_ends_in_a_verdict(
    sandbox: SandboxServer, checking: PurchaseContext, make_plan: MakePlan, make: Callable[[], bytes]
) -> None:
    sent = serve(sandbox, make())
    (result,) = run(checking, make_plan())
    assert (result.status, result.verdict) == ("done", "suspect") and result.reasons
    assert len(sent) <= 3
    sandbox.state.movie_file = None
    again = run(checking, make_plan(), make_plan("other"))
    assert [r.status for r in again] == ["done", "done"], "the next run is not held up"
    assert len(sandbox.state.tasks) == 2


def test_a_broken_file_is_fetched_again(sandbox: SandboxServer, checking: PurchaseContext, make_plan: MakePlan) -> None:
    whole = encoded(121, (1916, 1080))
    sent = serve(sandbox, truncated(), whole)
    (result,) = run(checking, make_plan())
    assert result.status == "done" and len(sent) == 2 and make_plan().output.read_bytes() == whole


def test_an_empty_file_is_a_verdict(sandbox: SandboxServer, checking: PurchaseContext, make_plan: MakePlan) -> None:
    serve(sandbox, EMPTY)
    (result,) = run(checking, make_plan())
    assert result.verdict == "suspect"


def test_checking_has_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "endless.mp4"
    path.write_bytes(endless())
    facts = read_facts(path)
    assert facts.frames == 200_000 and len(grey_frames(path, 640, facts.frames // 12)) == 1


@pytest.mark.parametrize("make", ODD_FILES, ids=lambda make: make.__name__)
def test_no_file_raises_anything_else(tmp_path: Path, make: Callable[[], bytes]) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(make())
    calls: tuple[Callable[[], Any], ...] = (
        lambda: read_facts(path), lambda: grey_frames(path, 640, 10), lambda: save_last_frame(path, tmp_path / "a.png"),
        lambda: join([path, path], tmp_path / "b.mp4"),
    )  # fmt: skip
    for call in calls:
        try:
            call()
        except VideoFileError as error:
            assert len(str(error)) < 400


def test_disk_full_harms_one_clip(
    sandbox: SandboxServer, checking: PurchaseContext, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    full: list[Path] = []

    def no_room(fd: int) -> None:
        if not full:
            full.append(Path())
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(download.os, "fsync", no_room)
    checking.slots = 1
    results = {result.video_id[-1]: result for result in run(checking, make_plan("a"), make_plan("b"))}
    assert (results["a"].status, results["b"].status) == ("pending", "done")
    assert results["a"].problem is not None and "No space left" in str(results["a"].problem)
    assert run(checking, make_plan("a"))[0].status == "done" and len(sandbox.state.tasks) == 2


# ---------------------------------------------------------------- the download itself


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient(key_secrets())
    yield made
    made.close()


def answering(reply: Reply) -> ScriptedServer:
    return ScriptedServer(lambda seen: reply)


def test_packed_file_is_not_unpacked(client: HttpClient, tmp_path: Path) -> None:
    def packed(seen: Seen) -> Reply:
        assert seen.headers["accept-encoding"] == "identity"
        return Reply(b"\x1f\x8b" + b"0" * 1000, kind="video/mp4", headers={"Content-Encoding": "gzip"})

    with ScriptedServer(packed) as server, pytest.raises(DownloadError, match="packed"):
        fetch(f"{server.url}/a.mp4", tmp_path / "a.mp4", client)


@pytest.mark.parametrize("says_length", [True, False])
def test_size_has_a_limit(
    client: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says_length: bool
) -> None:
    monkeypatch.setattr(download, "MAX_CLIP_BYTES", 1 << 20)
    body = b"0" * (2 << 20)
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + body
    reply = Reply(body, kind="video/mp4") if says_length else Reply(raw=raw)
    with answering(reply) as server, pytest.raises(DownloadError, match="larger") as caught:
        fetch(f"{server.url}/a.mp4", tmp_path / "a.mp4", client)
    assert caught.value.odd and not part_file(tmp_path / "a.mp4").exists()


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_drip_has_a_deadline(client: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(download, "PART_SECONDS", 1.0)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 500\r\n\r\n"
    reply = Reply(raw=head + b"0" * 500, pieces=200, pause=0.1)
    if where == "body":
        reply = Reply(b"0" * 500, kind="video/mp4", pieces=200, pause=0.1)
    with answering(reply) as server, pytest.raises(DownloadError, match="within 1 s"):
        fetch(f"{server.url}/a.mp4", tmp_path / "a.mp4", client)


def test_polling_goes_on_while_a_download_is_slow(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan
) -> None:
    """The first file comes when the other three are bought, fetched and checked."""
    clip, asked, others_done = encoded(121), [], threading.Event()

    def movie() -> bytes:
        asked.append(1)
        if len(asked) == 1:
            assert others_done.wait(120.0), "the others wait for the first one's file"
        return clip

    def on_event(event: PoolEvent) -> None:
        done.extend([event] if isinstance(event, ClipResult) else [])
        if len(done) == 3:
            others_done.set()

    sandbox.state.movie_file = movie
    done: list[ClipResult] = []
    pool = run_pool([make_plan(name) for name in "abcd"], context, poll_seconds=1.0)
    results = drain_pool(pool, context, on_event)
    assert [result.status for result in results] == ["done"] * 4 and len(sandbox.state.tasks) == len(asked) == 4
