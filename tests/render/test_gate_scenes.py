# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of the gate on the starter scenes, task by task: every spoilt stage is caught, no good one fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gate_score import Score
from tests.render.gate_cases import Bad, check_caught, check_good
from tests.render.gate_scene_cases import BAD
from tests.render.gate_spoils import Spoil

pytestmark = [pytest.mark.bpy, pytest.mark.slow]

TASKS = ("pickup_table", "pickup_ground", "sitting", "terrain_stairs")


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.render.gate_scenes import write_assets

    root = tmp_path_factory.mktemp("gate_scenes")
    write_assets(root)
    return root


@pytest.fixture(scope="module", params=TASKS)
def task(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def bench(assets: Path, task: Any) -> Iterator[Any]:
    from tests.render.gate_scenes import scene_bench

    made = scene_bench(assets, task)
    yield made
    made.close()


@pytest.fixture(scope="module")
def score(task: str, pytestconfig: pytest.Config) -> Iterator[Score]:
    counts = Score(f"{task} in the starter scenes")
    yield counts
    counts.show(pytestconfig)


def test_no_good_stage_fails(bench: Any, score: Score, task: Any) -> None:
    from tests.render.gate_scenes import TASKS as SETS

    chosen = SETS[task]
    made = 0
    for category in chosen.categories:
        for seed in range(1, chosen.seeds + 1):
            check_good(bench, score, Spoil(category=category, seed=seed))
            made += 1
    assert made >= 20


def test_every_spoilt_stage_is_caught_for_the_right_reason(bench: Any, score: Score, task: str) -> None:
    missed: list[str] = []
    for case in sorted(BAD[task], key=lambda case: case.spoil.category):
        try:
            check_caught(bench, score, case)
        except AssertionError as error:
            missed.append(f"{case.name}: {error}")
    assert not missed, "\n\n".join(missed)


@pytest.mark.parametrize("name", TASKS)
def test_the_sets_are_large_enough(name: str) -> None:
    found: tuple[Bad, ...] = BAD[name]
    assert len({case.name for case in found}) == len(found) >= 20
    assert all(case.checks for case in found)
