# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the Kling API by kind, so that a caller decides by what happened and not by how often.

The 21 business codes are those of the vendor's table. HTTP 429 alone says nothing: it carries rate and concurrency
limits, but also an empty balance, arrears, a blocked account and an IP list.
"""

from __future__ import annotations

from enum import Enum

from ...core.errors import Problem


class Reaction(Enum):
    """What to do about an error."""

    WAIT = "wait and try again"
    STOP = "stop the whole step"
    ITEM = "mark this item and go on"


class ErrorKind(Enum):
    """What happened."""

    RATE = "too many requests"
    CONCURRENCY = "too many tasks at once"
    SERVER = "trouble at the service"
    NETWORK = "trouble on the way"
    KEY = "key not accepted"
    TOKEN_TIME = "token not valid at this time"
    ACCOUNT = "account blocked"
    BALANCE = "no balance"
    ACCESS = "no access to the model"
    IP_LIST = "IP address not allowed"
    CONTENT = "content policy"
    BAD_REQUEST = "request not accepted"
    PROTOCOL = "call not understood"
    DUPLICATE = "own id already used"
    NOT_FOUND = "no such task"
    UNREADABLE = "answer not understood"
    FOREIGN = "answer about another task"
    UNSURE = "not known whether the task is there"

    @property
    def reaction(self) -> Reaction:
        return _REACTIONS.get(self, Reaction.STOP)


_REACTIONS = {
    ErrorKind.RATE: Reaction.WAIT,
    ErrorKind.CONCURRENCY: Reaction.WAIT,
    ErrorKind.SERVER: Reaction.WAIT,
    ErrorKind.NETWORK: Reaction.WAIT,
    ErrorKind.UNREADABLE: Reaction.WAIT,
    ErrorKind.FOREIGN: Reaction.WAIT,
    ErrorKind.UNSURE: Reaction.WAIT,
    ErrorKind.CONTENT: Reaction.ITEM,
    ErrorKind.BAD_REQUEST: Reaction.ITEM,
    ErrorKind.DUPLICATE: Reaction.ITEM,
    ErrorKind.NOT_FOUND: Reaction.ITEM,
}

_KINDS = {
    1000: ErrorKind.KEY,
    1001: ErrorKind.KEY,
    1002: ErrorKind.KEY,
    1003: ErrorKind.TOKEN_TIME,
    1004: ErrorKind.TOKEN_TIME,
    1100: ErrorKind.ACCOUNT,
    1101: ErrorKind.BALANCE,
    1102: ErrorKind.BALANCE,
    1103: ErrorKind.ACCESS,
    1200: ErrorKind.BAD_REQUEST,
    1201: ErrorKind.BAD_REQUEST,
    1202: ErrorKind.PROTOCOL,
    1203: ErrorKind.ACCESS,
    1300: ErrorKind.CONTENT,
    1301: ErrorKind.CONTENT,
    1302: ErrorKind.RATE,
    1303: ErrorKind.CONCURRENCY,
    1304: ErrorKind.IP_LIST,
    5000: ErrorKind.SERVER,
    5001: ErrorKind.SERVER,
    5002: ErrorKind.SERVER,
}
KNOWN_CODES = tuple(_KINDS)

RUN_AGAIN = "Run the same again later: what was sent is fetched, the rest is sent, and nothing is paid twice."
"""Good whether something was sent or not; `--resume` alone would send nothing."""

_ADVICE = {
    ErrorKind.KEY: "Check KLING_API_KEY (or the access and secret key) and that the host is of the key's region.",
    ErrorKind.TOKEN_TIME: "Check this machine's clock.",
    ErrorKind.ACCOUNT: "The account is in an abnormal state: see the vendor's console.",
    ErrorKind.BALANCE: f"Top up the account, or buy a pack that covers this model. {RUN_AGAIN}",
    ErrorKind.ACCESS: "This account or API does not have the model: choose another video.kling_model_name.",
    ErrorKind.IP_LIST: "Add this machine's address to the account's IP list.",
    ErrorKind.CONTENT: "Change the prompt or the picture; sending it again unchanged is of no use.",
    ErrorKind.BAD_REQUEST: "The service did not take the request; its words are above.",
    ErrorKind.PROTOCOL: "The API has changed: look for a newer version of the add-on.",
    ErrorKind.NETWORK: f"Check the connection. {RUN_AGAIN}",
    ErrorKind.SERVER: RUN_AGAIN,
    ErrorKind.RATE: RUN_AGAIN,
    ErrorKind.CONCURRENCY: f"Lower video.max_in_flight to what your pack allows. {RUN_AGAIN}",
    ErrorKind.UNREADABLE: RUN_AGAIN,
    ErrorKind.FOREIGN: RUN_AGAIN,
    ErrorKind.UNSURE: RUN_AGAIN,
}


class KlingError(Exception):
    """An answer that is not success, or no answer.

    may_exist: a create that ended like this may have made a task all the same, so it must be looked up.
    retry_after: seconds that the service asked to wait, if it did.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        code: int | None = None,
        http: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        may_exist: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.code = code
        self.http = http
        self.request_id = request_id
        self.retry_after = retry_after
        self.may_exist = may_exist

    @property
    def reaction(self) -> Reaction:
        return self.kind.reaction

    def problem(self) -> Problem:
        """As a sentence for the user."""
        facts = [f"HTTP {self.http}" if self.http else "", f"code {self.code}" if self.code else "", self.request_id]
        return Problem(
            f"Kling: {self.kind.value}: {self.message}",
            _ADVICE.get(self.kind, ""),
            detail=", ".join(filter(None, facts)),
        )


def kind_of(code: int, http: int, message: str) -> ErrorKind:
    """The kind of a business code; an unknown code is judged by its HTTP status."""
    words = message.lower()
    if code == 1201 and "already exist" in words:
        return ErrorKind.DUPLICATE
    if code in (1201, 1203) and "task not found" in words:
        return ErrorKind.NOT_FOUND
    if code in (1200, 1201) and ("discontinued" in words or "no longer available" in words):
        return ErrorKind.ACCESS  # a retired model: true for every item
    if code in _KINDS:
        return _KINDS[code]
    return kind_of_status(http)


def kind_of_page(http: int) -> ErrorKind:
    """The kind of an answer that is not in the API's form: something between us and the service gave it."""
    return ErrorKind.RATE if http == 429 else ErrorKind.NETWORK


def proves_no_task(code: int, http: int) -> bool:
    """Whether a create that was answered like this made no task for certain: a refusal that the vendor's table names."""
    return code in _KINDS and code < 5000 and 400 <= http < 500


def kind_of_status(http: int) -> ErrorKind:
    """The kind of an answer of the API without a known business code."""
    if http == 429:
        return ErrorKind.RATE
    if http >= 500 or http in (408, 200):
        return ErrorKind.SERVER
    if http == 401:
        return ErrorKind.KEY
    if http == 403:
        return ErrorKind.ACCESS
    return ErrorKind.BAD_REQUEST


_CONTENT_MARKS = (
    "risk control", "sensitive", "policy", "policies", "content safety", "moderation", "violat", "prohibit", "nsfw",
    "inappropriate", "guideline", "not allowed", "unsafe", "copyright", "illegal", "forbidden",
    "风控", "风险", "敏感", "违规", "违反", "审核", "政策", "安全", "不合规", "违法", "禁止", "规范",
)  # fmt: skip
_INPUT_MARKS = (
    "invalid", "resolution", "aspect ratio", "not supported", "无效", "分辨率", "宽高比", "比例", "不支持", "格式",
)  # fmt: skip
_SERVER_MARKS = ("超时", "系统", "服务", "内部错误", "繁忙", "稍后", "重试")


def failed_task_kind(message: str) -> ErrorKind:
    """Why a task failed, from its text: the only thing the service gives.

    English texts that name neither content nor input count as server trouble, which is tried once more. A text in another
    language that is not understood counts as a refusal: it is shown, and a person decides.
    """
    words = message.casefold()
    if any(mark in words for mark in _CONTENT_MARKS):
        return ErrorKind.CONTENT
    if any(mark in words for mark in _INPUT_MARKS):
        return ErrorKind.BAD_REQUEST
    if words.isascii() or any(mark in words for mark in _SERVER_MARKS):
        return ErrorKind.SERVER
    return ErrorKind.CONTENT
