# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a vision model about pictures and gets a checked, structured answer, through the official `openai` package.

Every way not to get one (refusal, truncation, exhausted quota, unreadable text, no connection) is a VisionError of a
kind; none is ever an answer. The package is imported when the first model is opened: it takes a second, which a run that
asks nothing should not pay.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, Field, SecretStr, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from ..core.clock import Clock
from ..core.errors import Problem
from ..core.video.prompts import plain_text
from .http import OFFLINE, parse_json, safe_address
from .retry import backoff_seconds, retry_after_seconds
from .secrets import OPENAI_URL, Secrets, redact

if TYPE_CHECKING:
    import openai

A = TypeVar("A", bound=BaseModel)
MAX_TOKENS = 4000
"""Room for the answer and for a reasoning model's thoughts before it."""

MAX_TEXT = 4000
"""Longest text in an answer; a prompt may have 3072 characters."""

TIMEOUT = 120.0
"""Seconds for a whole answer."""

_QUOTA_WORDS = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"}
BACKOFF_CAP = 20.0
OPENAI_ADDRESS = "https://api.openai.com/v1"
"""Where no other is set; given to the package always, which would look for one in the environment by itself."""


class VisionFailure(Enum):
    """Why there is no answer. The second value: whether asking again may help."""

    OFFLINE = ("it is not asked", False)
    KEY = ("the key is not accepted", False)
    QUOTA = ("the quota is used up", False)
    MODEL = ("the model does not exist or is not open to this key", False)
    REQUEST = ("the request is not accepted", False)
    REFUSED = ("the model refuses to answer", False)
    TRUNCATED = ("the answer was cut off", True)
    UNREADABLE = ("the answer cannot be read", True)
    RATE = ("too many requests", True)
    SERVER = ("trouble at the service", True)
    NETWORK = ("trouble on the way", True)

    @property
    def passing(self) -> bool:
        return self.value[1]

    @property
    def stops(self) -> bool:
        """Whether it holds for every question."""
        return self in (VisionFailure.OFFLINE, VisionFailure.KEY, VisionFailure.QUOTA, VisionFailure.MODEL)


class VisionError(Exception):
    """No answer."""

    def __init__(self, kind: VisionFailure, message: str, retry_after: float | None = None) -> None:
        super().__init__(f"{kind.value[0]}: {message}")
        self.kind = kind
        self.retry_after = retry_after

    def problem(self) -> Problem:
        """As a sentence for the user."""
        fixes = {
            VisionFailure.KEY: "Check OPENAI_API_KEY and OPENAI_BASE_URL.",
            VisionFailure.QUOTA: "Top up the account.",
            VisionFailure.MODEL: "Choose another scale.model, video.refinement_model or video.review_model.",
        }
        return Problem(f"Vision model: {self}", fixes.get(self.kind, ""))


class VisionModel:
    """One model behind one key. attempts: how often a question is asked when the failure may pass.

    Raises InputError for an address that a key must not travel to.
    """

    def __init__(self, secrets: Secrets, model: str, detail: str, clock: Clock, attempts: int = 4) -> None:
        import openai

        from .vision_transport import OpenAITransport

        url = secrets.openai_base_url
        key = secrets.openai_api_key or SecretStr("")
        self.model = model
        self._detail = detail
        self._secrets = secrets
        self._clock = clock
        self._attempts = attempts
        # retries are ours: the package's own would repeat a hopeless `insufficient_quota`
        self._client = openai.OpenAI(
            api_key=key.get_secret_value(), base_url=safe_address(url or OPENAI_ADDRESS, OPENAI_URL), max_retries=0,
            http_client=openai.DefaultHttpxClient(transport=OpenAITransport(secrets, TIMEOUT), trust_env=False),
        )  # fmt: skip

    def close(self) -> None:
        self._client.close()

    def ask(self, system: str, question: str, images: Sequence[Path], answer: type[A]) -> A:
        """The model's answer in the form of `answer`. Raises VisionError."""
        content: list[dict[str, object]] = [{"type": "text", "text": question}]
        content += [{"type": "image_url", "image_url": {"url": _data_url(p), "detail": self._detail}} for p in images]
        messages = [{"role": "system", "content": system}, {"role": "user", "content": content}]
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts), retry=retry_if_exception(_may_pass), wait=_wait,
            sleep=self._clock.sleep, reraise=True,
        )  # fmt: skip
        reply: A = retrying(self._once, messages, answer)
        return reply

    def _once(self, messages: list[Any], answer: type[A]) -> A:
        import openai

        try:
            # the raw answer: the package does not check the shape of what it unpacks
            raw = self._client.chat.completions.with_raw_response.create(
                model=self.model, messages=messages, response_format=_strict_format(answer),
                max_completion_tokens=MAX_TOKENS, store=False,
            )  # fmt: skip
            text = raw.http_response.content
        except openai.APIStatusError as error:
            raise _of_status(error, redact(error.message, self._secrets), self._clock.time()) from None
        except openai.APIConnectionError as error:
            if not self._secrets.may_connect():
                raise VisionError(VisionFailure.OFFLINE, OFFLINE) from None
            raise VisionError(VisionFailure.NETWORK, str(error.__cause__ or type(error).__name__)) from None
        except (openai.OpenAIError, ValueError) as error:
            raise VisionError(VisionFailure.UNREADABLE, type(error).__name__) from None
        return _read(text, answer)


def _strict_format(answer: type[BaseModel]) -> Any:
    schema = answer.model_json_schema()
    return {"type": "json_schema", "json_schema": {"name": answer.__name__, "strict": True, "schema": schema}}


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    """What is needed of a chat completion."""

    choices: list[_Choice] = Field(min_length=1)


def _read(text: bytes, answer: type[A]) -> A:
    try:
        choice = _Completion.model_validate(parse_json(text)).choices[0]
    except ValueError:
        raise VisionError(VisionFailure.UNREADABLE, "not a completion") from None
    if choice.message.refusal:
        raise VisionError(VisionFailure.REFUSED, plain_text(choice.message.refusal)[:200])
    if choice.finish_reason == "content_filter":
        raise VisionError(VisionFailure.REFUSED, "content filter")
    if choice.finish_reason == "length":
        raise VisionError(VisionFailure.TRUNCATED, f"after {MAX_TOKENS} tokens")
    try:
        return answer.model_validate(_plain(parse_json(choice.message.content or "")))
    except ValidationError as error:
        raise VisionError(VisionFailure.UNREADABLE, f"{error.error_count()} fields are wrong") from None
    except ValueError:
        raise VisionError(VisionFailure.UNREADABLE, "not JSON") from None


def _plain(data: Any) -> Any:
    """An answer's data with texts that can be shown and kept anywhere: nothing unseen in them, and no longer than is read."""
    if isinstance(data, str):
        return plain_text(data[:MAX_TEXT])
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


def _of_status(error: openai.APIStatusError, message: str, now: float) -> VisionError:
    status = error.status_code
    # which of the two fields says so differs
    if status in (402, 429) and any(word in _QUOTA_WORDS for word in (error.code, error.type) if isinstance(word, str)):
        kind = VisionFailure.QUOTA
    elif status == 429:
        kind = VisionFailure.RATE
    elif status in (408, 409) or status >= 500:
        kind = VisionFailure.SERVER
    elif status in (401, 403):
        kind = VisionFailure.KEY
    elif status == 404:
        kind = VisionFailure.MODEL
    else:
        kind = VisionFailure.REQUEST
    return VisionError(kind, message[:300], retry_after_seconds(error.response.headers.get("retry-after"), now))


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, VisionError) and error.kind.passing


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.retry_after if isinstance(error, VisionError) else None
    return backoff_seconds("vision", state.attempt_number, asked, BACKOFF_CAP)


def _data_url(path: Path) -> str:
    kind = "jpeg" if path.suffix.lower() in (".jpg", ".jpeg") else "png"
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
