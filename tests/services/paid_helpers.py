# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers of the tests of the paid steps: planted keys, a quick clock, a short check of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from grail_addon.core.clock import SystemClock
from grail_addon.core.video.verdict import Verdict
from grail_addon.services.purchase import ClipPlan, PurchaseContext
from grail_addon.services.secrets import Secrets
from grail_addon.services.video_events import ClipResult, Delay
from grail_addon.services.video_files import read_facts
from grail_addon.services.video_pool import Pool, PoolEvent, run_pool

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "api-key-kling-planted-0123456789abcdef"
ACCESS, SECRET = "planted-access-0123456789", "planted-secret-0123456789-abcdefghijklmn"
OPENAI = "sk-planted-openai-0123456789"


SHORTEST = 0.002
"""Seconds of a quick sleep: the local service answers within about as many."""


class QuickClock(SystemClock):
    """Real time, but sleeping is short, so that waits of seconds take milliseconds. Adds up what was asked."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        super().sleep(min(seconds, SHORTEST))

    def monotonic(self) -> float:
        return super().monotonic() + sum(self.slept)


def key_secrets() -> Secrets:
    return Secrets(kling_api_key=SecretStr(API_KEY), openai_api_key=SecretStr(OPENAI))


def pair_secrets() -> Secrets:
    return Secrets(kling_access_key=SecretStr(ACCESS), kling_secret_key=SecretStr(SECRET))


def playable(plan: ClipPlan, segment: int, frame: Path, video: Path) -> Verdict:
    """The file can be decoded to its end."""
    assert read_facts(video).frames > 0
    return Verdict("pass")


MakePlan = Callable[..., ClipPlan]


def run(context: PurchaseContext, *plans: ClipPlan) -> list[ClipResult]:
    """Buy clips to the end, one status request per second of a clock that is quick."""
    return drain_pool(run_pool(plans, context, poll_seconds=1.0), context, lambda event: None)


def drain_pool(pool: Pool, context: PurchaseContext, on_event: Callable[[PoolEvent], None]) -> list[ClipResult]:
    """Run a pool to its end in this thread, sleeping where it waits; returns the results in the order they came."""
    results = []
    for event in pool:
        if isinstance(event, Delay):
            context.clock.sleep(event.seconds)
        elif isinstance(event, ClipResult):
            results.append(event)
        on_event(event)
    return results
