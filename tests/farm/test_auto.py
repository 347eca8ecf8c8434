# SPDX-License-Identifier: GPL-3.0-or-later
"""`--workers auto` with worker processes that share a slow card, and with a driver's tool that is a shell script."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.drivers.farm import crew_size
from grail_addon.drivers.farm import run as farm_run
from grail_addon.drivers.farm.run import FarmRun
from grail_addon.pipeline.session import Session
from grail_addon.steps.events import Event, Note
from tests.farm.farm_project import calls, drained, is_alive, request_of, worker_command
from tests.plan_project import make_project

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

FRAMES = 24
TRIES = 4
"""A rate is measured over six frames: where another program halts the machine for a tenth of a second, it is a wrong one."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def auto_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, most: int, slow: float, gpu: bool = False, **keys: Any
) -> FarmRun:
    # has tests of its own; on a busy machine a process starts so slowly that it would end what is tested here
    monkeypatch.setattr(crew_size, "STARTS_WORTH", 0.0)
    monkeypatch.setattr(farm_run, "cores", lambda: tuple(range(16)))
    monkeypatch.setattr(farm_run, "worker_command", lambda _: worker_command(folder, slow))
    if not gpu:
        monkeypatch.setattr(farm_run, "most_here", lambda wanted, gpu: most)
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    keys = {"farm__engine": "local", "farm__workers": "auto", "rendering__num_rand_scenes": FRAMES, **keys}
    return FarmRun(Session(request_of(folder, **keys), by_workers=True), SystemClock())


def notes(events: list[Event]) -> list[Note]:
    return [event for event in events if isinstance(event, Note) and "auto" in event.data]


def choices(events: list[Event]) -> list[int]:
    return [note.data["auto"] for note in notes(events)]


def all_told(events: list[Event], objects: int = 3) -> bool:
    told = Counter(event.item for event in events if event.kind in ("done", "skip", "fail"))
    return len(told) == objects * (FRAMES + 1) and set(told.values()) == {1} and events[-1].data["failed"] == 0


def test_workers_that_wait_for_the_same_card_are_not_added_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for turn in range(TRIES):
        folder = make_project(tmp_path / str(turn))
        (folder / "card").write_text("0.12")
        events = drained(auto_run(folder, monkeypatch, 8, 0.1))
        # 1 makes 4.5 a second, 2 and any number above make 8.3
        if choices(events) == [2, 4, 2]:
            break
    assert choices(events) == [2, 4, 2], notes(events)
    assert all_told(events)
    by = Counter(event.data["worker"] for event in events if event.kind == "done")
    assert len(by) == 4, "what was made while measuring counts"
    assert len({pid for pid, call in calls(folder) if call == "workshop"}) == 4
    assert not any(is_alive(pid) for pid, _ in calls(folder))


def test_a_full_card_takes_no_more_workers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / "bin/nvidia-smi"
    tool.parent.mkdir()
    # each worker that has opened a workshop holds 4000 MB of 10000
    held = f"$((4000 * $(cat {folder}/calls.txt 2>/dev/null | grep -c workshop)))"
    tool.write_text(f'#!/bin/sh\nused={held}\necho "$used, $((10000 - used)), 12"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    events = drained(auto_run(folder, monkeypatch, 8, 0.2, gpu=True, category="mug,bowl"))
    assert choices(events) == [2, 2] and all_told(events, 2)
    last = notes(events)[-1]
    assert last.message.endswith("; a worker holds 4000 MB of its GPU, and 2000 are free.")
    assert last.data["measured"]["card_busy"] == pytest.approx(0.12)


def test_one_object_is_shared_out_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = drained(auto_run(folder, monkeypatch, 2, 0.4, category="mug"))
    assert choices(events) == [2, 2] and all_told(events, 1)


def test_where_there_is_room_for_one_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = drained(auto_run(folder, monkeypatch, 1, 0.0, rendering__num_rand_scenes=2))
    (note,) = notes(events)
    assert note.message.startswith("auto: 1 worker: 1 makes ")
    assert note.message.endswith("the 16 cores and no GPU of this machine have room for no more.")
