# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes: one warm workshop for many units, clean stops, no orphans, nothing half-written that counts."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from grail_addon.core.config.portable import from_portable, to_portable
from grail_addon.core.files import TEMP_MARK
from grail_addon.drivers.farm.link import Inbox, ProcessLink
from grail_addon.drivers.farm.units import narrowed, units_of
from tests.farm.farm_project import ROOT, calls, drained, farm_of, is_alive, request_of, worker_command
from tests.plan_project import make_project
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


class Talk:
    """A worker process and what it says."""

    def __init__(self, folder: Path, slow: float = 0.0) -> None:
        self.inbox: Inbox = SimpleQueue()
        self.link = ProcessLink("0", worker_command(folder, slow), self.inbox, folder / "worker.log")

    def next(self, say: str) -> dict[str, Any]:
        """The next message of that kind."""
        while (message := dict(self.inbox.get(timeout=PATIENCE)[1]))["say"] != say:
            assert message["say"] != "gone", message
        return message


def test_one_workshop_for_all_units(folder: Path) -> None:
    request = request_of(folder)
    talk = Talk(folder)
    talk.link.send({"do": "request", **to_portable(request)})
    assert talk.next("ready")["pid"] == talk.link.pid
    for unit in units_of(request, 1):
        talk.link.send({"do": "unit", **unit.to_json()})
        assert talk.next("unit_end")["unit"] == unit.id
    talk.link.send({"do": "close"})
    assert talk.link.wait(PATIENCE)
    assert (folder / "worker.log").read_text() == ""
    made = [call for _, call in calls(folder)]
    assert made.count("workshop") == 1 and made[-1] == "close " and made.count("close ") == 1
    assert [call for call in made if call.startswith("open")] == [f"open Things/{c}" for c in ("mug", "bowl", "jar")]


def test_another_look_of_the_stage_is_another_workshop(folder: Path) -> None:
    talk = Talk(folder)
    for samples in (8, 16):
        request = request_of(folder, rendering__samples=samples, category="mug")
        talk.link.send({"do": "request", **to_portable(request)})
        talk.next("ready")
        talk.link.send({"do": "unit", **units_of(request, 1)[0].to_json()})
        talk.next("unit_end")
    talk.link.send({"do": "close"})
    assert talk.link.wait(PATIENCE)
    assert [call for _, call in calls(folder) if call in ("workshop", "close ")] == ["workshop", "close "] * 2


def test_a_request_that_cannot_be_loaded_is_refused(folder: Path) -> None:
    message = {"do": "request", **to_portable(request_of(folder))}
    (folder / "configs/gen_2dhoi/run.yaml").write_text("seed: x\n")
    talk = Talk(folder)
    talk.link.send(message)
    assert "seed: should be a whole number" in talk.next("refused")["why"]
    talk.link.send({"do": "close"})
    assert talk.link.wait(PATIENCE)


def test_a_portable_request_means_the_same(folder: Path) -> None:
    request = request_of(folder, rendering__samples=4, **{"objects__mug__obj_scale": 3})
    again = from_portable(to_portable(request))
    assert again.config == request.config and again.settings["mug"] == request.settings["mug"]
    assert again.results_dir == request.results_dir and again.data_dirs == request.data_dirs


@pytest.mark.parametrize("workers", [1, 2, 5, 40])
def test_units_are_the_whole_request(folder: Path, workers: int) -> None:
    request = request_of(folder, rendering__num_rand_scenes=[4, 9])
    units = units_of(request, workers)
    items = [key for unit in units for key in unit.items]
    frames = [f"render Things/{c}/kid_stage_rand{n:05d}" for c in ("mug", "bowl", "jar") for n in range(4, 10)]
    assert [key for key in items if key.startswith("render")] == frames
    assert sorted(key for key in items if key.startswith("settle")) == [
        f"settle Things/{c}" for c in ("bowl", "jar", "mug")
    ]
    assert len({unit.id for unit in units}) == len(units)
    known = set()
    for unit in units:
        assert not unit.after or unit.after in known
        known.add(unit.id)
        part = narrowed(request, unit)
        assert part.categories == (unit.category,) and part.config.skip_done and part.config.skip_step4
    assert all(unit.after == "" for unit in units) == (workers == 1)


def test_workers_make_what_one_process_makes(folder: Path) -> None:
    events = drained(run := farm_of(folder))
    assert (events[0].kind, events[-1].kind) == ("plan", "end") and run.failed == 0
    assert events[0].data == {"items": 9, "objects": 3, "workers": 2}
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert {event.data["worker"] for event in events if event.kind == "done"} <= {"0", "1"}
    again = drained(farm_of(folder))
    assert again[-1].data == {"done": 0, "skipped": 9, "failed": 0}


def test_an_object_without_files_is_one_failure(folder: Path) -> None:
    (folder / "data/Things/bowl/model.gltf").unlink()
    events = drained(run := farm_of(folder))
    (fail,) = (event for event in events if event.kind == "fail")
    assert fail.item == "object Things/bowl" and "No mesh" in fail.message
    assert events[-1].data == {"done": 6, "skipped": 0, "failed": 1} and run.failed == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_ends_the_run_and_all_items_are_accounted_for(folder: Path, workers: int) -> None:
    (folder / "full").touch()
    events = drained(run := farm_of(folder, workers, rendering__num_rand_scenes=4))
    counts = events[-1].data
    assert counts["done"] + counts["skipped"] + counts["failed"] == 15
    told = [event for event in events if event.kind == "fail"]
    assert 1 <= len(told) <= workers and all("disk is full" in event.message for event in told)
    assert counts["untried"] == counts["failed"] - len(told) > 0 and run.failed == counts["failed"]
    (folder / "full").unlink()
    again = drained(farm_of(folder, workers, rendering__num_rand_scenes=4))[-1].data
    assert again["failed"] == 0 and again["skipped"] == counts["done"] and again["done"] + again["skipped"] == 15


def test_a_killed_worker_costs_one_try(folder: Path) -> None:
    (folder / "deadly").write_text("render render Things/mug/kid_stage_rand00002")
    events = drained(farm_of(folder))
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    (note,) = (event for event in events if event.kind == "note" and "dealt again" in event.message)
    assert "was ended by SIGKILL at mug" in note.message
    made = [call for _, call in calls(folder) if call.startswith(("settle", "render"))]
    assert made.count("settle Things/mug") == 1, "what the first try made is kept"
    assert not any(path.name.endswith("half.png") for path in folder.rglob("*")), (
        "what the dead one was writing is gone"
    )


@pytest.mark.parametrize("blocked", [False, True])
def test_a_signal_stops_a_worker_after_its_frame(folder: Path, blocked: bool) -> None:
    request = request_of(folder, category="mug", rendering__num_rand_scenes=50)
    if blocked:  # as some engines start their children
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        talk = Talk(folder, slow=0.3)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    talk.link.send({"do": "request", **to_portable(request)})
    talk.link.send({"do": "unit", **units_of(request, 1)[0].to_json()})
    until(lambda: len(calls(folder)) > 4)
    talk.link.stop()
    assert talk.link.wait(PATIENCE), "it left after its frame"
    assert calls(folder)[-1][1] == "close "
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*"))


DEALER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.farm.farm_project import drained, farm_of
drained(farm_of(Path(sys.argv[2]), 2, 0.5, rendering__num_rand_scenes=50))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_leave_when_their_dealer_is_gone(folder: Path, number: signal.Signals) -> None:
    dealer = subprocess.Popen([sys.executable, "-c", DEALER, str(ROOT), str(folder)])
    try:
        until(lambda: len({pid for pid, call in calls(folder) if call.startswith("render")}) == 2)
        pids = {pid for pid, _ in calls(folder)}
        assert all(is_alive(pid) for pid in pids)
        dealer.send_signal(number)
        dealer.wait(PATIENCE)
        until(lambda: not any(is_alive(pid) for pid in pids))
    finally:
        dealer.kill()
        dealer.wait()
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*"))


def test_lines_that_are_no_messages_are_passed_over(tmp_path: Path) -> None:
    inbox: Inbox = SimpleQueue()
    code = 'import os; os.write(1, b\'{"say": "ready"}\\n{"sa\')'
    link = ProcessLink("0", [sys.executable, "-c", code], inbox, tmp_path / "log")
    assert [inbox.get(timeout=PATIENCE)[1]["say"] for _ in range(2)] == ["ready", "gone"] and link.wait(0)
