# SPDX-License-Identifier: GPL-3.0-or-later
"""`run_batch.py` as a process: exit codes, interruption, sudden death, shards, machine-readable lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.render.conftest import Project
from tests.waiting import until

pytestmark = [pytest.mark.bpy, pytest.mark.slow]

RUN_BATCH = Path(__file__).resolve().parents[2] / "run_batch.py"


_started: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def no_survivors() -> Iterator[None]:
    """A test that fails must not leave a render running."""
    yield
    for process in _started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    _started.clear()


def start(project: Project, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(RUN_BATCH), "--", *project.argv("--category", "block", *more)]
    process = subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    _started.append(process)
    return process


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, _ = process.communicate(timeout=600)
    return process.returncode, out


def wait_for(what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    def holds() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return what()

    until(holds, seconds=300.0)


def processor_seconds(pid: int) -> float:
    """What a process has used so far, in all its threads."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def frames(project: Project) -> list[Path]:
    return sorted((project.results / "generation" / "asset_renders").rglob("dummy_*.png"))


def whole_frames(project: Project) -> int:
    """Frames whose manifest vouches for them; every file that it lists is there."""
    count = 0
    for path in (project.results / "generation" / "manifests").rglob("dummy_*.json"):
        data = json.loads(path.read_text())
        assert data["status"] == "done", data["reasons"]
        assert all((project.results / entry["path"]).is_file() for entry in data["files"].values())
        count += 1
    return count


def test_done_is_0_and_says_where_to_look(project: Project):
    code, out = finish(start(project, "--num_rand_scenes", "1"))
    assert code == 0, out
    assert str(project.results) in out
    assert "dummy_mini_rand00001" in out
    assert "Fra:" not in out and "Saved:" not in out, "Blender's own chatter belongs into the log file"


def test_a_failed_item_is_1(project: Project):
    code, out = finish(start(project, "--num_rand_scenes", "1", "--set", "scenes.mini.character_distance=0.3"))
    assert code == 1, out
    assert "runs into table" in out


def test_a_wrong_key_is_2_and_nothing_is_written(project: Project):
    code, out = finish(start(project, "--set", "rendering.sampels=3"))
    assert code == 2
    assert "sampels" in out and "samples" in out
    assert not project.results.exists()


def test_ctrl_c_in_the_middle_of_a_render_stops_soon_and_leaves_nothing_half(project: Project):
    """One frame of 65,536 samples takes hours; the stop must not wait for it."""
    log = project.root / "log.jsonl"
    process = start(project, "--num_rand_scenes", "2", "--samples", "65536", "--set", "rendering.width=1280",
                    "--set", "rendering.height=720", "--log_json", str(log))  # fmt: skip
    wait_for(lambda: log.is_file() and '"step": "render"' in log.read_text(), process)
    used = processor_seconds(process.pid)
    wait_for(lambda: processor_seconds(process.pid) > used + 3.0, process)  # well into the picture
    os.killpg(process.pid, signal.SIGINT)
    code, out = finish(process)
    assert code == 130, out
    assert frames(project) == []
    assert list(project.results.rglob(".part-*")) == []


def test_killed_at_any_moment_the_next_run_goes_on(project: Project):
    for moment in (1, 3):
        process = start(project, "--num_rand_scenes", "5", "--skip_done")
        wait_for(lambda least=moment: len(frames(project)) >= least, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        kept = whole_frames(project)
        assert kept >= moment - 1
    code, out = finish(start(project, "--num_rand_scenes", "5", "--skip_done"))
    assert code == 0, out
    assert whole_frames(project) == 5
    assert list(project.results.rglob(".part-*")) == []
    assert "up to date" in out


def test_shards_at_the_same_time_make_the_whole(project: Project):
    flags = ("--num_rand_scenes", "4", "--num_job_chunks", "2")
    shards = [start(project, *flags, "--job_chunk_idx", str(n)) for n in range(2)]
    outcomes = [finish(shard) for shard in shards]
    assert [code for code, _ in outcomes] == [0, 0], outcomes
    assert whole_frames(project) == 4
    code, out = finish(start(project, "--num_rand_scenes", "4", "--skip_done"))
    assert code == 0
    assert "0 done" in out, "a single run finds all of it up to date"


def test_lines_for_machines(project: Project):
    code, _ = finish(start(project, "--num_rand_scenes", "1", "--log_json", "log.jsonl"))
    assert code == 0
    events = [json.loads(line) for line in (project.root / "log.jsonl").read_text().splitlines()]
    assert next(e["kind"] for e in events if e["kind"] != "note") == "plan"
    assert events[-1]["kind"] == "end"
    assert {e["step"] for e in events if e["kind"] == "done"} >= {"settle", "render"}
