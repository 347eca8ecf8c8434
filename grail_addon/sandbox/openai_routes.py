# SPDX-License-Identifier: GPL-3.0-or-later
"""The needed part of the OpenAI API: `POST /v1/chat/completions` with pictures and a strict answer schema, scripted, and
`GET /v1/models/{model}`."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import time
import uuid
from typing import Any

from PIL import Image, UnidentifiedImageError

from .state import SandboxState

ROUTE = "/v1/chat/completions"
MODELS_ROUTE = "/v1/models/"
RETIRED = {"gpt-4-turbo", "gpt-4", "gpt-3.5-turbo", "o1", "o3-mini", "o4-mini", "gpt-4.1-nano"}
_DETAILS = {"auto", "low", "high", "original"}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "SizeJudgement": {"answer": "correct", "confidence": 0.9, "reason": "Sandbox: scripted answer."},
    "ClipReview": {
        "person_in_view": True, "nobody_else": True, "one_still_shot": True, "object_same": True, "object_moved": True,
        "by_hand": True, "confidence": 0.9, "reason": "Sandbox: scripted answer.",
    },
    "RefinedPrompt": {"prompt": "The person reaches for the object, lifts it a little and puts it back."},
}  # fmt: skip


class OpenAIError(Exception):
    """An error in OpenAI's form."""

    def __init__(self, http: int, code: str | None, message: str, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.http = http
        self.body = {"error": {"message": message, "type": kind, "param": None, "code": code}}


def route(state: SandboxState, method: str, path: str, body: Any, auth: str | None) -> dict[str, Any] | None:
    """The answer to a request, None where the path is not OpenAI's. OpenAIError for what the real API refuses."""
    if path == ROUTE and method == "POST":
        return answer(state, body, auth)
    if path.startswith(MODELS_ROUTE) and method == "GET":
        return describe_model(state, path.removeprefix(MODELS_ROUTE), auth)
    return None


def answer(state: SandboxState, body: Any, auth: str | None) -> dict[str, Any]:
    """The completion. OpenAIError for everything that the real API refuses."""
    _check_key(state, auth)
    if not isinstance(body, dict):
        raise OpenAIError(400, None, "The body is not a JSON object.")
    model = _known_model(body.get("model"))
    if "max_tokens" in body:
        raise OpenAIError(400, "unsupported_parameter", "Use max_completion_tokens instead of max_tokens.")
    name = _check_format(body.get("response_format"))
    _check_messages(body.get("messages"))
    return _completion(model, state.next_answer(name) or {"answer": _DEFAULTS.get(name, {})})


def describe_model(state: SandboxState, name: str, auth: str | None) -> dict[str, Any]:
    """What `GET /v1/models/{name}` answers. OpenAIError for a wrong key or an unknown model."""
    _check_key(state, auth)
    return {"id": _known_model(name), "object": "model", "created": int(time.time()), "owned_by": "sandbox"}


def _check_key(state: SandboxState, auth: str | None) -> None:
    if (auth or "").removeprefix("Bearer ") not in state.options.openai_keys:
        raise OpenAIError(401, "invalid_api_key", "Incorrect API key provided.")


def _known_model(model: Any) -> str:
    if not isinstance(model, str) or not model.startswith("gpt-") or model in RETIRED:
        raise OpenAIError(404, "model_not_found", f"The model {model!r} does not exist.")
    return model


def _check_format(wanted: Any) -> str:
    schema = wanted.get("json_schema") if isinstance(wanted, dict) and wanted.get("type") == "json_schema" else None
    if not isinstance(schema, dict):
        raise OpenAIError(400, None, "The sandbox only speaks response_format json_schema.")
    name = str(schema.get("name", ""))
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) or schema.get("strict") is not True:
        raise OpenAIError(400, "invalid_json_schema", "The schema needs a good name and strict: true.")
    _check_schema(schema.get("schema"))
    return name


def _check_schema(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _check_schema(item)
    if not isinstance(node, dict):
        return
    if node.get("type") == "object":
        properties = node.get("properties", {})
        if node.get("additionalProperties") is not False or set(node.get("required", [])) != set(properties):
            raise OpenAIError(400, "invalid_json_schema", "In strict mode every property is required and no other.")
    for item in node.values():
        _check_schema(item)


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise OpenAIError(400, None, "messages must be a list that is not empty.")
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in ("system", "developer", "user", "assistant"):
            raise OpenAIError(400, None, "A message has a wrong role.")
        content = message.get("content")
        for part in content if isinstance(content, list) else []:
            _check_part(part)


def _check_part(part: Any) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return
    picture = part.get("image_url") if kind == "image_url" else None
    if not isinstance(picture, dict) or picture.get("detail", "auto") not in _DETAILS:
        raise OpenAIError(400, None, f"A content part is not understood: {kind!r}.")
    head, _, data = str(picture.get("url", "")).partition(";base64,")
    if head not in ("data:image/png", "data:image/jpeg"):
        raise OpenAIError(400, "invalid_image_url", "The sandbox takes pictures as data URLs only.")
    try:
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as image:
            image.verify()
    except (binascii.Error, ValueError, UnidentifiedImageError, OSError, SyntaxError):
        raise OpenAIError(400, "invalid_image", "The picture cannot be decoded.") from None


def _completion(model: str, script: dict[str, Any]) -> dict[str, Any]:
    if "error" in script:
        error = script["error"]
        raise OpenAIError(
            error["http"], error.get("code"), error.get("message", "scripted"), error.get("type", "scripted")
        )
    content: str | None = script["raw"] if "raw" in script else json.dumps(script.get("answer", {}))
    if "refusal" in script:
        content = None
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}", "object": "chat.completion", "created": int(time.time()), "model": model,
        "choices": [
            {
                "index": 0, "logprobs": None, "finish_reason": script.get("finish_reason", "stop"),
                "message": {"role": "assistant", "content": content, "refusal": script.get("refusal")},
            }
        ],
        "usage": {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940},
    }  # fmt: skip
