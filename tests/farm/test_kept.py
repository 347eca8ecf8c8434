# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker that stays warm between runs: one process for many, gone soon after a cancel, replaced where it died."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.drivers.farm import kept
from grail_addon.drivers.farm.kept import KeptWorker
from grail_addon.drivers.farm.link import Inbox
from grail_addon.drivers.farm.run import FarmRun
from grail_addon.drivers.farm.units import narrowed, units_of
from grail_addon.drivers.window import POLL, WindowDriver
from grail_addon.pipeline.session import Session
from grail_addon.steps.effects import Render
from grail_addon.steps.events import Event
from tests.farm.farm_project import ROOT, calls, drained, is_alive, request_of, worker_command
from tests.plan_project import make_project
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


class NoRenders:
    """A renderer of the window driver that is never asked."""

    def begin(self, effect: Render) -> None:
        raise AssertionError(effect)

    def poll(self) -> bool:
        raise AssertionError

    def cancel(self) -> None:
        raise AssertionError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture
def worker(folder: Path) -> Iterator[KeptWorker]:
    kept = KeptWorker(lambda: worker_command(folder), folder / "worker.log")
    yield kept
    kept.close()


def run_of(folder: Path, worker: KeptWorker, **keys: object) -> FarmRun:
    session = Session(request_of(folder, farm__workers=1, **keys), by_workers=True)
    return FarmRun(session, SystemClock(), worker)


def gone(pid: int) -> None:
    until(lambda: not is_alive(pid), "the worker's end")


def test_two_runs_share_one_process_and_it_leaves_at_the_end(folder: Path, worker: KeptWorker) -> None:
    first = drained(run_of(folder, worker, category="mug"))
    pid = worker.pid
    second = drained(run_of(folder, worker, category="bowl"))
    assert worker.pid == pid and is_alive(pid)
    for events in (first, second):
        assert events[-1].kind == "end" and events[-1].data["failed"] == 0 and events[-1].data["done"] > 0
    assert {process for process, _ in calls(folder)} == {pid}
    worker.close()
    gone(pid)


def test_a_cancel_in_the_window_does_not_wait_for_a_frame(folder: Path, worker: KeptWorker) -> None:
    endless = 3600.0
    slow = KeptWorker(lambda: worker_command(folder, endless), folder / "worker.log")
    events: list[Event] = []
    ended: list[object] = []
    driver = WindowDriver(run_of(folder, slow).run(), NoRenders(), events.append, ended.append)
    while not any(event.kind == "start" and event.step == "render" for event in events):
        time.sleep(driver.tick() or 0.0)
    driver.cancel()
    ticks = 0
    while (wait := driver.tick()) is not None:
        time.sleep(wait)
        ticks += 1
    assert ended == [None] and ticks * POLL < 1.0, "a second, counted in ticks"
    gone(slow.pid)
    again = drained(run_of(folder, worker))
    assert again[-1].data["failed"] == 0, "another process does the rest"
    assert not list((folder / "out").rglob(".part-*"))


def test_a_worker_that_dies_between_runs_is_replaced(folder: Path, worker: KeptWorker) -> None:
    drained(run_of(folder, worker, category="mug"))
    pid = worker.pid
    os.kill(pid, signal.SIGKILL)
    gone(pid)
    events = drained(run_of(folder, worker, category="bowl"))
    assert events[-1].data["failed"] == 0 and worker.pid != pid


def test_a_key_reaches_the_worker_in_its_environment_alone(folder: Path, worker: KeptWorker) -> None:
    drained(run_of(folder, worker, category="mug"))
    without = worker.pid
    worker.needs({"OPENAI_API_KEY": "planted-key-1"})
    assert drained(run_of(folder, worker, category="mug"))[-1].data["failed"] == 0
    pid = worker.pid
    assert pid != without, "the one without the key is replaced"
    gone(without)
    process = Path(f"/proc/{pid}")
    assert b"OPENAI_API_KEY=planted-key-1\0" in (process / "environ").read_bytes()
    assert b"planted-key" not in (process / "cmdline").read_bytes()
    worker.needs({})
    drained(run_of(folder, worker, category="bowl"))
    assert worker.pid == pid, "it has all that is needed"
    worker.needs({"OPENAI_API_KEY": "planted-key-2"})
    drained(run_of(folder, worker, category="bowl"))
    assert worker.pid != pid
    written = [path for path in (folder / "out").rglob("*") if path.is_file()]
    assert not [path for path in written if b"planted-key" in path.read_bytes()]


SIZES: dict[str, object] = {"skip_step1": True, "skip_step2": False, "skip_step3": True, "scale__evaluator": "prior"}


def test_a_size_is_found_by_the_worker_each_time_that_it_is_asked_for(folder: Path, worker: KeptWorker) -> None:
    for table in ("size_priors", "prices", "kling_models"):
        shutil.copy(ROOT / "configs" / f"{table}.yaml", folder / "configs")
    for _ in range(2):
        events = drained(run_of(folder, worker, category="mug", skip_done=False, **SIZES))
        assert [event.item for event in events if event.kind == "done"] == ["probe Things/mug"]
        assert events[0].data["items"] == 1 and events[-1].data == {"done": 1, "skipped": 0, "failed": 0}
    (record,) = folder.rglob("obj_scale.json")
    assert record.is_relative_to(folder / "out")
    again = drained(run_of(folder, worker, category="mug", skip_done=True, **SIZES))
    assert again[-1].data == {"done": 0, "skipped": 1, "failed": 0}


def test_frames_that_are_dealt_again_are_no_reason_to_ask_again(folder: Path) -> None:
    keys = {**SIZES, "skip_step3": False, "skip_done": False}
    (unit,) = units_of(request_of(folder, category="mug", **keys), 1)
    assert narrowed(request_of(folder, **keys), unit).config.skip_done


def test_a_death_before_anyone_listens_is_heard(tmp_path: Path) -> None:
    process = kept._Process([sys.executable, "-c", "raise SystemExit(3)"], {}, tmp_path / "worker.log")
    until(lambda: process._last is not None)
    inbox: Inbox = SimpleQueue()
    loan = process.lend(inbox)
    link, message = inbox.get(timeout=PATIENCE)
    assert link is loan and message == {"say": "gone", "why": "left with exit code 3"} and inbox.empty()


def test_three_deaths_end_the_run_with_the_reason(folder: Path) -> None:
    kept = KeptWorker(lambda: [sys.executable, "-c", "raise SystemExit(3)"], folder / "worker.log")
    events = drained(run_of(folder, kept, category="mug"))
    failed = [event for event in events if event.kind == "fail"]
    assert failed and all("no worker could be started" in event.message for event in failed)
    assert sum(event.kind == "note" for event in events) == 2, "two were replaced"
