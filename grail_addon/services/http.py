# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP request through `requests`: sent once, with a deadline for the whole of it and a limit to its size.

What `requests` does by itself and must not do here is switched off: credentials from a .netrc file, retries, unpacking.
Proxies and certificates of the environment are used, except for this very machine, which no proxy can reach.
"""

from __future__ import annotations

import functools
import json
import os
import ssl
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection

from ..core.errors import InputError, Problem
from .deadline import Call, watched
from .secrets import Secrets, redact, redact_data

CONNECT_SECONDS = 10.0
CALL_SECONDS = 60.0
PART_BYTES = 256 << 10
MAX_BYTES = 16 << 20
"""Largest answer of an API; a list of 500 tasks has half a megabyte."""

MAX_DEPTH = 60
"""Most levels of JSON; answers have fewer than ten, and what walks through them calls itself for each level."""

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Environment variables that name a file of trusted certificates, the strongest first."""


OFFLINE = "Blender's online access is off; turn on Allow Online Access in Preferences > System, or start it with --online-mode"


class HttpError(Exception):
    """No whole answer came. sent: whether the request may have reached the other side."""

    def __init__(self, message: str, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


@dataclass(frozen=True)
class HttpAnswer:
    """A whole answer. headers: without regard to case. No text in it shows a key of this run."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    secrets: Secrets

    def json(self) -> Any:
        """The body as JSON, redacted; ValueError for whatever cannot be read as such."""
        return redact_data(parse_json(self.body), self.secrets)


def parse_json(text: bytes | str) -> Any:
    """JSON as plain data; ValueError for all that is none, for deep nesting and for numbers of thousands of digits. A name
    that an object has twice is left out: nobody knows which of its values is meant."""
    try:
        data = json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [inner for part in level if isinstance(part, list | dict) for inner in _inside(part)]
        if not level:
            return data
    raise ValueError("nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        count = Counter(name for name, _ in pairs)
        return {name: value for name, value in found.items() if count[name] == 1}
    return found


def _inside(part: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return part.values() if isinstance(part, dict) else part


@functools.cache
def tls() -> ssl.SSLContext:
    """The system's trusted roots; reading them takes longer than a request, so all connections share them."""
    return ssl.create_default_context()


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def safe_address(url: str, name: str) -> str:
    """`url` without a trailing slash, if keys may travel to it: over https, or to this very machine.

    name: the setting or variable that it comes from. Raises InputError.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.username is not None or not url.isascii() or not url.isprintable() or " " in url:
        raise InputError(Problem("should be an address such as https://example.org.", key_path=name))
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)):
        return url.rstrip("/")
    raise InputError(Problem("Keys are not sent over plain http.", "Give an https:// address.", key_path=name))


def network_problems(addresses: Mapping[str, str | None]) -> list[Problem]:
    """What is wrong with addresses (setting or variable -> address, or None for the built-in one), certificates and proxies
    of this machine, as far as that is known without a connection."""
    problems: list[Problem] = []
    for name, url in addresses.items():
        try:
            if url is not None:
                safe_address(url, name)
        except InputError as error:
            problems += error.problems
    try:
        certificates()
    except InputError as error:
        problems += error.problems
    proxies = getproxies()
    if "https" in proxies:
        proxies.pop("all", None)  # it is for what has none of its own
    goes_out = any(url is None or not is_loopback(url) for url in addresses.values())
    found = (_proxy_problem(scheme, proxy, goes_out) for scheme, proxy in proxies.items())
    return problems + [problem for problem in found if problem is not None]


def _proxy_problem(scheme: str, proxy: str, is_used: bool) -> Problem | None:
    if scheme not in ("http", "https", "all"):
        return None
    name = f"{scheme.upper()}_PROXY"
    try:
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        return Problem(f"The proxy that {name} names is no address.", f"Correct or unset {name}.")
    if is_used and scheme != "http" and parts.scheme not in ("http", "https"):
        fix = "Name an HTTP proxy in HTTPS_PROXY."
        return Problem(f"The proxy that {name} names is of a kind that cannot be used ({parts.scheme}).", fix)
    return None


def certificates() -> str | bool:
    """What `requests` takes as `verify`: a file that the environment names, or the roots it brings.

    Raises InputError if that file is not there.
    """
    named = [(name, path) for name in CA_VARIABLES if (path := os.environ.get(name))]
    for name, path in named:
        if not Path(path).exists():
            message = f"The certificates that {name} names are not there: {path}."
            raise InputError(Problem(message, f"Correct or unset {name}."))
    return named[0][1] if named else True


class _Adapter(HTTPAdapter):
    """Trusts the system's roots beside those that `requests` brings, and watches its connections."""

    def __init__(self, call: Call) -> None:
        self._call = call
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=tls(), **kwargs)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=tls(), **kwargs)
        self._watch(manager)
        return manager

    def _watch(self, manager: Any) -> None:
        for scheme, pool, connection in (
            ("http", urllib3.HTTPConnectionPool, HTTPConnection),
            ("https", urllib3.HTTPSConnectionPool, HTTPSConnection),
        ):
            kind = type(pool.__name__, (pool,), {"ConnectionCls": watched(connection, self._call)})
            manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, scheme: kind}


class Offline(ValueError):
    """A request that was not made."""


_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)


class HttpClient:
    """Keeps connections open between calls. One call at a time. No request is made while `secrets.may_connect` says no."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._call = Call()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept-Encoding"] = "identity"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self._call))
        self._verify = certificates()

    def close(self) -> None:
        """Cut what is under way in another thread, and close the rest. No request is made after that."""
        self._call.closed = True
        self._call.expire()
        self._session.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json: object = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        seconds: float = CALL_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> HttpAnswer:
        """The answer, whatever its status; redirects are answers like others. Raises HttpError."""
        how = {"headers": headers, "json": json, "data": content, "params": params, "allow_redirects": False}
        with self._call.deadline(seconds):
            try:
                with self._send(method, url, how, seconds) as reply:
                    body = _body(reply, max_bytes)
                if self._call.expired:
                    raise TimeoutError
            except _FAILURES as error:
                raise self._failed(error, seconds) from None
        return HttpAnswer(reply.status_code, self._headers(reply), body, self._secrets)

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str], seconds: float, longest: float) -> Iterator[Stream]:
        """GET with redirects. seconds: for the answer's head, and for each part of its body; longest: for all of it. Raises
        HttpError, also while the body is read.
        """
        end = time.monotonic() + longest
        with self._call.deadline(seconds):
            try:
                reply = self._send("GET", url, {"headers": headers, "allow_redirects": True}, seconds)
            except _FAILURES as error:
                raise self._failed(error, seconds) from None
            with reply:
                yield Stream(reply.status_code, self._headers(reply), self._parts(reply, seconds, end))

    def _parts(self, reply: requests.Response, seconds: float, end: float) -> Iterator[bytes]:
        try:
            for part in reply.raw.stream(PART_BYTES, decode_content=False):
                self._call.extend(seconds)
                yield part
                if time.monotonic() > end:
                    raise ValueError("it is too slow")
            if self._call.expired:
                raise TimeoutError
        except _FAILURES as error:
            raise self._failed(error, seconds) from None

    def _headers(self, reply: requests.Response) -> Mapping[str, str]:
        return CaseInsensitiveDict({name: redact(value, self._secrets) for name, value in reply.headers.items()})

    def _send(self, method: str, url: str, how: Mapping[str, Any], seconds: float) -> requests.Response:
        if not self._secrets.may_connect():
            raise Offline(OFFLINE)
        if self._call.closed:
            raise Offline("it was stopped")
        proxies = {} if is_loopback(url) else get_environ_proxies(url)
        timeout = (min(CONNECT_SECONDS, seconds), seconds)
        reply = self._session.request(
            method, url, stream=True, timeout=timeout, verify=self._verify, proxies=proxies, **how
        )
        packing = reply.headers.get("content-encoding", "").strip()
        if packing.lower() not in ("", "identity"):
            reply.close()
            raise ValueError(f"the answer is packed ({packing[:20]}), which was not asked for")
        return reply

    def _failed(self, error: BaseException, seconds: float) -> HttpError:
        return HttpError(_words(error, seconds if self._call.expired else None), self._call.sent)


@dataclass(frozen=True)
class Stream:
    """An answer whose body is read in parts, as they are sent. Reading raises HttpError."""

    status: int
    headers: Mapping[str, str]
    parts: Iterator[bytes]


def _body(reply: requests.Response, max_bytes: int) -> bytes:
    length = reply.headers.get("content-length", "")
    body: bytes = reply.raw.read(max_bytes + 1, decode_content=False)
    if len(body) > max_bytes:
        raise ValueError(f"the answer is longer than {max_bytes} bytes")
    if length.isascii() and length.isdigit() and len(body) < int(length):
        raise ValueError(f"{len(body)} of {length} bytes came")
    return body


def _words(error: BaseException, expired_after: float | None) -> str:
    """What happened, without addresses (they may hold a proxy's password) and without the library's inner names."""
    if expired_after is not None:
        return f"no whole answer within {expired_after:g} s"
    if isinstance(error, (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL)):
        return "the proxy does not work; check HTTPS_PROXY and HTTP_PROXY"
    if isinstance(error, requests.exceptions.SSLError):
        return "the certificate of the other side is not trusted"
    if isinstance(error, (requests.ConnectTimeout, requests.ReadTimeout, urllib3.exceptions.TimeoutError)):
        return "no answer in time"
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return "the address cannot be used"
    if isinstance(error, ValueError) and not isinstance(error, requests.RequestException):
        return str(error)
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return "no connection" if isinstance(reason, urllib3.exceptions.NewConnectionError) else "the connection broke off"
