# SPDX-License-Identifier: GPL-3.0-or-later
"""The link to a paid clip leads to something odd: what is fetched is whole and one file, or the clip waits; nothing is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from grail_addon.sandbox.server import SandboxServer
from grail_addon.services import download
from grail_addon.services.download import DownloadError, fetch, part_file, put_in_place
from grail_addon.services.http import HttpClient
from grail_addon.services.purchase import PurchaseContext
from tests.services.paid_helpers import MakePlan, key_secrets, run
from tests.services.scripted_server import Reply, ScriptedServer, Seen

CLIP = np.random.default_rng(1).bytes(1 << 20)
OTHER = np.random.default_rng(2).bytes(1 << 20)
PIECE = 300_000


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient(key_secrets())
    yield made
    made.close()


def ranged(seen: Seen, data: bytes, etag: str, status: int = 206) -> Reply:
    """A server's answer to a request that may ask for the rest."""
    start = int(seen.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    if not start:
        return Reply(data, kind="video/mp4", headers={"ETag": etag})
    span = f"bytes {start}-{len(data) - 1}/{len(data)}"
    return Reply(data[start:], status, "video/mp4", {"ETag": etag, "Content-Range": span})


def cut(reply: Reply, after: int = PIECE) -> Reply:
    return Reply(reply.body[:after], reply.status, reply.kind, reply.headers, length=len(reply.body), cut=True)


def fetched(client: HttpClient, target: Path, script: Callable[[Seen], Reply], tries: int) -> tuple[int, list[Seen]]:
    """Fetch as a run does, up to so many times. (the number of the try that ended well, requests)."""
    with ScriptedServer(script) as server:
        for number in range(1, tries + 1):
            try:
                done = fetch(f"{server.url}/clip.mp4?sig=abc", target, client)
            except DownloadError:
                continue
            assert put_in_place(target, done.bytes, done.sha256)
            return number, list(server.seen)
        return 0, list(server.seen)


def test_a_file_that_changes_between_two_tries_is_never_mixed(client: HttpClient, tmp_path: Path) -> None:
    """The server ignores If-Range and goes on in the new file, as if it were the old one."""
    tries: list[Seen] = []

    def script(seen: Seen) -> Reply:
        tries.append(seen)
        return cut(ranged(seen, CLIP, '"old"')) if len(tries) == 1 else ranged(seen, OTHER, '"new"')

    number, _ = fetched(client, tmp_path / "a.mp4", script, 5)
    assert number == 3 and (tmp_path / "a.mp4").read_bytes() == OTHER
    assert tries[1].headers["if-range"] == '"old"' and "range" not in tries[2].headers


def test_a_cut_file_goes_on_where_it_ended_each_time(client: HttpClient, tmp_path: Path) -> None:
    number, seen = fetched(client, tmp_path / "a.mp4", lambda seen: cut(ranged(seen, CLIP, '"a"')), 9)
    assert number == 4 and (tmp_path / "a.mp4").read_bytes() == CLIP
    assert [one.headers.get("range") for one in seen] == [None, *(f"bytes={n * PIECE}-" for n in (1, 2, 3))]


@pytest.mark.parametrize("etag", ["", 'W/"weak"', '"a\\"b"', "none", '"' + "x" * 300 + '"', '"ümlaut"'])
def test_without_a_mark_of_the_file_it_starts_over(client: HttpClient, tmp_path: Path, etag: str) -> None:
    tries: list[Seen] = []

    def script(seen: Seen) -> Reply:
        tries.append(seen)
        reply = Reply(CLIP, kind="video/mp4", headers={"ETag": etag.encode().decode("latin-1")})
        return cut(reply) if len(tries) == 1 else reply

    assert fetched(client, tmp_path / "a.mp4", script, 3)[0] == 2
    assert (tmp_path / "a.mp4").read_bytes() == CLIP and "range" not in tries[1].headers


@pytest.mark.parametrize("kept", [b"\xff\xfe", b'"a"\r\nX-Key: b', b"", b"a" * 1000])
def test_a_spoilt_mark_on_disk_is_not_sent(client: HttpClient, tmp_path: Path, kept: bytes) -> None:
    part_file(tmp_path / "a.mp4").write_bytes(CLIP[:PIECE])
    (tmp_path / "a.mp4.part.etag").write_bytes(kept)
    number, seen = fetched(client, tmp_path / "a.mp4", lambda seen: ranged(seen, CLIP, '"a"'), 2)
    assert number == 1 and (tmp_path / "a.mp4").read_bytes() == CLIP and "range" not in seen[0].headers


SPANS = ["bytes 0-9/1048576", "bytes 300001-1048575/1048576", "bytes */1048576", "", "items 300000-1048575/1048576",
         "bytes 300000-1048575/99999999999999999999", "bytes ²-³/⁴"]  # fmt: skip


@pytest.mark.parametrize("span", SPANS)
def test_a_rest_that_begins_elsewhere_is_not_put_behind(client: HttpClient, tmp_path: Path, span: str) -> None:
    tries: list[Seen] = []

    def script(seen: Seen) -> Reply:
        tries.append(seen)
        if len(tries) == 1:
            return cut(ranged(seen, CLIP, '"a"'))
        if len(tries) == 2:
            headers = {"ETag": '"a"', "Content-Range": span.encode().decode("latin-1")}
            return Reply(OTHER[PIECE:], 206, "video/mp4", headers)
        return ranged(seen, CLIP, '"a"')

    assert fetched(client, tmp_path / "a.mp4", script, 4)[0] == 3
    assert (tmp_path / "a.mp4").read_bytes() == CLIP


def test_more_on_disk_than_the_server_has_starts_over(client: HttpClient, tmp_path: Path) -> None:
    part_file(tmp_path / "a.mp4").write_bytes(OTHER + CLIP)
    (tmp_path / "a.mp4.part.etag").write_text('"a"')

    def script(seen: Seen) -> Reply:
        return Reply(b"", 416, "text/plain") if "range" in seen.headers else ranged(seen, CLIP, '"a"')

    assert fetched(client, tmp_path / "a.mp4", script, 3)[0] == 2 and (tmp_path / "a.mp4").read_bytes() == CLIP


KINDS = {"Video/MP4": True, "video/mp4; codecs=avc1": True, "application/mp4": True, "APPLICATION/OCTET-STREAM": True,
         "binary/octet-stream": True, "": True, "text/html": False, "application/json": False, "image/png": False,
         "multipart/byteranges; boundary=a": False, "application/vnd.apple.mpegurl": False}  # fmt: skip


@pytest.mark.parametrize(("kind", "taken"), KINDS.items(), ids=list(KINDS))
def test_media_types_of_a_clip(client: HttpClient, tmp_path: Path, kind: str, taken: bool) -> None:
    number, _ = fetched(client, tmp_path / "a.mp4", lambda seen: Reply(CLIP, kind=kind), 1)
    assert bool(number) is taken


ELSEWHERE = {
    "a file of this machine": "file:///etc/passwd", "another protocol": "ftp://127.0.0.1/a.mp4", "data": "data:video/mp4;base64,AAAA",
    "no host": "http:///a.mp4", "half an address": "http://[::1", "a port that is none": "http://127.0.0.1:port/a.mp4",
    "nobody there": "http://127.0.0.1:9/a.mp4", "a name that is too long": f"http://{'a' * 70}.example/a.mp4",
    "odd letters": "http://127.0.0.1:9/\xff\xfe", "itself": "/clip.mp4?sig=abc", "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_link_that_leads_elsewhere_writes_no_file(
    client: HttpClient, tmp_path: Path, place: str, status: int
) -> None:
    with ScriptedServer(lambda seen: Reply(b"", status, "text/html", {"Location": place})) as server:
        with pytest.raises(DownloadError) as caught:
            fetch(f"{server.url}/clip.mp4?sig=abc", tmp_path / "a.mp4", client)
        assert len(server.seen) <= 40
    assert not (tmp_path / "a.mp4").exists() and "sig=abc" not in str(caught.value) and not caught.value.disk


def test_a_link_may_lead_to_another_host_without_a_key(client: HttpClient, tmp_path: Path) -> None:
    with ScriptedServer(lambda seen: ranged(seen, CLIP, '"a"')) as there:
        away = Reply(b"", 302, "text/html", {"Location": f"{there.url}/b.mp4", "Set-Cookie": "a=b"})
        assert fetched(client, tmp_path / "a.mp4", lambda seen: away, 1)[0] == 1
        assert "authorization" not in there.seen[0].headers and (tmp_path / "a.mp4").read_bytes() == CLIP


def test_a_slow_line_is_left_and_gone_on_with(
    client: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part comes in time, but all of it would take for ever: the next try goes on."""
    monkeypatch.setattr(download, "DOWNLOAD_SECONDS", 0.2)

    def slow(seen: Seen) -> Reply:
        reply = ranged(seen, CLIP, '"a"')
        reply.pieces, reply.pause = 4, 0.3
        return reply

    number, seen = fetched(client, tmp_path / "a.mp4", slow, 9)
    assert number > 1 and (tmp_path / "a.mp4").read_bytes() == CLIP
    assert all("range" in one.headers for one in seen[1:])


LINKS = ["https://user:word@127.0.0.1:9/a.mp4", "http://127.0.0.1:9/a.mp4", "http://[::1/a.mp4", "https://\x00.example/a.mp4",
         "http://169.254.169.254/latest/meta-data/", "https://0/a.mp4", "http://127.0.0.1:99999/a.mp4"]  # fmt: skip
NO_LINKS = ["", "file:///etc/passwd", "ftp://example.org/a.mp4", "javascript:1", "//example.org/a.mp4", "https://a b/c",
            "https://" + "a" * 5000, None, 7, ["https://x.example/a"], {"url": "https://x.example/a"}]  # fmt: skip


@pytest.mark.parametrize("link", [*LINKS, *NO_LINKS], ids=lambda link: repr(link)[:40])
def test_a_link_that_cannot_be_followed_leaves_the_clip_for_later(
    sandbox: SandboxServer, context: PurchaseContext, make_plan: MakePlan, link: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "PART_SECONDS", 0.3)

    def spoil(record: dict[str, object], own: str) -> None:
        for clips in (record.get("outputs"), (record.get("task_result") or {}).get("videos")):  # type: ignore[attr-defined]
            for clip in clips or ():
                clip["url"] = link

    sandbox.state.spoil_record = spoil
    context.patience, context.max_retries = 5.0, 3
    (result,) = run(context, make_plan())
    assert result.status == "pending" and result.problem is not None and "--resume" in result.problem.fix
    assert "word" not in str(result.problem) and len(sandbox.state.tasks) == 1
    sandbox.state.spoil_record = None
    context.send = False
    assert run(context, make_plan())[0].status == "done" and len(sandbox.state.tasks) == 1


def test_the_file_is_the_one_that_was_hashed(client: HttpClient, tmp_path: Path) -> None:
    """Somebody changes the part file before it is put in place."""
    with ScriptedServer(lambda seen: ranged(seen, CLIP, '"a"')) as server:
        done = fetch(f"{server.url}/a.mp4", tmp_path / "a.mp4", client)
    assert done.sha256 == hashlib.sha256(CLIP).hexdigest()
    part_file(tmp_path / "a.mp4").write_bytes(OTHER)
    assert not put_in_place(tmp_path / "a.mp4", done.bytes, done.sha256) and not (tmp_path / "a.mp4").exists()
