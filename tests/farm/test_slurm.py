# SPDX-License-Identifier: GPL-3.0-or-later
"""The SLURM engine: script, chunks, following, tasks that die, stopping, and coming back; commands are stand-ins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError
from grail_addon.core.files import TEMP_MARK
from grail_addon.drivers.blocking import Cancelled, drain
from grail_addon.drivers.farm import run as farm_run
from grail_addon.drivers.farm import slurm
from grail_addon.drivers.farm.local import report_command
from grail_addon.drivers.farm.run import FarmRun
from grail_addon.drivers.farm.slurm import chunks_of
from grail_addon.drivers.farm.slurm_script import task_script
from grail_addon.drivers.farm.units import units_of
from grail_addon.pipeline.session import Session
from grail_addon.steps.events import Done, Ended, Event, Failed, Note
from tests.farm.campaign import on_cluster
from tests.farm.farm_project import calls, is_alive, request_of, worker_command
from tests.plan_project import make_project
from tests.waiting import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SLURM is for Linux")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-ins on PATH; returns the folder of their state."""
    for name in ("PATH", "SLURM_STANDIN"):  # put back after the test
        monkeypatch.setenv(name, os.environ.get(name, ""))
    on_cluster(tmp_path)
    monkeypatch.setattr(slurm, "LOOK_SECONDS", 0.1)
    return tmp_path / "slurm"


def run_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, slow: float = 0.0, detach: bool = False, **keys: Any
) -> FarmRun:
    request = request_of(folder, farm__engine="slurm", farm__workers=2, **keys)
    monkeypatch.setattr(farm_run, "worker_command", lambda _: worker_command(folder, slow))
    return FarmRun(Session(request, by_workers=True), SystemClock(), detach=detach)


def drained(run: FarmRun, stop: Any = lambda: False) -> list[Event]:
    events: list[Event] = []
    drain(run.run(), events.append, is_cancelled=stop)
    return events


def notes(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Note)]


def test_an_array_makes_the_whole(folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = drained(run := run_of(folder, monkeypatch))
    assert isinstance(events[-1], Ended) and events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert run.failed == 0 and "3 tasks sent to SLURM as job 100." in notes(events)
    assert (cluster / "submissions.txt").read_text() == "100 --array=0-2%2\n"
    done = next(event for event in events if isinstance(event, Done))
    assert done.data["worker"] in ("0", "1") and done.data["node"]
    assert not (folder / "out/farm/job.json").exists(), "it has ended"
    again = drained(run_of(folder, monkeypatch))
    assert again[-1].data == {"done": 0, "skipped": 9, "failed": 0}


def test_fewer_chunks_hold_several_objects(folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = drained(run_of(folder, monkeypatch, farm__chunks=2))
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert (cluster / "submissions.txt").read_text() == "100 --array=0-1%2\n"
    assert len({pid for pid, call in calls(folder) if call == "workshop"}) == 2, "one warm workshop for each task"


def test_a_task_that_dies_is_sent_again_for_what_is_left(
    folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "deadly").write_text("render render Things/bowl/kid_stage_rand00002")
    events = drained(run_of(folder, monkeypatch))
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert "task 1 ended at bowl; it is sent again." in notes(events)
    assert (cluster / "submissions.txt").read_text() == "100 --array=0-2%2\n101 --array=1%2\n"
    assert [call for _, call in calls(folder)].count("settle Things/bowl") == 1
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*")), "what the dead one was writing is gone"
    assert len({event.item for event in events if isinstance(event, Done)}) == 9, "each told once"


def test_a_unit_that_kills_its_tasks_is_given_up_and_the_rest_is_made(
    folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "deadly").write_text("open Things/mug")
    (folder / "deadly").chmod(0o444)
    monkeypatch.setattr(
        farm_run,
        "worker_command",
        lambda _: [part.replace("deadly.unlink()", "pass") for part in worker_command(folder)],
    )
    request = request_of(folder, farm__engine="slurm", farm__workers=2, farm__chunks=1, farm__tries=2)
    events = drained(FarmRun(Session(request, by_workers=True), SystemClock()))
    fails = [event for event in events if isinstance(event, Failed)]
    assert {event.obj for event in fails} == {"Things/mug"} and len(fails) == 3
    assert fails[0].message == "its task ended in it, 2 times; see farm/."
    assert events[-1].data == {"done": 6, "skipped": 0, "failed": 3}


def test_tasks_are_not_sent_again_while_slurm_does_not_answer(
    folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squeue = Path(os.environ["PATH"].split(os.pathsep)[0]) / "squeue"
    real = squeue.with_name("real-squeue")
    squeue.rename(real)
    away = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"
    squeue.write_text(f"#!/bin/sh\necho '{away}' >&2\nexit 1\n")
    squeue.chmod(0o755)
    rendered = 2 * slurm.LATE_LOOKS

    def back() -> bool:
        if sum(call.startswith("render") for _, call in calls(folder)) > rendered and real.exists():
            real.rename(squeue)
        return False

    events = drained(run_of(folder, monkeypatch, slow=0.2, rendering__num_rand_scenes=8), back)
    assert events[-1].data == {"done": 27, "skipped": 0, "failed": 0} and not real.exists()
    assert (cluster / "submissions.txt").read_text().count("\n") == 1, "nothing was sent twice"


def test_a_stop_is_heard_while_slurm_does_not_answer(
    folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squeue = Path(os.environ["PATH"].split(os.pathsep)[0]) / "squeue"
    gave_up = folder / "gave_up"
    # it answers once the tasks are cancelled: who waits for its answer first waits for a minute
    wait = f"for look in $(seq 600); do [ -e {cluster}/100.cancelled ] && exit 1; sleep 0.1; done; touch {gave_up}"
    squeue.write_text(f"#!/bin/sh\n{wait}\n")
    with pytest.raises(Cancelled):
        drained(
            run_of(folder, monkeypatch, slow=0.2, rendering__num_rand_scenes=50),
            lambda: any(call.startswith("render") for _, call in calls(folder)),
        )
    assert not gave_up.exists()
    assert not (folder / "out/farm/job.json").exists()
    pids = {pid for pid, _ in calls(folder)}
    until(lambda: not any(is_alive(pid) for pid in pids))


def test_detach_and_come_back(folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = drained(run_of(folder, monkeypatch, slow=0.2, detach=True))
    assert "Sent as job 100 of SLURM; the same command follows it." in notes(events)
    assert not [event for event in events if isinstance(event, Done)]
    back = drained(run_of(folder, monkeypatch))
    assert back[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert (cluster / "submissions.txt").read_text().count("\n") == 1, "nothing was sent twice"


def test_the_report_follows_what_was_left(folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = "import sys; from pathlib import Path; frames = sorted(Path(sys.argv[1]).rglob('*_rand?????.png'))"
    command = [sys.executable, "-c", f"{seen}; Path(sys.argv[2]).write_text(str(len(frames)))"]
    told = folder / "told.txt"
    monkeypatch.setattr(farm_run, "report_command", lambda worker, results: [*command, str(results), str(told)])
    events = drained(run_of(folder, monkeypatch, slow=0.1, detach=True))
    assert "The report follows as job 900." in notes(events)
    until(told.exists)
    assert told.read_text() == "6", "after all tasks, not beside them"
    text = (folder / "out/farm/report.sh").read_text()
    assert "#SBATCH --cpus-per-task=1\n" in text and "gres" not in text and "--worker" not in text
    back = drained(run_of(folder, monkeypatch, detach=True))
    assert not [note for note in notes(back) if "report" in note], "it is sent once"


def test_a_cluster_that_takes_no_report_job_still_does_the_work(
    folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sbatch = Path(os.environ["PATH"].split(os.pathsep)[0]) / "sbatch"
    real = sbatch.parent / "real" / "sbatch"
    real.parent.mkdir()
    sbatch.rename(real)
    refusal = "case $2 in --dependency*) echo 'sbatch: error: no gpu, no partition' >&2; exit 1;; esac"
    sbatch.write_text(f'#!/bin/sh\n{refusal}\nexec {real} "$@"\n')
    sbatch.chmod(0o755)
    events = drained(run_of(folder, monkeypatch, detach=True))
    assert [note for note in notes(events) if "no gpu, no partition" in note and "without --detach builds it" in note]


def test_the_report_command_is_that_of_a_worker_with_another_end() -> None:
    worker = ["/opt/blender", "-b", "-P", "/grail/run_batch.py", "--", "--worker"]
    assert report_command(worker, Path("/data/out")) == [*worker[:-1], "--report", "--results_dir", "/data/out"]


def test_a_stop_cancels_the_tasks(folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(folder, monkeypatch, slow=0.3, rendering__num_rand_scenes=50)
    with pytest.raises(Cancelled):
        drained(run, lambda: any(call.startswith("render") for _, call in calls(folder)))
    pids = {pid for pid, _ in calls(folder)}
    until(lambda: not any(is_alive(pid) for pid in pids))
    until(lambda: not list(cluster.glob("*.active")))
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*"))
    assert not (folder / "out/farm/job.json").exists()


def test_the_script(folder: Path) -> None:
    farm = request_of(
        folder, farm__slurm={"partition": "gpu", "extra": ["--constraint=a100"], "setup": ["module load blender"]}
    ).config.farm
    text = task_script(farm, ["/opt/my blender/blender", "--worker"], Path("/data/my results/farm"))
    lines = text.splitlines()
    assert lines[0] == "#!/bin/bash"
    assert {"#SBATCH --partition=gpu", "#SBATCH --constraint=a100", "#SBATCH --gres=gpu:1", "#SBATCH --requeue"} <= set(
        lines
    )
    assert not any("account" in line for line in lines)
    assert lines[-3] == "module load blender"
    assert lines[-1] == (
        "exec '/opt/my blender/blender' --worker < '/data/my results/farm/units-'$SLURM_ARRAY_TASK_ID.jsonl"
        " >> '/data/my results/farm/events-'$SLURM_ARRAY_TASK_ID.jsonl"
    )
    assert subprocess.run(["bash", "-n"], input=text, text=True, check=False).returncode == 0


@pytest.mark.parametrize("wanted", [1, 2, 3, 9])
def test_chunks_are_the_whole_and_no_object_is_in_two(folder: Path, wanted: int) -> None:
    units = units_of(request_of(folder, rendering__num_rand_scenes=8), 4)
    chunks = chunks_of(units, wanted)
    assert [unit for chunk in chunks for unit in chunk] == units and len(chunks) == min(wanted, 3)
    assert sum(len({unit.category for unit in chunk}) for chunk in chunks) == 3


def test_without_slurm_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match="SLURM's sbatch and squeue and scancel not found"):
        run_of(folder, monkeypatch).run()


def test_what_sbatch_refuses_is_told(folder: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Path(os.environ["PATH"].split(os.pathsep)[0]) / "sbatch"
    refusing.write_text("#!/bin/sh\necho 'sbatch: error: invalid partition specified: nope' >&2\nexit 1\n")
    with pytest.raises(InputError, match="invalid partition specified: nope"):
        drained(run_of(folder, monkeypatch))
