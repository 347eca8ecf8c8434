# SPDX-License-Identifier: GPL-3.0-or-later
"""How many workers a machine gets, and when they are processes of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grail_addon.drivers.farm import local
from tests.plan_project import make_project, request_of


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, cores: int, free: dict[str, str]) -> None:
    """A machine with so many cores, and cards whose driver says what is free on each."""
    monkeypatch.setattr(local, "cores", lambda: tuple(range(cores)))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ",".join(free))
    tool = folder / "nvidia-smi"
    answers = "".join(f"  --id={card}) {said} ;;\n" for card, said in free.items())
    tool.write_text(f'#!/bin/sh\ncase "$1" in\n{answers}esac\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in of the driver's tool is a shell script")
@pytest.mark.parametrize(
    ("cores", "free", "workers"),
    [
        (2, {}, 1),
        (16, {}, 4),
        (16, {"0": "echo 80994"}, 8),
        (64, {"0": "echo 80994"}, 8),
        (16, {"0": "echo 24000"}, 5),
        (8, {"0": "echo 80994"}, 4),
        (16, {"0": "echo 3000"}, 1),
        (16, {"0": "exit 9"}, 1),
        (16, {"0": "echo [N/A]"}, 1),
        (2, {"0": "echo 80994", "1": "echo 80994"}, 2),
        (64, {"0": "echo 80994", "1": "echo 9000"}, 10),
    ],
)
def test_auto_looks_at_memory_and_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, free: dict[str, str], workers: int
) -> None:
    pretend(monkeypatch, tmp_path, cores, free)
    assert local.workers_here("auto", True) == workers
    assert local.workers_here("auto", False) == max(1, cores // 4)
    assert local.workers_here(3, True) == 3


@pytest.mark.parametrize(
    ("argv", "engine"),
    [
        ((), "none"),
        (("--workers", "3"), "local"),
        (("--workers", "1"), "none"),
        (("--workers", "auto"), "none"),
        (("--workers", "1", "--engine", "local"), "local"),
        (("--workers", "3", "--engine", "slurm"), "slurm"),
        (("--set", "farm.workers=3"), "none"),
    ],
)
def test_workers_without_an_engine_are_processes_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, argv: tuple[str, ...], engine: str
) -> None:
    pretend(monkeypatch, tmp_path, 2, {})
    assert request_of(make_project(tmp_path), *argv).config.farm.engine == engine
