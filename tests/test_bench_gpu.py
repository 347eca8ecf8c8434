# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurement of a graphics card: what takes too long is ended, and what was measured until then is kept."""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("bpy")

from bench import gpu
from grail_addon.core.files import read_json

pytestmark = pytest.mark.bpy

SLEEPS = (
    "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); open(sys.argv[1], 'w').write(str(p.pid)); p.wait()"
)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")
def test_what_takes_longer_than_is_left_is_ended_with_its_children(tmp_path: Path) -> None:
    said = tmp_path / "pid"
    said.write_text("")
    for seconds in (2.0, 10.0, 60.0):  # on a busy machine the child may not have begun after two
        with pytest.raises(subprocess.TimeoutExpired):
            gpu.Runner(time.monotonic() + 600.0, seconds)("-c", SLEEPS, str(said))
        if said.read_text():
            break
    pid = int(said.read_text())
    deadline = time.monotonic() + 60.0
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_that_fails_is_an_error() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        gpu.Runner(time.monotonic() + 60.0, 60.0)("-c", "raise SystemExit(3)")


def test_rows_of_a_part_that_did_not_end_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"1": {"frames": 4, "per_second": 0.5, "busy_share": 0.4, "memory_mb": 4300.0}}

    def workers(parts: gpu.Parts) -> Any:
        parts._keep("workers", rows)
        raise subprocess.TimeoutExpired("run_batch.py", 180.0)

    def failing(name: str) -> Callable[[gpu.Parts], Any]:
        def fails(parts: gpu.Parts) -> Any:
            raise subprocess.CalledProcessError(1, "bench")

        fails.__name__ = name
        return fails

    monkeypatch.setattr(gpu.Parts, "workers", workers)
    for name in ("device", "overlap", "parts", "start", "usual"):
        monkeypatch.setattr(gpu.Parts, name, failing(name))
    size = {"width": 160, "height": 96, "samples": 2, "cpu": True, "minutes": 1.0, "longest": 1.0}
    gpu.measure(argparse.Namespace(**size), tmp_path)
    found = read_json(tmp_path / "gpu.json")
    assert found["workers"] == rows and "180" in found["unfinished"]["workers"]
    assert set(found["unfinished"]) == {"device", "overlap", "workers", "parts", "start", "usual"}
    page = (tmp_path / "gpu.md").read_text()
    assert "| 1 | 4 | 0.50 | 2.00 | 40 % | 4300.0 |" in page and "workers is not whole" in page
