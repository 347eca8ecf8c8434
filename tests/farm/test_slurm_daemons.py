# SPDX-License-Identifier: GPL-3.0-or-later
"""The SLURM engine against SLURM's own daemons, where they are installed (`slurmctld`, `slurmd`, `munge`)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grail_addon.drivers.blocking import Cancelled
from grail_addon.drivers.farm import run as farm_run
from grail_addon.drivers.farm import slurm
from grail_addon.steps.events import Done
from tests.farm.farm_project import calls, is_alive
from tests.farm.slurm_daemons import TASK, Daemons, can_run
from tests.farm.test_slurm import drained, notes, run_of
from tests.plan_project import make_project
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    not can_run(), reason="needs root and SLURM's slurmctld, slurmd, munge and its commands"
)


@pytest.fixture(scope="module")
def daemons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemons]:
    found = Daemons(tmp_path_factory.mktemp("slurm"))
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def folder(tmp_path: Path, daemons: Daemons, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLURM_CONF", str(daemons.config))
    monkeypatch.setattr(slurm, "LOOK_SECONDS", 0.3)
    return make_project(tmp_path)


def test_two_nodes_make_the_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = drained(run_of(folder, monkeypatch, slow=0.5, farm__slurm=TASK))
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert len({event.data["worker"] for event in events if isinstance(event, Done)}) == 3


def test_slurm_leaves_a_killed_task_and_the_engine_sends_it_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "deadly").write_text("render render Things/bowl/kid_stage_rand00002")
    events = drained(run_of(folder, monkeypatch, farm__slurm=TASK))
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert "task 1 ended at bowl; it is sent again." in notes(events)
    assert len({event.item for event in events if isinstance(event, Done)}) == 9, "each told once"


def test_come_back_after_detach(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = folder / "told.txt"
    monkeypatch.setattr(farm_run, "report_command", lambda worker, results: ["/usr/bin/touch", str(told)])
    drained(run_of(folder, monkeypatch, slow=0.2, detach=True, farm__slurm=TASK))
    back = drained(run_of(folder, monkeypatch, farm__slurm=TASK))
    assert back[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert not [note for note in notes(back) if "sent to SLURM" in note], "nothing was sent twice"
    until(told.exists)


def test_a_stop_ends_the_tasks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(folder, monkeypatch, slow=0.3, rendering__num_rand_scenes=50, farm__slurm=TASK)
    with pytest.raises(Cancelled):
        drained(run, lambda: any(call.startswith("render") for _, call in calls(folder)))
    pids = {pid for pid, _ in calls(folder)}
    until(lambda: not any(is_alive(pid) for pid in pids))


def test_a_controller_that_is_away_for_a_while_costs_nothing(
    folder: Path, daemons: Daemons, monkeypatch: pytest.MonkeyPatch
) -> None:
    away: list[float] = []

    def watch() -> bool:
        """Take the controller away at the first frame, and bring it back after more looks than a late task gets."""
        if not away and any(call.startswith("render") for _, call in calls(folder)):
            daemons.stop_controller()
            away.append(time.monotonic())
        if len(away) == 1 and time.monotonic() - away[0] > 4.0:
            daemons.start_controller()
            away.append(time.monotonic())
        return False

    events = drained(run_of(folder, monkeypatch, slow=1.0, farm__slurm=TASK), watch)
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0} and len(away) == 2
    assert not [note for note in notes(events) if "sent again" in note]


@pytest.mark.slow  # SLURM looks for a lost task after ten seconds, and starts it again ten seconds later
def test_a_node_whose_step_dies_is_not_waited_for_for_ever(
    folder: Path, daemons: Daemons, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    registered = [time.monotonic()]

    def watch() -> bool:
        rendering = [pid for pid, call in calls(folder) if call.startswith("render")]
        if rendering and not killed:
            parent = int(Path(f"/proc/{rendering[0]}/stat").read_text().rpartition(")")[2].split()[1])
            killed.extend((parent, rendering[0]))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        if killed and time.monotonic() - registered[-1] > 3.0:
            daemons.register()
            registered.append(time.monotonic())
        return False

    events = drained(run_of(folder, monkeypatch, slow=0.5, farm__slurm=TASK), watch)
    counts = events[-1].data
    assert counts["failed"] == 0 and counts["done"] + counts["skipped"] == 9
