# SPDX-License-Identifier: GPL-3.0-or-later
"""A second window from the same folder waits for its own X server, not for the one before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.ui.window import HERE

SERVER = """#!/bin/sh
sleep 0.5
cat "$SCRATCH/next" >&3
sleep 5
"""


def test_a_second_window_waits_for_its_own_server(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    server = tmp_path / "bin" / "Xvfb"
    server.write_text(SERVER)
    server.chmod(0o755)
    environment = {**os.environ, "PATH": f"{server.parent}:{os.environ['PATH']}", "SCRATCH": str(tmp_path)}
    for number in ("71", "72"):
        (tmp_path / "next").write_text(number)
        command = ("sh", str(HERE / "window.sh"), "8", "8", "60", "sh", "-c", "echo $DISPLAY")
        done = subprocess.run(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=120,
            check=True,
        )
        assert done.stdout.strip() == f":{number}"
