# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads for what blocks: one for calls of the service, one for the vision model, a few for files. Work gets plain data and never the ledger."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Literal, TypeVar

from .video_events import Delay, LaneWork

T = TypeVar("T")
Lane = Literal["service", "files", "vision"]

TURN = 0.004
"""Seconds that the calling thread waits for work to end before it says `Delay`: half of a window's tick."""

NEXT_LOOK = 0.02
"""Seconds of that `Delay`."""

FILE_THREADS = 3


class Lanes:
    """Use as a context manager. The service's lane has one thread, so that its calls never meet."""

    def __init__(self) -> None:
        threads = {"service": 1, "vision": 1, "files": FILE_THREADS}
        self._pools = {lane: ThreadPoolExecutor(count, lane) for lane, count in threads.items()}

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *exc: object) -> None:
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def start(self, work: LaneWork) -> Future[Any]:
        """Begin `work` in its lane."""
        return self._pools[work.lane].submit(work.run)


def ended(futures: list[Future[Any]]) -> bool:
    """Whether one of them has ended, after a short look."""
    return bool(wait(futures, TURN, FIRST_COMPLETED).done)


def result_of(future: Future[T], why: str) -> Generator[Delay, None, T]:
    """The result of work under way; yields `Delay` until it is there."""
    while not ended([future]):
        yield Delay(NEXT_LOOK, why)
    return future.result()


def call(run: Callable[[], T], lane: Lane) -> Generator[LaneWork, Any, T]:
    """Inside a job: have `run` done in a lane; returns what it returns and raises what it raises."""
    result: T = yield LaneWork(run, lane)
    return result
