# SPDX-License-Identifier: GPL-3.0-or-later
"""Between a request and its answer: odd heads and bodies, proxies that play games, names that are found late, a closed client."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from grail_addon.services import deadline
from grail_addon.services.http import HttpClient, HttpError, network_problems, parse_json
from tests.services.paid_helpers import API_KEY, key_secrets
from tests.services.scripted_server import Reply, ScriptedServer


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient(key_secrets())
    yield made
    made.close()


OK = b"HTTP/1.1 200 OK\r\n"
FINE = {
    "go on, then the answer": b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + OK + b"Content-Length: 2\r\n\r\n{}",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "old protocol": b"HTTP/1.0 200 OK\r\n\r\n{}",
    "folded header": OK + b"X-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
    "bytes in a header": OK + b"X-A: \xff\xfe\x80\r\nContent-Length: 2\r\n\r\n{}",
    "cookies": OK + b"Set-Cookie: a=\xff; Expires=never; Domain=..\r\nContent-Length: 2\r\n\r\n{}",
    "chunks with notes": OK + b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-A: b\r\n\r\n",
    "named as what it is": OK + b"Content-Encoding: Identity\r\nContent-Length: 2\r\n\r\n{}",
    "named as nothing": OK + b"Content-Encoding: \r\nContent-Length: 2\r\n\r\n{}",
    "no length": OK + b"Connection: close\r\n\r\n{}",
}  # fmt: skip


@pytest.mark.parametrize("raw", FINE.values(), ids=FINE)
def test_odd_answers_that_are_whole_are_read(client: HttpClient, raw: bytes) -> None:
    with ScriptedServer(lambda seen: Reply(raw=raw)) as server:
        answer = client.call("GET", server.url, headers={}, seconds=60.0)
    assert (answer.status, answer.json()) == (200, {})


def test_heads_and_bodies_at_random_are_answers_or_errors(client: HttpClient) -> None:
    """600 answers, each with a few bytes changed, cut or put in: never anything else than an answer or an HttpError."""
    draw = random.Random(11)
    whole = list(FINE.values())
    pieces = [b"\r\n", b"\n", b":", b"\x00", b"Content-Length: 99999999999999999999\r\n", b"Content-Length: -1\r\n", b"\xff",
              b"Transfer-Encoding: gzip, chunked\r\n", b"Content-Encoding: br\r\n", b"Location: //[\r\n", b"HTTP/1.1 "]  # fmt: skip

    def spoilt(seen: object) -> Reply:
        raw = bytearray(draw.choice(whole))
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(raw) + 1)
            raw[at : at + draw.randint(0, 6)] = draw.choice(pieces)
        return Reply(raw=bytes(raw))

    ends: set[str] = set()
    with ScriptedServer(spoilt) as server:
        for number in range(600):
            try:
                client.call(("GET", "POST")[number % 2], server.url, headers={}, json={}, seconds=60.0)
                ends.add("answer")
            except HttpError as error:
                assert error.sent and len(str(error)) < 200
                ends.add("error")
    assert ends == {"answer", "error"}


@pytest.mark.parametrize("levels", [61, 200, 400, 600, 900, 5000])
@pytest.mark.parametrize("ends", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")], ids=["lists", "objects", "both"])
def test_deep_answers_are_no_json_at_any_depth(client: HttpClient, levels: int, ends: tuple[str, str]) -> None:
    body = (ends[0] * levels + "1" + ends[1] * levels).encode()
    with ScriptedServer(lambda seen: Reply(body)) as server:
        answer = client.call("GET", server.url, headers={})
    with pytest.raises(ValueError, match="too deeply"):
        answer.json()


def test_a_name_that_comes_twice_says_nothing() -> None:
    assert parse_json('{"code": 0, "code": 1201, "data": {"a": 1, "b": 2, "a": 3}}') == {"data": {"b": 2}}
    assert parse_json('{"a": 1, "a": 1}') == {}


# ---------------------------------------------------------------- proxies


@contextmanager
def proxy_that_answers(
    answer: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[bytes]]:
    """A proxy for everything that goes out; yields what it was told."""
    told: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                told.append(peer.recv(65536))
                try:
                    answer(peer)
                except OSError:
                    continue  # the client went away

    threading.Thread(target=serve, daemon=True).start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:word-of-the-proxy@127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    try:
        yield told
    finally:
        listener.close()


REFUSALS = {
    "wants a password": b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    "is busy": b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\n\r\n",
    "is no proxy": b"HTTP/1.1 200 OK\r\n\r\n<html>sign in</html>",
    "speaks nonsense": b"\x00\x01\x02\r\n",
    "says nothing": b"",
}


@pytest.mark.parametrize("reply", REFUSALS.values(), ids=REFUSALS)
def test_what_a_proxy_refuses_was_not_sent(client: HttpClient, monkeypatch: pytest.MonkeyPatch, reply: bytes) -> None:
    """So no task can exist, and nothing is in doubt; neither the key nor the proxy's password is told."""
    with proxy_that_answers(lambda peer: peer.sendall(reply), monkeypatch) as told, pytest.raises(HttpError) as caught:
        headers = {"Authorization": f"Bearer {API_KEY}"}
        client.call("POST", "https://api.example.org/v1", headers=headers, json={}, seconds=60.0)
    assert told and not caught.value.sent
    assert API_KEY.encode() not in b"".join(told) and "word-of-the-proxy" not in str(caught.value)


def test_a_proxy_that_never_ends_its_headers_is_cut_at_the_deadline(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def drip(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        while not ended.wait(0.05):
            peer.sendall(b"X-A: b\r\n")

    watch = threading.Timer(60.0, ended.set)
    watch.start()
    with proxy_that_answers(drip, monkeypatch), pytest.raises(HttpError, match="within") as caught:
        client.call("POST", "https://api.example.org/v1", headers={}, json={}, seconds=1.0)
    assert not ended.is_set(), "it was cut, and did not end by itself"
    watch.cancel()
    ended.set()
    assert not caught.value.sent


PROXIES = {
    "socks": ({"ALL_PROXY": "socks5://127.0.0.1:1080"}, "ALL_PROXY"),
    "socks by name": ({"HTTPS_PROXY": "socks5h://127.0.0.1:1080"}, "HTTPS_PROXY"),
    "file transfer": ({"HTTPS_PROXY": "ftp://proxy:21"}, "HTTPS_PROXY"),
    "socks beside one that works": ({"ALL_PROXY": "socks5://127.0.0.1:1080", "HTTPS_PROXY": "http://p:1"}, ""),
    "no scheme": ({"HTTPS_PROXY": "127.0.0.1:8080"}, ""),
    "no scheme and no port": ({"HTTPS_PROXY": "proxy"}, ""),
}


@pytest.mark.parametrize(("environ", "name"), PROXIES.values(), ids=PROXIES)
def test_proxies_that_cannot_be_used_are_named_before(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], name: str
) -> None:
    for variable in ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY", "https_proxy", "all_proxy", "http_proxy"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    problems = network_problems({"video.kling_host": None})
    assert [name in str(problem) and "1080" not in str(problem) for problem in problems] == [True] * bool(name)
    assert not network_problems({"video.kling_host": "http://127.0.0.1:5000"}), "this machine needs none"


# ---------------------------------------------------------------- names and connections


def test_a_name_that_is_found_after_the_deadline_is_not_asked(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can cut a look-up short, but what comes after it is not begun."""
    look_up = socket.getaddrinfo
    passed = threading.Event()
    expire = deadline.Call.expire

    def expired(call: deadline.Call) -> None:
        expire(call)
        passed.set()

    def late(*args: object, **more: object) -> object:
        passed.wait(60.0)
        return look_up(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(deadline.Call, "expire", expired)
    with ScriptedServer(lambda seen: Reply(b"{}")) as server:
        monkeypatch.setattr(socket, "getaddrinfo", late)
        with pytest.raises(HttpError) as caught:
            client.call("POST", server.url, headers={}, json={}, seconds=0.3)
        assert not server.seen and not caught.value.sent


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 70 + ".example", "xn--.example", "..", "1.2.3.4.5.6"])
def test_names_that_are_none_leave_no_doubt(client: HttpClient, name: str) -> None:
    with pytest.raises(HttpError) as caught:
        client.call("POST", f"https://{name}/", headers={}, json={}, seconds=60.0)
    assert not caught.value.sent


def test_tls_with_one_that_speaks_none_leaves_no_doubt(client: HttpClient) -> None:
    with ScriptedServer(lambda seen: Reply(b"{}")) as server, pytest.raises(HttpError) as caught:
        client.call("POST", server.url.replace("http://", "https://"), headers={}, json={}, seconds=60.0)
    assert not caught.value.sent


def test_a_closed_client_asks_nothing_more(client: HttpClient) -> None:
    with ScriptedServer(lambda seen: Reply(b"{}")) as server:
        client.call("GET", server.url, headers={})
        client.close()
        with pytest.raises(HttpError, match="stopped") as caught:
            client.call("POST", server.url, headers={}, json={})
        assert len(server.seen) == 1 and not caught.value.sent
