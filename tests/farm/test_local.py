# SPDX-License-Identifier: GPL-3.0-or-later
"""How many workers a machine gets, and when they are processes of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grail_addon.drivers.farm import local, machine
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
        (16, {"0": "echo 565, 80994, 0"}, 8),
        (64, {"0": "echo 565, 80994, 0"}, 8),
        (16, {"0": "echo 565, 24000, 0"}, 5),
        (8, {"0": "echo 565, 80994, 0"}, 4),
        (16, {"0": "echo 9000, 3000, 97"}, 1),
        (16, {"0": "exit 9"}, 1),
        (16, {"0": "echo [N/A], [N/A], [N/A]"}, 1),
        (2, {"0": "echo 565, 80994, 0", "1": "echo 565, 80994, 0"}, 2),
        (64, {"0": "echo 565, 80994, 0", "1": "echo 72000, 9000, 60"}, 10),
    ],
)
def test_auto_on_other_machines_looks_at_memory_and_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, free: dict[str, str], workers: int
) -> None:
    pretend(monkeypatch, tmp_path, cores, free)
    assert local.workers_here("auto", True) == workers
    assert local.workers_here("auto", False) == max(1, cores // 4)
    assert local.workers_here(3, True) == 3


@pytest.mark.skipif(os.name == "nt", reason="the stand-in of the driver's tool is a shell script")
@pytest.mark.parametrize(
    ("cores", "cards", "most"), [(1, 0, 1), (2, 0, 1), (3, 0, 1), (4, 0, 2), (64, 0, 32), (2, 1, 8), (64, 3, 24)]
)
def test_what_auto_may_have_at_most_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, cards: int, most: int
) -> None:
    pretend(monkeypatch, tmp_path, cores, {str(card): "exit 9" for card in range(cards)})
    assert local.most_here("auto", True) == most
    assert local.most_here("auto", False) == max(1, cores // 2)
    assert local.most_here(5, True) == 5


@pytest.mark.skipif(os.name == "nt", reason="the stand-in of the driver's tool is a shell script")
def test_a_card_as_its_driver_tells_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, tmp_path, 2, {"0": "echo 4865, 76129, 7", "1": "echo 12, 24000, [N/A]", "2": "exit 9"})
    assert machine.card_state("0") == machine.CardState(4865, 76129, 0.07)
    assert machine.card_state("1") == machine.CardState(12, 24000, None)
    assert machine.card_state("2") == machine.CardState(None, None, None)


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
