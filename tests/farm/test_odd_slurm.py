# SPDX-License-Identifier: GPL-3.0-or-later
"""SLURM that takes a task only later, files that say odd things, and a second run over the same folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError
from grail_addon.drivers.blocking import Cancelled
from grail_addon.drivers.farm import slurm
from grail_addon.drivers.farm.sent import sent_progress, whole_messages
from grail_addon.pipeline.progress import read_status
from grail_addon.steps.events import Done, Failed
from tests.farm.farm_project import calls
from tests.farm.test_slurm import cluster, drained, folder, notes, run_of

__all__ = ["cluster", "folder"]


def refuse_from(number: int, until: Path) -> None:
    """`sbatch` does not answer from its so many-th call on, until a file is there."""
    sbatch = Path(os.environ["PATH"].split(os.pathsep)[0]) / "sbatch"
    real = sbatch.parent / "real" / "sbatch"
    real.parent.mkdir()
    sbatch.rename(real)
    count = sbatch.parent / "count"
    sbatch.write_text(
        f"#!/bin/sh\necho >> {count}\nif [ $(wc -l < {count}) -ge {number} ] && [ ! -e {until} ]; then\n"
        "  echo 'sbatch: error: Batch job submission failed: Unable to contact slurm controller' >&2; exit 1\nfi\n"
        f'exec {real} "$@"\n'
    )
    sbatch.chmod(0o755)


def die_and_be_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, until: Path) -> None:
    """One task dies, and SLURM takes it again only once the file `until` is there; looks follow each other at once."""
    (folder / "deadly").write_text("render render Things/bowl/kid_stage_rand00002")
    refuse_from(2, until)
    monkeypatch.setattr(slurm, "LOOK_SECONDS", 0.05)


def test_a_task_that_slurm_does_not_take_again_at_once_is_sent_later(
    folder: Path,
    cluster: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Its controller is away when a task has died: the others go on, and nothing is cancelled."""
    die_and_be_refused(folder, monkeypatch, tmp_path / "back")
    count = Path(os.environ["PATH"].split(os.pathsep)[0]) / "count"

    def back_after_a_few() -> bool:
        if count.exists() and count.stat().st_size > 4:
            (tmp_path / "back").touch()
        return False

    events = drained(run_of(folder, monkeypatch), back_after_a_few)
    assert events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    said = [note for note in notes(events) if "is not taken" in note]
    assert len(said) == 1 and "Unable to contact slurm controller" in said[0], "told once"


def test_a_task_that_slurm_never_takes_again_fails_alone(
    folder: Path,
    cluster: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    die_and_be_refused(folder, monkeypatch, tmp_path / "never")
    monkeypatch.setattr(slurm, "MOST_REFUSALS", 4)
    events = drained(run_of(folder, monkeypatch))
    fails = [event for event in events if isinstance(event, Failed)]
    assert {event.obj for event in fails} == {"Things/bowl"} and "could not be sent again" in fails[0].message
    assert events[-1].data["done"] + events[-1].data["failed"] == 9 and events[-1].data["done"] >= 6


def test_another_request_does_not_write_over_what_still_waits(
    folder: Path,
    cluster: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drained(run_of(folder, monkeypatch, slow=0.2, detach=True))
    units = (folder / "out/farm/units-0.jsonl").read_text()
    with pytest.raises(InputError, match=r"Tasks of another request are under way .*job 100.*scancel 100"):
        drained(run_of(folder, monkeypatch, detach=True, category="bowl"))
    assert (folder / "out/farm/units-0.jsonl").read_text() == units
    assert not (cluster / "100.cancelled").exists(), "what runs is left alone"
    back = drained(run_of(folder, monkeypatch))
    assert back[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    other = drained(run_of(folder, monkeypatch, category="bowl"))
    assert other[-1].data == {"done": 0, "skipped": 3, "failed": 0}, "afterwards it may run"


@pytest.mark.parametrize(
    "job", [b"", b"[]", b"7", b'{"jobs": 7}', b'{"jobs": [null, 3]}', b'{"request": {}}', b"\xff\xfe"]
)
def test_a_job_file_that_is_none_is_as_if_there_were_none(
    folder: Path,
    cluster: Path,
    monkeypatch: pytest.MonkeyPatch,
    job: bytes,
) -> None:
    (folder / "out/farm").mkdir(parents=True)
    (folder / "out/farm/job.json").write_bytes(job)
    assert drained(run_of(folder, monkeypatch, category="mug"))[-1].data == {"done": 3, "skipped": 0, "failed": 0}


def test_two_that_follow_the_same_tasks_are_one(
    folder: Path,
    cluster: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[str] = []

    def second() -> bool:
        if not refused and any(call.startswith("render") for _, call in calls(folder)):
            try:
                drained(run_of(folder, monkeypatch))
            except InputError as error:
                refused.append(str(error))
        return False

    events = drained(run_of(folder, monkeypatch, slow=0.2), second)
    assert "Another process follows" in refused[0] and events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert (cluster / "submissions.txt").read_text().count("\n") == 1


def test_a_stop_lets_the_next_one_follow(
    folder: Path,
    cluster: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Cancelled):
        drained(
            run_of(folder, monkeypatch, slow=0.2), lambda: any(call.startswith("render") for _, call in calls(folder))
        )
    events = drained(run_of(folder, monkeypatch))
    assert events[-1].data["failed"] == 0 and events[-1].data["done"] + events[-1].data["skipped"] == 9


ODD_LINES = (
    b'5\n[]\n"x"\nnull\n{}\n{"say": 1}\n{"say": "event"}\n\x00\x00\x00\n{"say": "unit_end"}\n' + b"[" * 100_000 + b"\n"
)


def test_odd_lines_among_the_events_are_passed_over(
    folder: Path,
    cluster: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As Blender prints them before the worker has its output for itself, or a node leaves them that lost its power."""
    told: list[int] = []

    def spoil() -> bool:
        for path in (folder / "out/farm").glob("events-*.jsonl"):
            if len(told) < 20:
                told.append(1)
                with path.open("ab") as file:
                    file.write(b"\n" + ODD_LINES)
        return False

    events = drained(run_of(folder, monkeypatch, slow=0.05), spoil)
    assert told and events[-1].data == {"done": 9, "skipped": 0, "failed": 0}
    assert len({event.item for event in events if isinstance(event, Done)}) == 9
    assert whole_messages(ODD_LINES) == ([], len(ODD_LINES))


STATUS = {"machine": "m", "started": 1.0, "time": 2.0, "ended": False, "planned": 3, "per_minute": 0.0, "left_seconds": None,
          "total": {"done": 0, "skipped": 0, "failed": 0, "seconds": 0.0, "node": ""}, "objects": {}, "workers": {}, "nodes": {},
          "reasons": [], "detached": True}  # fmt: skip


@pytest.mark.parametrize("name", list(STATUS)[:-1])
@pytest.mark.parametrize("odd", [None, "x", [], {}, 1e400, [[]]], ids=repr)
def test_a_status_that_makes_no_sense_is_none(tmp_path: Path, name: str, odd: object) -> None:
    (tmp_path / "status.json").write_text(json.dumps({**STATUS, name: odd}))
    status = read_status(tmp_path)
    fits = {"left_seconds": [None], "objects": [{}], "workers": [{}], "nodes": [{}], "reasons": [[]], "machine": ["x"]}
    assert (status is not None) == (odd in fits.get(name, []))


@pytest.mark.parametrize("text", ["", "[]", "7", '"x"', "null", "{}", "{", "[" * 100_000, '{"total": {"done": NaN}}'])
def test_a_status_file_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "status.json").write_text(text)
    assert read_status(tmp_path) is None


@pytest.mark.parametrize("job", ["", "[]", '{"jobs": 7}', '{"jobs": {"0": 1}}', '{"jobs": ["1", "2"]}'])
def test_a_status_of_what_was_left_to_slurm_with_odd_files(tmp_path: Path, job: str) -> None:
    (tmp_path / "farm").mkdir()
    (tmp_path / "status.json").write_text(json.dumps(STATUS))
    (tmp_path / "farm/job.json").write_text(job)
    (tmp_path / "farm/events-0.jsonl").write_bytes(ODD_LINES)
    status = read_status(tmp_path)
    assert status is not None
    found = sent_progress(tmp_path, status, SystemClock())
    assert found is None or found["tasks"] == [0, 2]
