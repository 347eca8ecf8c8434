# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless front: exit codes, what it says, what it writes. The stage is a fake; Blender is never loaded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grail_addon.cli import main as cli
from grail_addon.core.errors import UserError
from grail_addon.core.files import TEMP_MARK
from grail_addon.core.plan.items import Item
from grail_addon.pipeline.starter import STARTER_ENV, starter_roots
from tests.pipeline.fake_workshop import FakeWorkshop
from tests.plan_project import make_project
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
MUG = ("--category", "mug")


class Front:
    """The command line in a project, with the fake stage in place of the real one."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capfd = folder, capfd
        self.before: Any = lambda _: None
        self.faults: dict[tuple[str, str], BaseException] = {}
        self.workshops: list[FakeWorkshop] = []
        self.out = self.err = ""

    def workshop(self, *args: Any) -> FakeWorkshop:
        made = FakeWorkshop(*args)
        made.before, made.faults = self.before, self.faults
        self.workshops.append(made)
        return made

    def __call__(self, *argv: str) -> int:
        self._capfd.readouterr()
        code = cli.main(["--config", "run", *argv], self.folder)
        self.out, self.err = self._capfd.readouterr()
        return code

    @property
    def files(self) -> dict[str, int]:
        """Everything in the project, with its time."""
        return {p.relative_to(self.folder).as_posix(): p.stat().st_mtime_ns for p in self.folder.rglob("*")}


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Front]:
    monkeypatch.chdir(make_project(tmp_path))
    monkeypatch.delenv(STARTER_ENV, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    found = Front(tmp_path, capfd)
    workshop = types.ModuleType("workshop")
    workshop.StageWorkshop = found.workshop  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "grail_addon.stage.workshop", workshop)
    yield found


def test_all_done_is_0(front: Front) -> None:
    assert front(*MUG) == 0
    assert "settle Things/mug" in front.out and "3 done, 0 up to date, 0 failed" in front.out
    assert f"results: {front.folder / 'out'}" in front.out and not front.err
    assert (front.folder / "out/generation/asset_renders/Things/mug/kid_stage_rand00002.png").is_file()
    assert front(*MUG, "--skip_done") == 0 and "0 done, 3 up to date, 0 failed" in front.out


def test_some_failed_is_1(front: Front) -> None:
    front.faults["render", "render Things/mug/kid_stage_rand00001"] = UserError("no placement fits.")
    assert front(*MUG) == 1
    assert "render Things/mug/kid_stage_rand00001  failed: no placement fits." in front.out
    assert "2 done, 0 up to date, 1 failed" in front.out


def test_an_object_without_files_is_a_failure_among_others(front: Front) -> None:
    (front.folder / "data/Things/mug/model.obj").unlink()
    assert front("--category", "mug,jar") == 1
    assert "object Things/mug  failed: No mesh" in front.out and "3 done, 0 up to date, 1 failed" in front.out


BAD = [
    (["--set", "rendering.sample=4"], ["command line --set: rendering.sample: unknown key", "Did you mean samples"]),
    (["--samples", "many"], ["rendering.samples"]),
    (["--category", "mugg"], ["`mugg` is not an object of", "Did you mean mug?"]),
    (["--colour", "red"], ["unknown flag --colour"]),
    (["--config", "nowhere"], ["file `nowhere` not found"]),
]


@pytest.mark.parametrize(("argv", "says"), BAD, ids=[" ".join(a) for a, _ in BAD])
def test_a_bad_request_is_2_and_writes_nothing(front: Front, argv: list[str], says: list[str]) -> None:
    before = front.files
    assert front(*argv) == 2
    assert front.files == before and not front.workshops and not front.out
    (line,) = front.err.splitlines()
    assert line.startswith("error: ") and all(words in line for words in says)


def test_every_fault_has_a_line_of_its_own(front: Front) -> None:
    assert (
        front("--set", "rendering.sample=4", "--set", "simulation.drops=0", "--set", "scenes.stage.camera_radius=x")
        == 2
    )
    lines = front.err.splitlines()
    assert len(lines) == 3 and all(line.startswith("error: ") for line in lines)


def test_missing_assets_are_2_with_one_line(front: Front) -> None:
    for name in ("data/Things/mug/model.obj", "data/characters/kid.blend"):
        (front.folder / name).unlink()
    before = front.files
    assert front(*MUG) == 2 and front.files == before and not front.workshops
    lines = front.err.splitlines()
    assert len(lines) == 1 and "looked in" in lines[0] and str(front.folder / "data/Things/mug") in lines[0]
    assert "No character kid" in lines[0] and str(front.folder / "data/characters") in lines[0]


def test_print_config(front: Front) -> None:
    before = front.files
    assert front("--print_config", "--samples", "16") == 0
    assert front.files == before and not front.workshops and not front.err
    (samples,) = [line for line in front.out.splitlines() if line.strip().startswith("samples:")]
    assert "16" in samples and "command line" in samples


def lines_of(front: Front) -> list[str]:
    return [" ".join(line.split()) for line in front.out.splitlines()]


def test_dry_run(front: Front) -> None:
    before = front.files
    assert front("--dry_run", *MUG) == 0
    assert front.files == before and not front.workshops
    assert lines_of(front) == [
        "runs settle Things/mug: not made yet",
        "runs render Things/mug/kid_stage_rand00001: not made yet",
        "runs render Things/mug/kid_stage_rand00002: not made yet",
    ]


def test_dry_run_tells_what_cannot_run(front: Front) -> None:
    (front.folder / "data/Things/mug/model.obj").unlink()
    assert front("--dry_run", "--category", "mug,jar") == 0
    assert lines_of(front)[0].startswith("cannot run Things/mug: No mesh") and len(lines_of(front)) == 4


def test_explain_says_why_and_then_runs(front: Front) -> None:
    assert front(*MUG) == 0
    (front.folder / "out/generation/asset_renders/Things/mug/kid_stage_rand00002.png").unlink()
    assert front(*MUG, "--dry_run", "--skip_done") == 0
    assert lines_of(front) == [
        "skips settle Things/mug: up to date",
        "skips render Things/mug/kid_stage_rand00001: up to date",
        "runs render Things/mug/kid_stage_rand00002: "
        "frame is missing (generation/asset_renders/Things/mug/kid_stage_rand00002.png)",
    ]
    assert front(*MUG, "--dry_run") == 0
    assert lines_of(front)[0] == "runs settle Things/mug: up to date, but skip_done is off"
    assert front(*MUG, "--dry_run", "--skip_step1", "--set", "simulation.seed=1") == 0
    assert lines_of(front)[0] == "refuses settle Things/mug: inputs changed: simulation.seed: 42 -> 1"
    assert front(*MUG, "--dry_run", "--skip_step1") == 0
    assert lines_of(front)[0].startswith("uses cached settle Things/mug: up to date")
    assert len(front.workshops) == 1, "so far nothing ran but the first"
    assert front(*MUG, "--explain", "--skip_done") == 0
    assert lines_of(front)[2].startswith("runs render") and "1 done, 2 up to date, 0 failed" in front.out


def test_json_lines_go_to_a_file(front: Front) -> None:
    assert front(*MUG, "--log_json", "logs/run.jsonl") == 0
    assert front(*MUG, "--log_json", "logs/run.jsonl", "--skip_done") == 0
    events = [json.loads(line) for line in (front.folder / "logs/run.jsonl").read_text().splitlines()]
    assert [e["kind"] for e in events if e["kind"] in ("plan", "end")] == ["plan", "end"] * 2
    assert next(e["item"] for e in events if e["kind"] == "done") == "settle Things/mug"


def test_json_lines_on_standard_output_are_alone_there(front: Front) -> None:
    assert front(*MUG, "--log_json", "-") == 0
    events = [json.loads(line) for line in front.out.splitlines()]
    assert events[0]["kind"] == "plan" and events[-1]["data"] == {"done": 3, "skipped": 0, "failed": 0}
    assert "3 done" in front.err


def chatter(_: Item) -> None:
    os.write(1, b"Fra:1 Mem:200M | Sample 1/8\n")  # as Blender prints, past Python


def test_blenders_own_lines_go_to_a_log(front: Front) -> None:
    front.before = chatter
    assert front(*MUG) == 0
    assert "Sample 1/8" not in front.out and "3 done" in front.out
    (log,) = (front.folder / "out/logs").iterdir()
    assert log.read_text().count("Sample 1/8") == 2
    assert front(*MUG, "--verbose") == 0 and front.out.count("Sample 1/8") == 2


def test_leftovers_of_killed_runs_are_removed(front: Front) -> None:
    code = "import os, sys; sys.path.insert(0, sys.argv[1]); from grail_addon.core import files; from pathlib import Path\n"
    code += "with files.atomic_path(Path('out/generation/a.png')) as t: t.touch(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(ROOT)], check=False)
    assert any(TEMP_MARK in name for name in front.files)
    assert front(*MUG) == 0 and not any(TEMP_MARK in name for name in front.files)


def test_a_cancel_between_items_is_130(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    watches: list[Any] = []

    class Watched(cli.Interrupt):
        def __enter__(self) -> cli.Interrupt:
            watches.append(self)
            return super().__enter__()

    monkeypatch.setattr(cli, "Interrupt", Watched)
    front.before = lambda _: watches[0].asked.set()
    assert front(*MUG) == 130
    assert "Stopped; finished items are kept." in front.out
    made = [name for name in front.files if name.endswith(".png") and name.startswith("out/")]
    assert made == ["out/generation/asset_renders/Things/mug/kid_stage_rand00001.png"]
    assert front.workshops[0].calls[-1] == ("close", "")
    assert front("--status", "out") == 0 and front.out.startswith("Stopped after ")


@pytest.mark.parametrize("engine", ["none", "local", "ray"])
def test_only_slurm_goes_on_alone(front: Front, engine: str) -> None:
    assert front(*MUG, "--engine", engine, "--detach") == 2
    assert "error: command line --detach: Only a cluster's queue goes on alone" in front.err
    assert not front.workshops and not [name for name in front.files if name.startswith("out/generation")]


def test_who_may_not_buy_hears_it_before_what_is_missing(front: Front) -> None:
    paid = (*MUG, "--set", "skip_step4=false")
    assert front(*paid) == 2 and "The table kling_models.yaml cannot be read." in front.err
    assert front(*paid, "--num_job_chunks", "2") == 2
    assert "error: command line --num_job_chunks: A shard does not make frames and videos" in front.err
    where = front.folder / "out/purchases/ledger.where.json"
    where.parent.mkdir(parents=True)
    where.write_text('{"machine": "lab7", "path": "/var/grail"}')
    assert front(*paid) == 2 and "are bought on lab7, which keeps the ledger" in front.err


STUCK = """
import os, select, sys, types
root, folder = sys.argv[1:]
sys.path[:0] = [root]
from pathlib import Path
from tests.pipeline.fake_workshop import FakeWorkshop
from grail_addon.cli import main as cli, interrupt
from grail_addon.core.files import atomic_path

interrupt.GRACE_SECONDS = 0.2

class Stuck(FakeWorkshop):
    def render(self, job, item, rest):
        if item.vid.seed == 1:
            return (yield from super().render(job, item, rest))
        with atomic_path(self.layout.frame(item.vid)) as temp:
            temp.write_bytes(b"half")
            os.write(2, b"rendering\\n")
            select.select([], [], [], 600)

workshop = types.ModuleType("workshop")
workshop.StageWorkshop = Stuck
sys.modules["grail_addon.stage.workshop"] = workshop
sys.exit(cli.main(["--config", "run", "--category", "mug"], Path(folder)))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX sends them")
def test_ctrl_c_in_the_middle_of_a_frame_leaves_nothing_half_written(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-c", STUCK, str(ROOT), str(folder)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stderr is not None and child.stderr.readline() == "rendering\n"
        assert any(TEMP_MARK in p.name for p in folder.rglob("*"))
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=PATIENCE)
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 130
    assert "Stopping ..." in out and "Stopped in the middle of an item; finished ones are kept." in out
    assert not any(TEMP_MARK in p.name for p in folder.rglob("*"))
    frames = sorted(p.name for p in (folder / "out/generation/asset_renders").rglob("*.png"))
    assert frames == ["kid_stage_rand00001.png"]


def test_starter_sets_of_this_blender_or_older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STARTER_ENV, raising=False)
    for name in ("4.2", "4.10", "5.0", "5.2", "next", "5.x"):
        (tmp_path / "assets" / f"blender-{name}").mkdir(parents=True)

    def names(series: tuple[int, int] | None) -> list[str]:
        roots = starter_roots(tmp_path, series)
        assert all(root.is_starter for root in roots)
        return [root.path.name.removeprefix("blender-") for root in roots]

    assert names((5, 0)) == ["5.0", "4.10", "4.2"] and names((4, 9)) == ["4.2"] and names((6, 0))[0] == "5.2"
    assert names((3, 6)) == ["3.6"], "where one would be, for the message"
    assert names(None)[0] == "5.2", "where nothing is to be opened, as there is no Blender"
    monkeypatch.setenv(STARTER_ENV, str(tmp_path / "mine"))
    assert [root.path for root in starter_roots(tmp_path, (5, 0))] == [tmp_path / "mine"]


NO_BLENDER = """
import sys
class NoBlender:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("bpy", "mathutils", "bmesh"):
            raise ImportError("no Blender here: " + name)
sys.meta_path.insert(0, NoBlender())
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from grail_addon.cli.main import main
sys.exit(main(["--config", "run", *sys.argv[3:]], Path(sys.argv[2])))
"""


@pytest.mark.parametrize(
    ("argv", "code"), [(["--print_config"], 0), (["--set", "rendering.sample=4"], 2), (["--dry_run"], 0)]
)
def test_without_blender(tmp_path: Path, argv: list[str], code: int) -> None:
    folder = make_project(tmp_path)
    child = subprocess.run(
        [sys.executable, "-I", "-c", NO_BLENDER, str(ROOT), str(folder), *argv],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == code and "Traceback" not in child.stderr, child.stderr


def test_a_stop_while_it_is_planned_is_one_line(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "Session", stopped)
    assert front(*MUG) == 130
    assert front.err.splitlines() == ["Stopped before anything was begun."] and not front.workshops
