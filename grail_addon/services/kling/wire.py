# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of both API generations: routes and bodies, with the vendor's field names. `records` reads the answers.

Pictures come in as text: raw Base64 (no `data:` prefix) for a real request, a hash for a dry run.
"""

from __future__ import annotations

import base64
from pathlib import Path

from ...core.video.request import Generation, ModelTable, VideoRequest

LEGACY_ROUTE = "/v1/videos/image2video"
NEW_ROUTE = "/image-to-video"
TASKS_ROUTE = "/tasks"


def image_text(request: VideoRequest) -> tuple[str, str | None]:
    """(first frame, end frame or None) of a request as raw Base64."""

    def encode(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode("ascii")

    return encode(request.frame.path), None if request.tail is None else encode(request.tail.path)


def image_hashes(request: VideoRequest) -> tuple[str, str | None]:
    """The same as hashes, for a dry run."""
    return f"sha256:{request.frame.sha256}", None if request.tail is None else f"sha256:{request.tail.sha256}"


def create_call(
    table: ModelTable, generation: Generation, request: VideoRequest, external_id: str, images: tuple[str, str | None]
) -> tuple[str, dict[str, object]]:
    """(path, body) of the create request."""
    frame, tail = images
    rules = table.models[request.model]
    model = rules.generations[generation]
    if generation == "legacy":
        body: dict[str, object] = {
            "model_name": model, "image": frame, "prompt": request.prompt, "mode": request.mode,
            "duration": str(request.duration), "external_task_id": external_id,
        }  # fmt: skip
        if tail is not None:
            body["image_tail"] = tail
        return LEGACY_ROUTE, body
    contents = [{"type": "prompt", "text": request.prompt}, {"type": "first_frame", "url": frame}]
    if tail is not None:
        contents.append({"type": "last_frame", "url": tail})
    settings: dict[str, object] = {
        "resolution": table.modes[request.mode].resolution, "duration": request.duration,
    }  # fmt: skip
    if rules.audio == "optional":
        settings["audio"] = "off"
    if rules.multi_shot:
        settings["multi_shot"] = False  # the service's default is true, which would cut
    options = {"external_task_id": external_id}
    return f"{NEW_ROUTE}/{model}", {"contents": contents, "settings": settings, "options": options}
