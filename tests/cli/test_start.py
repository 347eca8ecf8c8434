# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that makes frames alone loads nothing of what speaks with paid services or draws reports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.plan_project import make_project

ROOT = Path(__file__).resolve().parents[2]
LATER = ("requests", "urllib3", "openai", "jwt", "av", "pygal", "httpx", "bpy")


def test_planning_loads_nothing_that_only_other_steps_need(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    script = """
import os, sys
from pathlib import Path
from grail_addon.cli.main import main
folder, later = Path(sys.argv[1]), sys.argv[2].split()
os.chdir(folder)
code = main(["--config", "run", "--dry_run", "--explain"], folder)
print("CODE", code, "LOADED", [name for name in later if name in sys.modules])
"""
    command = [sys.executable, "-c", script, str(folder), " ".join(LATER)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=600
    )
    assert "CODE 0 LOADED []" in done.stdout, done.stdout + done.stderr
