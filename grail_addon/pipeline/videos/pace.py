# SPDX-License-Identifier: GPL-3.0-or-later
"""What step 4 says of a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.errors import Problem
from ...core.layout import VideoId
from ...steps.events import Event, Failed, Skipped
from ..attempt import Failure
from .frames import NotSent


def video_event(kind: type[Event], vid: VideoId, **more: Any) -> Event:
    """An event of step 4 about one frame."""
    return kind(f"video {vid}", "video", str(vid.obj), str(vid).rsplit("/", 1)[-1], **more)


def failed_event(vid: VideoId, problems: Sequence[Problem]) -> Event:
    """A frame whose clips will not come."""
    return video_event(Failed, vid, **Failure(tuple(problems)).said)


def not_sent_event(vid: VideoId, why: NotSent) -> Event:
    """A frame that is not sent."""
    message = f"not sent: {why.reason}"
    if why.fault:
        return video_event(Failed, vid, message=message)
    return video_event(Skipped, vid, message=message, verdict="not sent")
