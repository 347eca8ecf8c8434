# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate is told about files: each one judged for itself, from what is on the disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.layout import ResultsLayout
from grail_addon.core.sidecars.check import REQUIRED_ROLES, sidecar_facts
from grail_addon.core.sidecars.proof import Truth, prove
from grail_addon.core.sidecars.write import FrameGeometry, depth_exr, read_depth_exr, sidecar_files, write_sidecars
from tests.box_world import VID, camera_at, frame_of_boxes

Files = dict[str, Path]


@pytest.fixture
def frame() -> tuple[FrameGeometry, Truth]:
    return frame_of_boxes(camera_at())


@pytest.fixture
def layout(tmp_path: Path) -> ResultsLayout:
    return ResultsLayout(tmp_path)


def written(layout: ResultsLayout, geometry: FrameGeometry, vid=VID) -> Files:
    for path in (layout.frame(vid), layout.mesh(vid.obj)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return {"frame": layout.frame(vid), "mesh": layout.mesh(vid.obj), **write_sidecars(layout, vid, geometry)}


def facts(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], files: Files):
    geometry, truth = frame
    return sidecar_facts(files, VID, prove(sidecar_files(layout, VID), geometry.camera, truth), geometry)


def test_a_whole_frame(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth]) -> None:
    files = written(layout, frame[0])
    found = facts(layout, frame, files)
    assert set(found) == set(files) == set(REQUIRED_ROLES), "all that is written is required, and the other way round"
    assert all(f.present and f.proved and not f.note for f in found.values())
    assert {role: f.seed for role, f in found.items() if f.seed is not None} == {"camera_json": VID.seed}


@pytest.mark.parametrize("role", REQUIRED_ROLES)
def test_a_missing_file_is_missing_alone(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], role: str) -> None:
    files = written(layout, frame[0])
    files[role].unlink()
    found = facts(layout, frame, files)
    assert [r for r, f in found.items() if not f.present] == [role]
    assert [r for r, f in found.items() if f.present and not f.proved] == []


def _other_seed(layout: ResultsLayout, geometry: FrameGeometry, role: str, files: Files) -> None:
    other = replace(VID, seed=VID.seed + 1)
    moved = replace(geometry, obj=replace(geometry.obj, translation=geometry.obj.translation + 0.05))
    files[role].write_bytes(write_sidecars(layout, other, moved)[role].read_bytes())


@pytest.mark.parametrize("role", ["camera_pickle", "first_frame_pose", "camera_json"])
def test_a_file_of_another_seed_is_found_out(
    layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], role: str
) -> None:
    files = written(layout, frame[0])
    _other_seed(layout, frame[0], role, files)
    found = facts(layout, frame, files)
    assert [r for r, f in found.items() if not f.proved] == [role]
    assert found[role].note
    assert found["camera_json"].seed == VID.seed + (role == "camera_json")


def test_only_the_depth_map_that_is_off_is_at_fault(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth]) -> None:
    files = written(layout, frame[0])
    path = files["depth_exr"]
    path.write_bytes(depth_exr((read_depth_exr(path) + np.float32(0.01)).astype(np.float32)))
    found = facts(layout, frame, files)
    assert [r for r, f in found.items() if not f.proved] == ["depth_exr"]
    assert "Depth of" in found["depth_exr"].note


Change = Callable[[dict], object]


@pytest.mark.parametrize(
    ("change", "seed", "note"),
    [
        (lambda d: d.update(video_id="a/b/c_rand00001"), VID.seed, "it is of a/b/c_rand00001"),
        (lambda d: d.pop("seed"), None, "does not say"),
        (lambda d: d.update(seed=None), None, "does not say"),
        (lambda d: d.update(seed=VID.seed + 7), VID.seed + 7, ""),
    ],
)
def test_whose_camera_file_it_is(
    layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], change: Change, seed: int | None, note: str
) -> None:
    files = written(layout, frame[0])
    data = json.loads(files["camera_json"].read_text())
    change(data)
    files["camera_json"].write_text(json.dumps(data))
    found = facts(layout, frame, files)["camera_json"]
    assert found.seed == seed and note in found.note and found.proved == (not note)


@pytest.mark.parametrize(
    "role", ["camera_json", "cam_k", "depth_png", "depth_exr", "object_mask", "object_visible_mask", "human_mask"]
)
def test_a_damaged_file_is_not_proved(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], role: str) -> None:
    files = written(layout, frame[0])
    files[role].write_bytes(files[role].read_bytes()[:20])
    found = facts(layout, frame, files)
    assert [r for r, f in found.items() if not f.proved] == [role]
    assert "cannot be read" in found[role].note
