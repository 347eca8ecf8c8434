# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip's own gate on films of the stage of boxes: each good one passes, each bad one is suspect for its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.video.request import ModelTable
from grail_addon.services.video_check import inspect
from tests.services.clip_films import FILMS, Film, make
from tests.services.paid_helpers import MakePlan

pytestmark = pytest.mark.slow


@pytest.fixture
def small(models: ModelTable) -> ModelTable:
    """The table with a mode whose clips are as small as the films."""
    return models.model_copy(
        update={"modes": {**models.modes, "std": models.modes["std"].model_copy(update={"short_side": 216})}}
    )


def test_there_are_enough() -> None:
    assert len(FILMS) >= 30 and len({film.name for film in FILMS}) == len(FILMS)
    assert sum(film.words == "" for film in FILMS) >= 12


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_each_film_is_judged_right(small: ModelTable, make_plan: MakePlan, tmp_path: Path, film: Film) -> None:
    frame, person, thing, clip = make(film, tmp_path)
    plan = make_plan(
        frame=frame, mode="std", masks=(thing, person), person_mask=person, object_mask=thing, task=film.start.task
    )
    verdict = inspect(small, False, plan, 0, frame, clip)
    measured = dict(verdict.measured)
    if film.words:
        assert verdict.verdict == "suspect" and any(film.words in reason for reason in verdict.reasons), (
            verdict.reasons,
            measured,
        )
    else:
        assert verdict.verdict in ("pass", "warn"), (verdict.reasons, measured)
        assert measured["scene"] in ("pass", "warn")
