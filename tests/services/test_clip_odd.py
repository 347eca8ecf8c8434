# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip's own gate on files, masks and pictures that nobody expects: always a verdict, and soon."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from grail_addon.core.video.request import ModelTable
from grail_addon.core.video.verdict import SANDBOX_MARK
from grail_addon.services.clip_scene import measure_scene, parts_of
from grail_addon.services.video_check import inspect
from tests.services.clip_files import EMPTY, ODD_FILES, encoded
from tests.services.paid_helpers import MakePlan


def noise(frames: int = 121) -> bytes:
    """Every pixel of every picture is random."""
    out, rng = io.BytesIO(), np.random.default_rng(4)
    with av.open(out, "w", format="mp4") as box:
        stream = box.add_stream("libx264", rate=24, options={"preset": "ultrafast", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(frames):
            picture = rng.integers(0, 255, (180, 320, 3), dtype=np.uint8)
            box.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        box.mux(stream.encode())
    return out.getvalue()


def one_picture() -> bytes:
    return encoded(1)


def mask(path: Path, box: tuple[int, int, int, int] | None, size: tuple[int, int] = (640, 360)) -> Path:
    """White within `box` (left, top, right, bottom)."""
    picture = Image.new("L", size)
    if box is not None:
        picture.paste(255, box)
    picture.save(path)
    return path


@pytest.mark.parametrize("make", [*ODD_FILES, noise, one_picture, lambda: EMPTY])
def test_any_file_ends_in_a_verdict(
    models: ModelTable, make_plan: MakePlan, picture: Path, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(make().replace(SANDBOX_MARK.encode(), b"somebodyelse!"))  # or nothing of it would be followed
    person, thing = mask(tmp_path / "p.png", (200, 60, 300, 340)), mask(tmp_path / "o.png", (330, 180, 390, 230))
    plan = make_plan(mode="std", masks=(thing, person), person_mask=person, object_mask=thing, task="manipulation")
    verdict = inspect(models, False, plan, 0, picture, clip)
    assert verdict.verdict == "suspect" and all(reason.endswith(".") for reason in verdict.reasons)


ODD_MASKS: dict[str, Callable[[Path], Path]] = {
    "black": lambda path: mask(path, None),
    "white": lambda path: mask(path, (0, 0, 640, 360)),
    "another size": lambda path: mask(path, (10, 10, 20, 20), (33, 77)),
    "one pixel": lambda path: mask(path, (1, 1, 2, 2)),
    "no picture": lambda path: (path.write_bytes(b"\x89PNG, but not really"), path)[1],
    "missing": lambda path: path,
}


@pytest.mark.parametrize("odd", ODD_MASKS.values(), ids=ODD_MASKS)
@pytest.mark.parametrize("which", ["person", "object", "both"])
def test_any_mask_ends_in_a_verdict(
    models: ModelTable, make_plan: MakePlan, picture: Path, tmp_path: Path, which: str, odd: Callable[[Path], Path]
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(encoded(121).replace(SANDBOX_MARK.encode(), b"somebodyelse!"))
    good = mask(tmp_path / "good.png", (200, 60, 300, 340))
    bad = odd(tmp_path / "odd.png")
    person, thing = (bad if which != "object" else good), (bad if which != "person" else good)
    plan = make_plan(mode="std", person_mask=person, object_mask=thing, task="sitting")
    verdict = inspect(models, False, plan, 0, picture, clip)
    assert verdict.verdict == "suspect"
    followed = dict(verdict.measured).get("scene") is not None
    assert followed or "cannot be followed" in verdict.reasons[-1]


@pytest.mark.parametrize("shots", [1, 2, 3])
def test_few_pictures_are_enough(shots: int) -> None:
    rng = np.random.default_rng(1)
    first = rng.random((40, 60, 3), np.float32)
    person, thing = np.zeros((40, 60), bool), np.zeros((40, 60), bool)
    person[5:35, 10:20], thing[20:26, 30:36] = True, True
    facts = measure_scene([(0.1 * n, first) for n in range(shots)], first, person, thing)
    assert facts.person_seen == 1.0 and facts.moved == 0.0 and facts.start_change == 0.0


def test_parts_are_those_that_hang_together() -> None:
    picture = np.zeros((60, 60), bool)
    picture[2:10, 2:10] = picture[20:30, 5:50] = True
    turns = np.zeros((60, 60), bool)
    for row in range(32, 60, 8):
        turns[row : row + 4, 2:58] = True
        left = 2 if row % 16 else 54
        turns[row : row + 12, left : left + 4] = True
    assert sorted(len(rows) for rows, _ in parts_of(picture)) == [60, 446], "corners are left out"
    assert len(parts_of(turns)) == 1 and parts_of(np.zeros((5, 5), bool)) == []
