# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that leaves without Blender's teardown leaves no temporary folder of Blender's behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.bpy

ROOT = Path(__file__).resolve().parents[2]
LEAVES = """
import bpy
from pathlib import Path
from grail_addon.cli.leave import end_process
folder = Path(bpy.app.tempdir)
(folder / "render.png").write_bytes(b"x")
print(folder, flush=True)
{more}
end_process(7)
"""


def left_by(more: str, tmp_path: Path) -> tuple[Path, int]:
    script = LEAVES.format(more=more)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return Path(done.stdout.splitlines()[0]), done.returncode


def test_the_session_folder_goes_with_the_process(tmp_path: Path) -> None:
    folder, code = left_by("", tmp_path)
    assert code == 7 and folder.parent == tmp_path and not folder.exists()


def test_a_folder_that_is_no_session_of_blender_stays(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept.txt").write_text("x")
    more = f"import sys, types\nsys.modules['bpy'] = types.SimpleNamespace(app=types.SimpleNamespace(tempdir={str(mine)!r}))"
    _, code = left_by(more, tmp_path)
    assert code == 7 and (mine / "kept.txt").exists()
