# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP request to the Kling API: signs it, sends it once, and turns whatever comes back into data or a KlingError.

No retry happens here except one re-signing when a token is refused for its time: whether a request may be sent again
depends on what it was, which only the caller knows.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any, Literal, Protocol

import jwt
from pydantic import SecretStr

from ...core.clock import Clock
from ...core.ledger.rows import Payee
from ..http import HttpAnswer, HttpClient, HttpError, is_loopback, safe_address
from ..retry import retry_after_seconds
from ..secrets import Secrets
from .errors import ErrorKind, KlingError, Reaction, kind_of, kind_of_page, proves_no_task
from .records import envelope

SANDBOX_HEADER = "x-grail-sandbox"
LOOKS_FOR_THE_SANDBOX = 3
TOKEN_SECONDS = 1800
TOKEN_BACKDATE = 5


class Auth(Protocol):
    """Makes the value of the Authorization header."""

    def header(self) -> str: ...

    def server_time(self, seconds: float) -> bool:
        """Takes the server's own time when a token was refused for its time; True if signing again makes sense."""
        ...


class ApiKeyAuth:
    """A single API key: works on both generations."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key

    def header(self) -> str:
        return f"Bearer {self._key.get_secret_value()}"

    def server_time(self, seconds: float) -> bool:
        return False


class KeyPairAuth:
    """Access and secret key: a token signed for each request (HS256; iss, exp, nbf). Legacy generation only."""

    def __init__(self, access: SecretStr, secret: SecretStr, clock: Clock) -> None:
        self._access = access
        self._secret = secret
        self._clock = clock
        self._ahead = 0.0  # how far the server's clock is ahead of ours

    def header(self) -> str:
        now = int(self._clock.time() + self._ahead)
        claims = {"iss": self._access.get_secret_value(), "exp": now + TOKEN_SECONDS, "nbf": now - TOKEN_BACKDATE}
        try:
            token = jwt.encode(claims, self._secret.get_secret_value(), algorithm="HS256", headers={"typ": "JWT"})
        except jwt.PyJWTError:
            raise KlingError(ErrorKind.KEY, "KLING_SECRET_KEY holds a key of another kind") from None
        return f"Bearer {token}"

    def server_time(self, seconds: float) -> bool:
        self._ahead = seconds - self._clock.time()
        return True


class Transport:
    """A connection pool to one host with one credential. Not for several threads."""

    def __init__(self, host: str, auth: Auth, secrets: Secrets, clock: Clock) -> None:
        self._auth = auth
        self._secrets = secrets
        self._clock = clock
        self._sandbox = False
        self._answers = 0
        self._payee: Payee | None = None
        self._server_now = clock.time()
        self._host = safe_address(host, "video.kling_host")
        self._http = HttpClient(secrets)

    def close(self) -> None:
        self._http.close()

    def other_client(self) -> HttpClient:
        """A connection of its own, for an answer that takes long. It carries no credential."""
        return HttpClient(self._secrets)

    def payee(self) -> Payee:
        """Whether the sandbox answers here; asks the account route, and remembers the answer.

        On this machine it asks a few times before it believes that the sandbox's mark is missing: what is bought there must
        not be booked as real money because one answer was spoilt on its way.
        """
        looks = LOOKS_FOR_THE_SANDBOX if is_loopback(self._host) else 1
        while self._payee is None:
            self._ask_account()
            if self._sandbox or self._answers >= looks:
                self._payee = "sandbox" if self._sandbox else "kling"
        return self._payee

    def _ask_account(self) -> None:
        before, end = self._answers, int(self._clock.time() * 1000)
        try:
            self.call("GET", "/account/costs", params={"start_time": str(end - 86_400_000), "end_time": str(end)})
        except KlingError as error:
            # any answer of the API shows that it is there; only one about the key itself matters here
            if self._answers == before or error.kind in (ErrorKind.KEY, ErrorKind.TOKEN_TIME, ErrorKind.IP_LIST):
                raise

    def call(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        body: dict[str, object] | None = None,
        params: dict[str, str] | None = None,
        creates: bool = False,
    ) -> Any:
        """The `data` of a successful answer (None if it has none); raises KlingError otherwise.

        creates: the request makes a task, so an unclear end must say `may_exist`.
        """
        try:
            return self._once(method, path, body, params, creates)
        except KlingError as error:
            passes = error.kind is ErrorKind.TOKEN_TIME and not error.may_exist
            if not passes or not self._auth.server_time(self._server_now):
                raise
        return self._once(method, path, body, params, creates)

    def _once(
        self, method: str, path: str, body: dict[str, object] | None, params: dict[str, str] | None, creates: bool
    ) -> Any:
        headers = {"Authorization": self._auth.header()}
        try:
            answer = self._http.call(method, self._host + path, headers=headers, json=body, params=params)
        except HttpError as error:
            # before a byte was sent no task can exist; any later failure leaves a create in doubt
            raise KlingError(ErrorKind.NETWORK, str(error), may_exist=creates and error.sent) from None
        self._server_now = _date_of(answer, self._clock.time())
        return self._data(answer, creates)

    def _data(self, answer: HttpAnswer, creates: bool) -> Any:
        status = answer.status
        try:
            found = envelope(answer.json())
        except ValueError:
            found = None
        if found is None:
            text = f"the answer is not in the API's form (HTTP {status})"
            raise KlingError(
                kind_of_page(status), text, http=status, retry_after=self._retry_after(answer), may_exist=creates
            )
        self._answers += 1
        self._sandbox = self._sandbox or SANDBOX_HEADER in answer.headers
        if found.code == 0 and status == 200:
            return found.data
        kind = kind_of(found.code, status, found.message)
        refused = 400 <= status < 500
        if (creates and kind is ErrorKind.NOT_FOUND) or (kind.reaction is Reaction.STOP and not refused):
            kind = ErrorKind.UNREADABLE  # it belongs to another request, or something on the way has changed it
        raise KlingError(
            kind, found.message, code=found.code, http=status, request_id=found.request_id,
            retry_after=self._retry_after(answer),
            may_exist=creates and (kind is ErrorKind.UNREADABLE or not proves_no_task(found.code, status)),
        )  # fmt: skip

    def _retry_after(self, answer: HttpAnswer) -> float | None:
        return retry_after_seconds(answer.headers.get("retry-after"), self._server_now)


def _date_of(answer: HttpAnswer, fallback: float) -> float:
    try:
        return parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return fallback
