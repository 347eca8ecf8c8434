# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip's own gate on clips of our own stage: each good one passes, each bad one is suspect for its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from grail_addon.core.tables import read_table
from grail_addon.core.video.request import ModelTable
from grail_addon.services.purchase import ClipPlan
from grail_addon.services.video_check import inspect
from tests.debian import starter_folder
from tests.render.clip_moves import FILMS, PICTURES, Film
from tests.render.runs import ROOT

pytestmark = [pytest.mark.bpy, pytest.mark.slow]

FPS, FRAMES = 24, 121
CLOSER = "scenes.{scene}.camera_radius={radius}"
STAGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "can": ("pickup_table", "watering_can", (CLOSER.format(scene="indoor2-pickup-table", radius=3.1),)),
    "mug": ("pickup_table", "mug", (CLOSER.format(scene="indoor2-pickup-table", radius=3.1),)),
    "truck": ("pickup_ground", "toy_truck", (CLOSER.format(scene="indoor2-pickup-ground", radius=3.3),)),
    "chair": ("sitting", "chair", ()),
    "stairs": ("terrain_stairs", "stairs", ()),
}
"""Name -> task, category, settings that bring the camera closer, for the pictures are small."""

Opened = Callable[[str], Any]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Opens a stage by its name; one is open at a time."""
    from tests.render.clip_stage import ClipStage, Setting

    root = tmp_path_factory.mktemp("clips")
    (root / "pictures").mkdir()
    held: dict[str, ClipStage] = {}

    def open_stage(name: str) -> ClipStage:
        if name not in held:
            while held:
                held.popitem()[1].close()
            held[name] = ClipStage(Setting(*STAGES[name]), starter_folder(), root / name, root / "pictures")
        return held[name]

    yield open_stage
    while held:
        held.popitem()[1].close()


@pytest.fixture(scope="module")
def small() -> ModelTable:
    """The model table with a mode whose clips are as small as the films."""
    table = read_table(ROOT / "configs/kling_models.yaml", ModelTable)
    return table.model_copy(
        update={"modes": {**table.modes, "std": table.modes["std"].model_copy(update={"short_side": 180})}}
    )


def write_film(film: Film, stage: Any, path: Path) -> None:
    """The film as an MP4 like the service's."""
    shown = []
    for number, state in enumerate(film.script):
        with Image.open(stage.picture(state)) as image:
            picture = np.asarray(image.convert("RGB"), np.float64)
        shown.append(picture if film.spoil is None else film.spoil(picture, number))
    noises = np.random.default_rng(3).normal(scale=1.5, size=(5, *shown[0].shape))
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = shown[0].shape[1], shown[0].shape[0], "yuv420p"
        for number in range(FRAMES):
            picture = shown[min(PICTURES - 1, number * PICTURES // FRAMES)]
            noisy = np.clip(picture + noises[number % 5], 0, 255).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, format="rgb24")))
        out.mux(stream.encode())


def test_there_are_enough() -> None:
    assert len(FILMS) >= 30 and len({film.name for film in FILMS}) == len(FILMS)
    assert sum(not film.words for film in FILMS) >= 12
    assert all(len(film.script) == PICTURES for film in FILMS)


@pytest.mark.parametrize("film", sorted(FILMS, key=lambda film: film.stage), ids=lambda film: film.name)
def test_each_clip_of_the_stage_is_judged_right(opened: Opened, small: ModelTable, tmp_path: Path, film: Film) -> None:
    stage = opened(film.stage)
    clip = tmp_path / "clip.mp4"
    write_film(film, stage, clip)
    plan = ClipPlan(
        "v", "f", 0, stage.frame, ("It moves.",), "kling-v2-5-turbo", "std", 5, clip, tmp_path,
        masks=(stage.object_mask, stage.person_mask), depth=stage.depth, person_mask=stage.person_mask,
        object_mask=stage.object_mask, task=STAGES[film.stage][0],
    )  # fmt: skip
    verdict = inspect(small, False, plan, 0, stage.frame, clip)
    measured = dict(verdict.measured)
    if film.words:
        assert verdict.verdict == "suspect", measured
        assert any(film.words in reason for reason in verdict.reasons), (verdict.reasons, measured)
    else:
        assert verdict.verdict in ("pass", "warn"), (verdict.reasons, measured)
        assert measured["scene"] in ("pass", "warn")
