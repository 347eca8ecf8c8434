# SPDX-License-Identifier: GPL-3.0-or-later
"""What step 4 says of a frame, and how the waits of its services become short ones that a user can stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...core.clock import Clock
from ...core.errors import Problem
from ...core.layout import VideoId
from ...services.video_events import ClipResult, Delay, Progress
from ...services.video_pool import Pool
from ...steps.events import Event, Kind
from ..attempt import Failure, attempt
from ..run import Cancelled
from .frames import NotSent

LONGEST_WAIT = 0.2
"""Seconds between two looks at whether the user wants to stop."""

PoolOrWait = Event | Progress | ClipResult


def video_event(kind: Kind, vid: VideoId, **more: Any) -> Event:
    """An event of step 4 about one frame."""
    return Event(kind, f"video {vid}", "video", str(vid.obj), str(vid).rsplit("/", 1)[-1], **more)


def failed_event(vid: VideoId, problems: Sequence[Problem]) -> Event:
    """A frame whose clips will not come."""
    detail = "\n".join(p.detail for p in problems if p.detail)
    return video_event("fail", vid, message=" ".join(map(str, problems)), data={"detail": detail} if detail else {})


def not_sent_event(vid: VideoId, why: NotSent) -> Event:
    """A frame that is not sent."""
    message = f"not sent: {why.reason}"
    if why.fault:
        return video_event("fail", vid, message=message)
    return video_event("skip", vid, message=message, verdict="not sent")


def spread(pool: Pool, clock: Clock, is_cancelled: Callable[[], bool]) -> Iterator[PoolOrWait]:
    """A pool's events, its waits as short `wait` events. Closes the pool at the end, and when the user stops: then it
    raises Cancelled."""
    try:
        for event in pool:
            if is_cancelled():
                raise Cancelled
            if not isinstance(event, Delay):
                yield event
                continue
            end = clock.monotonic() + event.seconds
            while (left := end - clock.monotonic()) > 0:
                if is_cancelled():
                    raise Cancelled
                yield Event("wait", step="video", message=event.why, seconds=min(left, LONGEST_WAIT))
    finally:
        pool.close()


def next_event(stream: Iterator[PoolOrWait]) -> PoolOrWait | Failure | None:
    """The next event; None at the end; a Failure for what nobody foresaw. A cancel passes."""

    def take() -> PoolOrWait | Cancelled | None:
        try:
            return next(stream, None)
        except Cancelled as stop:
            return stop

    event = attempt(take)
    if isinstance(event, Cancelled):
        raise event
    return event
