# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker on videos that are right and on videos that are wrong in one way each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grail_addon.core.video.request import ModelTable
from grail_addon.core.video.verdict import Verdict
from grail_addon.sandbox.movie import MovieOptions, movie
from grail_addon.services.video_check import background, inspect
from tests.services.paid_helpers import MakePlan


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain room: smooth walls with a few edges and a patterned rug, a figure in the middle. 640 x 360."""
    rng = np.random.default_rng(11)
    walls = np.full((360, 640, 3), 170, np.float64) + np.linspace(0, 40, 640)[None, :, None]
    walls[200:] -= 50
    walls[205:355, 20:620] += 18 * np.sin(np.arange(600) / 7.0)[None, :, None]
    for _ in range(14):
        y, x = rng.integers(10, 180), rng.integers(10, 600)
        walls[y : y + rng.integers(10, 40), x : x + rng.integers(10, 30)] = rng.integers(40, 220, 3)
    walls[100:330, 270:370] = (90, 60, 50)
    path = tmp_path_factory.mktemp("room") / "frame.png"
    Image.fromarray(np.clip(walls + rng.normal(0, 1.0, walls.shape), 0, 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture(scope="module")
def person_mask(room: Path) -> Path:
    mask = np.zeros((360, 640), np.uint8)
    mask[100:330, 230:410] = 255
    path = room.with_name("mask.png")
    Image.fromarray(mask).save(path)
    return path


def checked(
    models: ModelTable, make_plan: MakePlan, tmp_path: Path, frame: Path, masks: tuple[Path, ...], **options: object
) -> Verdict:
    mode, sound = str(options.pop("mode", "std")), bool(options.pop("sound", False))
    file = tmp_path / "clip.mp4"
    file.write_bytes(movie(frame.read_bytes(), mode, 5, sound, MovieOptions(**options)))  # type: ignore[arg-type]
    plan = make_plan(frame=frame, mode="std", masks=masks)
    return inspect(models, True, plan, 0, frame, file)


@pytest.mark.parametrize("masked", [True, False])
def test_expected_video_is_ok(
    models: ModelTable, make_plan: MakePlan, tmp_path: Path, room: Path, person_mask: Path, masked: bool
) -> None:
    verdict = checked(models, make_plan, tmp_path, room, (person_mask,) if masked else ())
    assert verdict.verdict == "pass", verdict.reasons
    measured = dict(verdict.measured)
    assert (measured["width"], measured["height"], measured["frames"]) == (1284, 716, 121)
    assert float(measured["camera_shift"]) < 0.001 and float(measured["first_frame_match"]) > 0.97
    assert measured["sandbox"] is True
    assert verdict.psnr_db is not None and verdict.psnr_db > 25 and verdict.stillness is not None
    assert verdict.stillness.limit == pytest.approx(0.004 * np.hypot(1284, 716)) and len(verdict.stillness.path) == 13
    assert max(shift for _, shift in verdict.stillness.path) < 0.001 * np.hypot(1284, 716)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"camera": "pan"}, "camera moves"),
        ({"camera": "cut"}, "background"),
        ({"camera": "zoom"}, "camera moves"),
        ({"camera": "other"}, "first frame does not show"),
        ({"wrong_size": True}, "shorter side has 358 pixels"),
        ({"mode": "pro"}, "shorter side has 1080 pixels"),
        ({"sound": True}, "sound track"),
    ],
)
def test_wrong_video_is_suspect(
    models: ModelTable, make_plan: MakePlan, tmp_path: Path, room: Path, person_mask: Path,
    options: dict[str, object], reason: str,
) -> None:  # fmt: skip
    verdict = checked(models, make_plan, tmp_path, room, (person_mask,), **options)
    assert verdict.verdict == "suspect"
    assert any(reason in text for text in verdict.reasons), verdict.reasons


def test_a_slow_drift_of_one_percent_is_seen(
    models: ModelTable, make_plan: MakePlan, tmp_path: Path, room: Path, person_mask: Path
) -> None:
    from fractions import Fraction

    import av

    picture = np.asarray(Image.open(room).resize((1284, 716)))
    file = tmp_path / "drift.mp4"
    with av.open(str(file), "w") as box:
        box.metadata["comment"] = "grail-sandbox"
        stream = box.add_stream("libx264", rate=Fraction(24), options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1284, 716, "yuv420p"
        for number in range(121):
            shift = round(13 * number / 120)
            moved = np.ascontiguousarray(np.pad(picture, ((0, 0), (0, 13), (0, 0)), "edge")[:, shift : shift + 1284])
            box.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="rgb24")))
        box.mux(stream.encode())
    verdict = inspect(models, True, make_plan(frame=room, mode="std", masks=(person_mask,)), 0, room, file)
    assert float(dict(verdict.measured)["camera_shift"]) == pytest.approx(13 / np.hypot(1284, 716), rel=0.1)
    assert verdict.stillness is not None
    shown = [shift for _, shift in verdict.stillness.path]
    assert shown == pytest.approx([13 * second / 5 for second, _ in verdict.stillness.path], abs=1.0), (
        "in its own pixels"
    )
    assert verdict.verdict == "suspect"


def test_sandbox_file_never_passes_as_the_vendors(
    models: ModelTable, make_plan: MakePlan, tmp_path: Path, room: Path
) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(movie(room.read_bytes(), "std", 5, False, MovieOptions()))
    verdict = inspect(models, False, make_plan(frame=room, mode="std"), 0, room, file)
    assert verdict.verdict == "suspect" and any("sandbox" in text for text in verdict.reasons)


def test_broken_file_is_suspect(models: ModelTable, make_plan: MakePlan, tmp_path: Path, room: Path) -> None:
    file = tmp_path / "clip.mp4"
    data = movie(room.read_bytes(), "std", 5, False, MovieOptions())
    file.write_bytes(data[: len(data) // 2])
    verdict = inspect(models, True, make_plan(frame=room), 0, room, file)
    assert verdict.verdict == "suspect" and "cannot be played" in verdict.reasons[0]


def test_background_is_outside_masks_and_where_depth_is_known(tmp_path: Path, person_mask: Path) -> None:
    depth = np.full((360, 640), 3000, np.uint16)
    depth[:50] = 0
    Image.fromarray(depth).save(tmp_path / "depth.png")
    free = background((person_mask,), tmp_path / "depth.png", (360, 640))
    assert free[60, 100] and free[355, 320]
    assert not free[20, 100], "no depth there"
    assert not free[200, 300] and not free[200, 220] and free[200, 210], "the mask, widened by 12 pixels"
