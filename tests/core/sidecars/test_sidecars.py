# SPDX-License-Identifier: GPL-3.0-or-later
"""Sidecars: every file as GRAIL's output contract has it, read back by a script that knows only that contract."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grail_addon.core.layout import ResultsLayout
from grail_addon.core.rotations import to_euler
from grail_addon.core.sidecars.write import (
    FrameGeometry,
    cam_k_txt,
    depth_exr,
    depth_png,
    mask_png,
    read_cam_k,
    read_camera_json,
    read_depth_exr,
    read_depth_png,
    read_mask,
    read_object_pose,
    write_sidecars,
)
from tests.box_world import VID, brick, camera_at, frame_of_boxes

READER = Path(__file__).with_name("read_as_grail.py")
F8 = "float64"


@pytest.fixture(scope="module")
def geometry() -> FrameGeometry:
    return frame_of_boxes(camera_at())[0]


@pytest.fixture(scope="module")
def results(geometry: FrameGeometry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with one frame's sidecars and the object's mesh as it stands in its own file."""
    folder = tmp_path_factory.mktemp("results")
    layout = ResultsLayout(folder)
    write_sidecars(layout, VID, geometry)
    mesh = brick()
    lines = [f"v {x} {y} {z}" for x, y, z in mesh.vertices] + [f"f {a} {b} {c}" for a, b, c in mesh.faces + 1]
    layout.mesh(VID.obj).parent.mkdir(parents=True)
    layout.mesh(VID.obj).write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def found(results: Path) -> dict[str, Any]:
    """What a Python that has never heard of this project reads."""
    child = subprocess.run(
        [sys.executable, "-I", str(READER), str(results / "generation"), str(VID.obj), str(VID)],
        cwd=results,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    data: dict[str, Any] = json.loads(child.stdout)
    return data


def array(shape: tuple[int, ...], values: Any) -> dict[str, Any]:
    return {"array": F8, "shape": list(shape), "values": np.asarray(values).reshape(shape).tolist(), "owns": True}


def plain(kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "value": value}


def test_camera_pickle(found: dict[str, Any], geometry: FrameGeometry) -> None:
    camera, obj = geometry.camera, geometry.obj
    assert found["camera"] == {
        "R": array((3, 3), camera.rotation),
        "t": array((3,), camera.position),
        "obj_R": array((3, 3), obj.rotation),
        "obj_euler": array((3, 1), to_euler(obj.rotation)),
        "obj_location": array((3, 1), obj.translation),
        "obj_t": array((3, 1), obj.translation),
        "obj_scale": array((3, 1), obj.scale),
        "focal_length": plain("float", camera.focal),
        "resolution": plain("tuple", [96, 64]),
    }


def test_first_frame_pose(found: dict[str, Any], geometry: FrameGeometry) -> None:
    camera, obj, person = geometry.camera, geometry.obj, geometry.character
    table = geometry.static_objects["table"]
    assert found["first_frame_pose"] == {
        "cam_R": array((3, 3), camera.rotation),
        "cam_t": array((3, 1), camera.position),
        "obj_R": array((3, 3), obj.rotation),
        "obj_t": array((3, 1), obj.translation),
        "obj_scale": array((3, 1), obj.scale),
        "character_R": array((3, 3), person.rotation),
        "character_t": array((3, 1), person.translation),
        "character_scale": array((3, 1), person.scale),
        "frame_height": plain("int", 64),
        "frame_width": plain("int", 96),
        "focal_length": plain("float", camera.focal),
        "static_objects": {
            "table": {
                "scale": array((3,), table.scale),
                "rot": array((3,), [0.0, 0.0, np.pi / 2]),
                "pos": array((3,), table.translation),
            }
        },
    }


def test_character_data(found: dict[str, Any], geometry: FrameGeometry) -> None:
    person = geometry.character
    assert found["character_data"] == {
        "character_name": plain("str", "kid"),
        "character_height": plain("float", 1.32),
        "character_scale": array((3,), person.scale),
        "character_R": array((3, 3), person.rotation),
        "character_t": array((3,), person.translation),
    }


def test_pickles_name_nothing_that_a_numpy_lacks(found: dict[str, Any]) -> None:
    assert found["globals"] == ["numpy.dtype", "numpy.ndarray"]


def test_intrinsics(found: dict[str, Any], results: Path, geometry: FrameGeometry) -> None:
    focal = float(np.hypot(96, 64))
    assert found["K"] == [[focal, 0, 48], [0, focal, 32], [0, 0, 1]]
    text = ResultsLayout(results).cam_k(VID).read_text()
    number = r"-?\d\.\d{18}e[+-]\d\d"
    assert re.fullmatch(rf"(?:{number} {number} {number}\n){{3}}", text)


def test_pictures(found: dict[str, Any]) -> None:
    assert found["png"] == {"depth": [96, 64, 16, 0], "masks": [96, 64, 8, 0], "human_masks": [96, 64, 8, 0]}
    assert found["levels"] == {"masks": [0, 255], "human_masks": [0, 255]}
    assert found["exr"] == {"channels": ["Z"], "dtype": "float32", "shape": [64, 96]}


def test_depth_in_millimetres_and_metres(found: dict[str, Any]) -> None:
    assert found["depth_difference"] <= 0.000501 and found["unknown_alike"]
    nearest, furthest = found["depth_range"]
    assert 1.0 < nearest < 3.0 < furthest < 60.0


def test_overlay(found: dict[str, Any]) -> None:
    """The stored vertices under the stored pose fill the mask, to the pixel on each side, and carry the depth."""
    seen = found["overlay"]
    inside = np.subtract(seen["mask_box"], seen["projected_box"]) * [1, 1, -1, -1]
    assert (inside >= -1e-6).all() and (inside <= 1.0).all()
    assert seen["pixels"] > 100 and seen["surface_error"] < 1e-5


def test_the_frame_is_a_test(geometry: FrameGeometry) -> None:
    """The person hides a part of the object, so whole and visible mask differ; the background is unknown."""
    assert geometry.object_visible.sum() > 100 and (geometry.object_mask & ~geometry.object_visible).sum() > 10
    assert (geometry.depth == 0).any() and geometry.human_mask.sum() > 100
    assert not np.allclose(geometry.obj.rotation, np.eye(3))


def test_the_pose_files_say_where_a_far_mesh_was(geometry: FrameGeometry, tmp_path: Path) -> None:
    layout, offset = ResultsLayout(tmp_path), np.array([500_123.0, 5_400_322.0, 312.0])
    write_sidecars(layout, VID, replace(geometry, mesh_offset=offset))
    assert json.loads(layout.camera_json(VID).read_text())["mesh_offset"] == offset.tolist()
    with layout.first_frame_pose(VID).open("rb") as handle:
        assert pickle.load(handle)["mesh_offset"].ravel().tolist() == offset.tolist()
    write_sidecars(layout, VID, geometry)
    assert "mesh_offset" not in json.loads(layout.camera_json(VID).read_text()), "a near one has its file's own origin"


def test_roles_and_places(results: Path, geometry: FrameGeometry, tmp_path: Path) -> None:
    layout = ResultsLayout(tmp_path)
    files = write_sidecars(layout, VID, geometry)
    assert {role: getattr(layout, role)(VID) for role in files} == files
    assert set(files) == {
        *("camera_pickle", "camera_json", "depth_png", "depth_exr", "cam_k", "object_mask", "object_visible_mask"),
        *("human_mask", "first_frame_pose", "character_data"),
    }
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == sorted(files.values()), "and nothing else"
    same = ResultsLayout(results)
    for role, path in files.items():
        assert path.read_bytes() == getattr(same, role)(VID).read_bytes(), f"{role} is repeatable"


def test_camera_json(results: Path, geometry: FrameGeometry) -> None:
    path = ResultsLayout(results).camera_json(VID)
    data = json.loads(path.read_text())
    assert set(data) == {
        *("schema", "video_id", "seed", "K", "resolution", "cam_to_world_blender", "cam_to_world_opencv"),
        *("object", "character", "static_objects"),
    }
    assert (data["schema"], data["video_id"], data["seed"]) == (1, str(VID), 3)
    blender, opencv = np.array(data["cam_to_world_blender"]), np.array(data["cam_to_world_opencv"])
    assert opencv == pytest.approx(blender @ np.diag([1, -1, -1, 1]))
    assert blender[:3, 3] == pytest.approx(geometry.camera.position) and blender[3].tolist() == [0, 0, 0, 1]
    # a point one metre ahead on the optical axis, in OpenCV's axes
    ahead = (opencv @ [0, 0, 1, 1])[:3]
    assert geometry.camera.project(ahead)[1] == pytest.approx([1.0])
    assert data["character"]["name"] == "kid" and data["character"]["height"] == 1.32
    assert data["static_objects"]["table"]["translation"] == [0, 0, -1]
    camera, pose = read_camera_json(path), read_object_pose(path)
    assert camera.cam_to_world.tolist() == geometry.camera.cam_to_world.tolist()
    assert (camera.focal, camera.width, camera.height) == (geometry.camera.focal, 96, 64)
    for name in ("rotation", "translation", "scale"):
        assert getattr(pose, name).tolist() == getattr(geometry.obj, name).tolist()


depths = hnp.arrays(np.float32, (5, 7), elements=st.floats(0, 100, width=32))


@given(depths)
def test_depth_round_trips(tmp_path_factory: pytest.TempPathFactory, depth: np.ndarray) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "d.png").write_bytes(depth_png(depth))
    back = read_depth_png(folder / "d.png")
    within = depth <= 65.535
    assert np.abs(back - depth.astype(np.float64))[within].max(initial=0.0) <= 0.0005 + 1e-12
    assert (back[~within] == 65.535).all(), "clipped, not wrapped around"
    (folder / "d.exr").write_bytes(depth_exr(depth))
    assert read_depth_exr(folder / "d.exr").tobytes() == depth.tobytes()


def test_depth_that_is_no_number_is_unknown(tmp_path: Path) -> None:
    depth = np.array([[np.nan, np.inf, -np.inf, -1.0, 0.0, 2.0]], dtype=np.float32)
    (tmp_path / "d.png").write_bytes(depth_png(depth))
    assert read_depth_png(tmp_path / "d.png").tolist() == [[0, 0, 0, 0, 0, 2]]


@given(hnp.arrays(np.bool_, (4, 6)))
def test_masks_round_trip(tmp_path_factory: pytest.TempPathFactory, mask: np.ndarray) -> None:
    path = tmp_path_factory.getbasetemp() / "m.png"
    path.write_bytes(mask_png(mask))
    assert np.array_equal(read_mask(path), mask)


@given(hnp.arrays(np.float64, (3, 3), elements=st.floats(-1e6, 1e6)))
def test_intrinsics_round_trip_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, K: np.ndarray) -> None:
    path = tmp_path_factory.getbasetemp() / "cam_K.txt"
    path.write_bytes(cam_k_txt(K))
    assert read_cam_k(path).tolist() == K.tolist()
