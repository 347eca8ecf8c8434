# SPDX-License-Identifier: GPL-3.0-or-later
"""What a frame costs a folder on a network: each look at a path below the results folder is a question to its server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.render.conftest import Project
from tests.render.runs import ROOT

STRACE = shutil.which("strace")
MOST, MOST_SYNCS = 60, 3
CALL = re.compile(r"^\d+\s+(\w+)\((.*)$")
SYNCS = {"fsync", "fdatasync", "syncfs", "sync"}


def traceable() -> bool:
    """Whether strace is there and may look into a process."""
    return STRACE is not None and subprocess.run([STRACE, "-o", os.devnull, "true"], check=False).returncode == 0


pytestmark = [pytest.mark.bpy, pytest.mark.skipif(not traceable(), reason="strace cannot be used here")]


def frames(log: Path, results: Path) -> list[tuple[list[str], list[str]]]:
    """Path operations and syncs from one frame's manifest to the next one's, for each frame but the first."""
    found: list[tuple[list[str], list[str]]] = [([], [])]
    for line in log.read_text(errors="replace").splitlines():
        match = CALL.match(line)
        if match is None:
            continue
        call, rest = match.groups()
        if call in SYNCS:
            found[-1][1].append(line)
        elif str(results) in rest:
            found[-1][0].append(line)
            if call.startswith("rename") and "/manifests/" in rest and "_rand" in rest:
                found.append(([], []))
    return found[1:-1]


@pytest.mark.parametrize("again", [False, True], ids=["new", "made anew"])
def test_a_frame_costs_few_path_operations_and_syncs(project: Project, tmp_path: Path, again: bool) -> None:
    """After the first frame of an object, whose folders are made once."""
    argv = project.argv("--category", "block", "--results_dir", str(tmp_path / "far"), "--num_rand_scenes", "3")
    command = [sys.executable, str(ROOT / "run_batch.py"), "--", *argv]
    if again:  # other files lie where these are to go
        subprocess.run(command, check=True, capture_output=True)
        command += ["--set", "rendering.samples=2"]
    log = tmp_path / "calls.txt"
    traced = [str(STRACE), "-f", "-s", "400", "-e", "trace=file,fsync,fdatasync,syncfs,sync", "-o", str(log)]
    subprocess.run([*traced, *command], check=True, capture_output=True)
    counted = frames(log, tmp_path / "far")
    assert len(counted) == 2
    for operations, syncs in counted:
        assert 20 < len(operations) <= MOST, "\n".join(operations)
        assert 0 < len(syncs) <= MOST_SYNCS, "\n".join(syncs)
