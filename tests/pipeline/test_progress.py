# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is: counts, rate and time left, reasons put together, and the file that other machines read."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.layout import ResultsLayout
from grail_addon.pipeline.progress import RunProgress, StatusFile, read_status, reason_of
from grail_addon.steps.events import Done, Ended, Failed, Planned, Skipped


class Clock:
    now = 1000.0

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def frame(kind: type, number: int, worker: str, **more: object):
    data = {"worker": worker, "node": f"node{worker}"}
    return kind(f"render Things/mug/v{number}", "render", "Things/mug", f"v{number}", data=data, **more)


def test_counts_rate_and_time_left() -> None:
    clock = Clock()
    progress = RunProgress(clock)
    progress.event(Planned(data={"items": 20, "objects": 1}))
    assert progress.left_seconds is None, "nothing was made"
    for number in range(6):
        clock.sleep(10.0)
        progress.event(frame(Done, number, str(number % 2), seconds=8.0))
    progress.event(frame(Skipped, 7, "0"))
    progress.event(frame(Failed, 8, "1", message="it cuts 3.25 mm into the table"))
    progress.event(frame(Failed, 9, "1", message="it cuts 11 mm into the table"))
    data = progress.to_json()
    assert data["per_minute"] == pytest.approx(6.0) and data["left_seconds"] == pytest.approx(110.0)
    assert (data["total"]["done"], data["total"]["skipped"], data["total"]["failed"]) == (6, 1, 2)
    assert data["workers"]["1"] == {"done": 3, "skipped": 0, "failed": 2, "seconds": 24.0, "node": "node1"}
    assert data["nodes"]["node0"]["skipped"] == 1 and data["objects"]["Things/mug"]["failed"] == 2
    assert data["reasons"] == [[2, "it cuts N mm into the table", "render Things/mug/v8"]]
    clock.sleep(3600.0)
    assert progress.per_minute == 0.0 and progress.left_seconds is None, "the rate is that of lately"


def test_the_file_is_written_at_first_now_and_then_and_at_last(tmp_path: Path) -> None:
    clock, layout = Clock(), ResultsLayout(tmp_path)
    assert read_status(tmp_path) is None
    status = StatusFile(layout, RunProgress(clock))
    status.event(Planned(data={"items": 3, "objects": 1}))
    status.event(frame(Done, 1, "0"))
    seen = read_status(tmp_path)
    assert seen is not None and (seen["planned"], seen["total"]["done"], seen["ended"]) == (3, 0, False)
    clock.sleep(6.0)
    status.event(frame(Done, 2, "0"))
    seen = read_status(tmp_path)
    assert seen is not None and seen["total"]["done"] == 2
    status.event(Ended(data={}))
    seen = read_status(tmp_path)
    assert seen is not None and seen["ended"]


def test_reasons_without_numbers() -> None:
    assert reason_of("gap 0.5 mm, 1,000 tries") == "gap N mm, N tries"
