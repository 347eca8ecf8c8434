# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever reads what a run says goes away in the middle: the run goes on to its end, and is still stopped by a signal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grail_addon.core.files import TEMP_MARK
from tests.cli.test_cli import ROOT, STUCK
from tests.plan_project import make_project
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and terminals as POSIX has them")

RUN = """
import os, sys, time, types
root, folder, *flags = sys.argv[1:]
sys.path[:0] = [root]
from pathlib import Path
from tests.pipeline.fake_workshop import FakeWorkshop
from grail_addon.cli import main as cli

class Waiting(FakeWorkshop):
    def render(self, job, item, rest):
        while not (Path(folder) / "go").exists():  # the first words are out, and the reader has gone
            time.sleep(0.02)
        return (yield from super().render(job, item, rest))

workshop = types.ModuleType("workshop")
workshop.StageWorkshop = Waiting
sys.modules["grail_addon.stage.workshop"] = workshop
sys.exit(cli.main(["--config", "run", "--category", "mug", *flags], Path(folder)))
"""


def frames(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out/generation/asset_renders").rglob("*_rand?????.png"))


@pytest.mark.parametrize("flags", [(), ("--verbose",), ("--log_json", "-")], ids=["plain", "verbose", "json"])
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_a_run_whose_reader_has_gone_ends_well(tmp_path: Path, flags: tuple[str, ...], terminal: bool) -> None:
    folder = make_project(tmp_path)
    mine, its = pty.openpty() if terminal else os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, str(ROOT), str(folder), *flags],
        cwd=folder, stdout=its, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        os.close(its)
        until(lambda: (folder / "out/status.json").is_file())
        os.close(mine)
        (folder / "go").touch()
        _, errors = child.communicate(timeout=PATIENCE)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0 and b"Traceback" not in errors and b"Broken pipe" not in errors, errors
    assert len(frames(folder)) == 2 and (folder / "out/report/index.html").is_file()


def test_ctrl_c_stops_a_run_whose_reader_it_has_stopped(tmp_path: Path) -> None:
    """`... | tee log`: the signal goes to both, and `tee` is gone first."""
    folder = make_project(tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-c", STUCK, str(ROOT), str(folder)], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stderr is not None and child.stdout is not None
        assert child.stderr.readline() == "rendering\n"
        child.stdout.close()
        child.send_signal(signal.SIGINT)
        assert child.wait(PATIENCE) == 130
        assert "Traceback" not in child.stderr.read()
    finally:
        child.kill()
        child.wait()
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*"))
