# SPDX-License-Identifier: GPL-3.0-or-later
"""Field rules of a create request, both generations, as strict as the vendor's pages read; anything unknown is refused."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from PIL import Image, UnidentifiedImageError

from .state import Order, RefusalError

_LONG = set(range(3, 16))
_SHORT = {5, 10}
# model: (durations, modes, modes that take an end frame, longest prompt)
_LEGACY: dict[str, tuple[set[int], set[str], set[str], int]] = {
    "kling-v3": (_LONG, {"std", "pro", "4k"}, {"std", "pro", "4k"}, 2500),
    "kling-v2-6": (_SHORT, {"std", "pro"}, {"pro"}, 2500),
    "kling-v2-5-turbo": (_SHORT, {"std", "pro"}, {"pro"}, 2500),
}
_NEW: dict[str, tuple[set[int], set[str], set[str], int]] = {
    "kling-3.0": (_LONG, {"std", "pro", "4k"}, {"std", "pro", "4k"}, 3072),
    "kling-3.0-turbo": (_LONG, {"std", "pro"}, set(), 3072),
    "kling-2.6": (_SHORT, {"std", "pro"}, {"pro"}, 2500),
    "kling-2.5-turbo": (_SHORT, {"std", "pro"}, {"pro"}, 2500),
}
_RETIRED = ("kling-v1", "kling-v1-5", "kling-v1-6", "kling-v2-master", "kling-v2-1", "kling-v2-1-master")
_MODES = {"720p": "std", "1080p": "pro", "4k": "4k"}
_RATES = {
    "kling-v3": {"std": "0.6", "pro": "0.8", "4k": "3.0"}, "kling-3.0": {"std": "0.6", "pro": "0.8", "4k": "3.0"},
    "kling-3.0-turbo": {"std": "0.8", "pro": "1.0"},
    "kling-v2-6": {"std": "0.3", "pro": "0.5"}, "kling-2.6": {"std": "0.3", "pro": "0.5"},
    "kling-v2-5-turbo": {"std": "0.3", "pro": "0.5"}, "kling-2.5-turbo": {"std": "0.3", "pro": "0.5"},
}  # fmt: skip
_LEGACY_FIELDS = {
    "model_name", "image", "image_tail", "prompt", "negative_prompt", "cfg_scale", "mode", "duration", "sound",
    "multi_shot", "shot_type", "multi_prompt", "element_list", "voice_list", "watermark_info", "callback_url",
    "external_task_id",
}  # fmt: skip


def units_deducted(order: Order) -> str:
    """The units that are deducted for an order."""
    return str(Decimal(_RATES[order.model][order.mode]) * order.duration)


def bad(message: str) -> RefusalError:
    """400 / 1201, the answer to every wrong field."""
    return RefusalError(400, 1201, message)


def legacy_order(body: Any) -> Order:
    """Check a legacy body. RefusalError names the first wrong field."""
    _fields(body, _LEGACY_FIELDS, "")
    model = body.get("model_name", body.get("model", "kling-v1"))
    if model in _RETIRED:
        raise RefusalError(404, 1203, f"The model '{model}' has been discontinued and is no longer available.")
    if model not in _LEGACY:
        raise RefusalError(404, 1203, f"The model '{model}' does not exist.")
    durations, modes, tails, longest = _LEGACY[model]
    mode = body.get("mode", "std")
    if mode not in modes:
        raise bad(f"mode {mode!r} is not supported by {model}")
    duration = body.get("duration", "5")
    if not isinstance(duration, str) or not duration.isdigit() or int(duration) not in durations:
        raise bad(f"duration {duration!r} is not supported by {model}")
    if body.get("multi_shot"):
        raise bad("multi_shot is not spoken by the sandbox")
    sound = body.get("sound", "off")
    if sound not in ("on", "off") or (sound == "on" and model == "kling-v2-5-turbo"):
        raise bad(f"sound {sound!r} is not supported by {model}")
    prompt = _prompt(body.get("prompt"), longest)
    if "cfg_scale" in body:
        raise bad(f"cfg_scale is not supported by {model}")
    image = _picture(body.get("image"), "image", 10_000_000)
    if "image_tail" in body:
        if mode not in tails:
            raise bad(f"model/mode/duration({model}/{mode}/{duration}) is not supported with image_tail")
        _picture(body["image_tail"], "image_tail", 10_000_000)
    own = _own_id(body.get("external_task_id", ""))
    return Order("legacy", model, mode, int(duration), sound == "on", prompt, image, own)


def new_order(model: str, body: Any) -> Order:
    """Check a new-style body for the model of the path."""
    if model not in _NEW:
        raise RefusalError(404, 1203, f"The model '{model}' does not exist.")
    _fields(body, {"contents", "settings", "options"}, "")
    durations, modes, tails, longest = _NEW[model]
    settings, options = body.get("settings") or {}, body.get("options") or {}
    _fields(settings, {"resolution", "duration", "audio", "multi_shot"}, "settings.")
    _fields(options, {"callback_url", "external_task_id", "watermark_info"}, "options.")
    mode = _MODES.get(settings.get("resolution", "720p"))
    if mode not in modes:
        raise bad(f"resolution {settings.get('resolution')!r} is not supported by {model}")
    duration = settings.get("duration", 5)
    if type(duration) is not int or duration not in durations:
        raise bad(f"duration {duration!r} is not supported by {model}")
    sound = _new_sound(model, mode, settings)
    if settings.get("multi_shot", model == "kling-3.0"):
        raise bad("multi_shot is not spoken by the sandbox; send multi_shot: false")
    parts = _contents(body.get("contents"))
    prompt = _prompt(parts.get("prompt"), longest)
    if "first_frame" not in parts:
        raise bad("first_frame is required")
    image = _picture(parts["first_frame"], "first_frame", 50_000_000)
    if "last_frame" in parts:
        if mode not in tails:
            raise bad(f"last_frame is not supported by {model} at {settings.get('resolution', '720p')}")
        _picture(parts["last_frame"], "last_frame", 50_000_000)
    return Order("new", model, mode, duration, sound, prompt, image, _own_id(options.get("external_task_id", "")))


def _new_sound(model: str, mode: str, settings: Mapping[str, Any]) -> bool:
    if model in ("kling-2.5-turbo", "kling-3.0-turbo"):
        if "audio" in settings:
            raise bad(f"{model} has no audio setting")
        return model == "kling-3.0-turbo"
    audio = settings.get("audio", "off")
    if audio not in ("native", "off") or (audio == "native" and model == "kling-2.6" and mode != "pro"):
        raise bad(f"audio {audio!r} is not supported by {model}")
    return bool(audio == "native")


def _contents(items: Any) -> dict[str, Any]:
    if not isinstance(items, list):
        raise bad("contents must be a list")
    parts: dict[str, Any] = {}
    for item in items:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind not in ("prompt", "first_frame", "last_frame") or kind in parts:
            raise bad(f"contents has an item that is not understood: {kind!r}")
        field = "text" if kind == "prompt" else "url"
        _fields(item, {"type", field}, f"contents.{kind}.")
        parts[kind] = item.get(field)
    return parts


def _fields(body: Any, known: set[str], where: str) -> None:
    if not isinstance(body, dict):
        raise RefusalError(400, 1200, "the body is not a JSON object")
    extra = sorted(set(body) - known)
    if extra:
        raise bad(f"unknown field {where}{extra[0]}")


def _prompt(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise bad("prompt must not be empty")
    if len(value) > longest:
        raise bad(f"prompt is longer than {longest} characters")
    return value


def _own_id(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 64:
        raise bad("external_task_id must be a string of at most 64 characters")
    return value


def _picture(value: Any, field: str, most: int) -> bytes:
    if not isinstance(value, str) or not value:
        raise bad(f"{field} is required")
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise bad(f"{field}: File is not in a valid base64 format") from None
    if len(data) > most:
        raise bad(f"{field}: File size exceeds the limit")
    try:
        with Image.open(io.BytesIO(data)) as image:
            (width, height), kind = image.size, image.format
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError):
        raise bad(f"{field}: File is not a picture") from None
    if kind not in ("PNG", "JPEG"):
        raise bad(f"{field}: {kind} is not supported")
    if min(width, height) < 300 or max(width, height) > 2.5 * min(width, height):
        raise bad(f"{field}: Image pixel is invalid")
    return data
