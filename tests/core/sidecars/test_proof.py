# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of a frame: what was truly written passes, and each thing that is spoilt is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grail_addon.core.layout import ResultsLayout
from grail_addon.core.pose import Pose
from grail_addon.core.rotations import about_z, from_euler_deg
from grail_addon.core.sidecars.proof import Proof, Truth, prove
from grail_addon.core.sidecars.write import (
    FrameGeometry,
    cam_k_txt,
    depth_exr,
    depth_png,
    mask_png,
    read_depth_exr,
    read_depth_png,
    read_mask,
    sidecar_files,
    write_sidecars,
)
from tests.box_world import OBJECT, PERSON, STANDING, UPRIGHT, VID, Box, camera_at, frame_of_boxes, look


@pytest.fixture(scope="module")
def frame() -> tuple[FrameGeometry, Truth]:
    return frame_of_boxes(camera_at())


@pytest.fixture
def layout(frame: tuple[FrameGeometry, Truth], tmp_path: Path) -> ResultsLayout:
    found = ResultsLayout(tmp_path)
    write_sidecars(found, VID, frame[0])
    return found


def proof_of(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth]) -> Proof:
    return prove(sidecar_files(layout, VID), frame[0].camera, frame[1])


degrees = st.floats(-180, 180)


@settings(max_examples=15)
@given(degrees, st.tuples(degrees, degrees, degrees), st.floats(1.2, 6.0), st.tuples(*[st.floats(-0.2, 0.2)] * 2))
def test_true_frames_are_proved(
    tmp_path_factory: pytest.TempPathFactory,
    azimuth: float,
    turn: tuple[float, float, float],
    radius: float,
    at: tuple[float, float],
) -> None:
    obj = Pose(from_euler_deg(turn), np.array([*at, 0.5]), STANDING.scale)
    frame = frame_of_boxes(camera_at(azimuth, radius), obj)
    layout = ResultsLayout(tmp_path_factory.getbasetemp() / "true")
    write_sidecars(layout, VID, frame[0])
    proof = proof_of(layout, frame)
    assert proof.proved, proof.problems
    assert {"floor"} <= set(proof.surface_error_mm) <= {"object", "character", "floor"}
    assert all(0.0 < error <= 0.75 for error in proof.surface_error_mm.values()), "what 16 bits leave, and no less"


def test_what_is_measured(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth]) -> None:
    proof = proof_of(layout, frame)
    assert proof.proved and set(proof.surface_error_mm) == {"object", "character", "floor"}
    data = json.loads(json.dumps(proof.to_json()))
    assert (
        data["proved"] is True
        and data["problems"] == []
        and set(data)
        == {
            *("surface_error_mm", "outline_error_px", "problems", "proved"),
        }
    )


Spoil = Callable[[ResultsLayout, FrameGeometry], None]


def exr(change: Callable[[np.ndarray], np.ndarray]) -> Spoil:
    def spoil(layout: ResultsLayout, _: FrameGeometry) -> None:
        path = layout.depth_exr(VID)
        path.write_bytes(depth_exr(change(read_depth_exr(path)).astype(np.float32)))

    return spoil


def png(change: Callable[[np.ndarray], np.ndarray]) -> Spoil:
    def spoil(layout: ResultsLayout, _: FrameGeometry) -> None:
        path = layout.depth_png(VID)
        path.write_bytes(depth_png(change(read_depth_png(path)).astype(np.float32)))

    return spoil


def mask(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Spoil:
    def spoil(layout: ResultsLayout, _: FrameGeometry) -> None:
        path = getattr(layout, name)(VID)
        path.write_bytes(mask_png(change(read_mask(path))))

    return spoil


def swapped(a: str, b: str) -> Spoil:
    def spoil(layout: ResultsLayout, _: FrameGeometry) -> None:
        one, other = (getattr(layout, name)(VID) for name in (a, b))
        one_bytes, other_bytes = one.read_bytes(), other.read_bytes()
        one.write_bytes(other_bytes)
        other.write_bytes(one_bytes)

    return spoil


def camera_file(change: Callable[[dict[str, Any]], None]) -> Spoil:
    def spoil(layout: ResultsLayout, _: FrameGeometry) -> None:
        path = layout.camera_json(VID)
        data = json.loads(path.read_text())
        change(data)
        path.write_text(json.dumps(data))

    return spoil


def rewritten(change: Callable[[FrameGeometry], FrameGeometry]) -> Spoil:
    def spoil(layout: ResultsLayout, geometry: FrameGeometry) -> None:
        write_sidecars(layout, VID, change(geometry))

    return spoil


def focal_in_text(layout: ResultsLayout, geometry: FrameGeometry) -> None:
    layout.cam_k(VID).write_bytes(cam_k_txt(replace(geometry.camera, focal=geometry.camera.focal * 1.001).K))


def nudged(data: dict[str, Any], key: str, by: float) -> None:
    data[key][0][3] += by


def scaled_focal(data: dict[str, Any], by: float) -> None:
    data["K"][0][0] *= by
    data["K"][1][1] *= by


def other_objects_mask(_: np.ndarray) -> np.ndarray:
    """The same brick a hand's breadth further."""
    moved = Pose(STANDING.rotation, STANDING.translation + np.array([0.1, 0.0, 0.0]), STANDING.scale)
    return look(camera_at(), [Box(moved)])[1] == OBJECT


def wider(found: np.ndarray) -> np.ndarray:
    return found | np.roll(found, 3, axis=1) | np.roll(found, -3, axis=1)


TILT = about_z(0.02)
SPOILT: dict[str, tuple[Spoil, str]] = {
    "float depth 3 mm further": (exr(lambda d: d + 0.003), "Depth of floor is off its surface"),
    "float depth 3 mm nearer": (exr(lambda d: d - 0.003), "Depth of floor is off its surface"),
    "16-bit depth 3 mm further": (png(lambda d: d + 0.003), "Depth of floor is off its surface"),
    "16-bit depth in centimetres": (png(lambda d: d / 10), "Depth of object is off"),
    "depth along the ray": (exr(lambda d: d * along_the_ray()), "Depth of floor is off"),
    "depth mirrored": (exr(lambda d: d[:, ::-1]), "Depth of"),
    "depth one row off": (exr(lambda d: np.roll(d, 1, axis=0)), "Depth of floor is off"),
    "depth of nothing": (exr(np.zeros_like), "Depth of object is off"),
    "16-bit depth of nothing": (png(np.zeros_like), "Depth of object is off"),
    "depth out of reach": (exr(lambda d: np.full_like(d, 100.0)), "Depth of object is off"),
    "wrong focal length in cam_K.txt": (focal_in_text, "cam_K.txt does not hold the intrinsics"),
    "wrong focal length everywhere": (
        rewritten(lambda g: replace(g, camera=replace(g.camera, focal=g.camera.focal * 1.01))),
        "cam_K.txt does not hold the intrinsics",
    ),
    "wrong focal length in the camera file": (
        camera_file(lambda d: scaled_focal(d, 1.001)),
        "camera file does not hold the intrinsics",
    ),
    "wrong size in the camera file": (
        camera_file(lambda d: d.update(resolution=[94, 64])),
        "camera file does not hold the intrinsics",
    ),
    "camera moved": (camera_file(lambda d: nudged(d, "cam_to_world_blender", 0.001)), "pose that was rendered"),
    "camera turned": (
        rewritten(lambda g: replace(g, camera=replace(g.camera, rotation=TILT @ g.camera.rotation))),
        "pose that was rendered",
    ),
    "object moved 1 mm": (
        rewritten(lambda g: replace(g, obj=replace(g.obj, translation=g.obj.translation + np.array([0, 0, 0.001])))),
        "under the written pose is off by up to 1.00 mm",
    ),
    "object turned": (
        rewritten(lambda g: replace(g, obj=replace(g.obj, rotation=TILT @ g.obj.rotation))),
        "written pose",
    ),
    "rotation transposed": (
        camera_file(lambda d: d["object"].update(rotation=np.transpose(d["object"]["rotation"]).tolist())),
        "written pose",
    ),
    "object unscaled": (camera_file(lambda d: d["object"].update(scale=[1, 1, 1])), "written pose"),
    "masks of object and person swapped": (
        swapped("object_mask", "human_mask"),
        "outlines of the object's mask and of its mesh",
    ),
    "visible masks swapped": (swapped("object_visible_mask", "human_mask"), "visible mask of the object is wrong"),
    "whole and visible mask swapped": (swapped("object_mask", "object_visible_mask"), "visible mask of the object"),
    "mask of another object": (mask("object_mask", other_objects_mask), "px apart"),
    "visible mask of another object": (mask("object_visible_mask", other_objects_mask), "lie outside its silhouette"),
    "mask too wide": (mask("object_mask", wider), "px apart"),
    "mask too narrow": (mask("object_mask", lambda m: ~wider(~m)), "px apart"),
    "mask inverted": (mask("object_mask", np.logical_not), "px apart"),
    "empty mask": (mask("object_mask", np.zeros_like), "px apart"),
    "empty person": (mask("human_mask", np.zeros_like), "visible mask of the person is wrong"),
    "mask of another size": (mask("object_mask", lambda m: m[:, :-1]), "differ in size from the frame (96 x 64)"),
    "person of another size": (mask("human_mask", lambda m: m[::2, ::2]), "differ in size"),
    "depth of another size": (exr(lambda d: d[:-1]), "differ in size"),
    "sides exchanged": (png(np.transpose), "differ in size"),
}


def along_the_ray() -> np.ndarray:
    camera = camera_at()
    return np.linalg.norm(camera.unproject_map(np.ones((64, 96))) - camera.position, axis=2)


@pytest.mark.parametrize("what", SPOILT)
def test_spoilt_frames_are_caught(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], what: str) -> None:
    spoil, says = SPOILT[what]
    assert proof_of(layout, frame).proved
    spoil(layout, frame[0])
    proof = proof_of(layout, frame)
    assert not proof.proved and not proof.to_json()["proved"]
    assert any(says in problem for problem in proof.problems), proof.problems


def test_rounding_is_no_fault(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth]) -> None:
    exr(lambda d: d + np.float32(0.0004))(layout, frame[0])
    camera_file(lambda d: nudged(d, "cam_to_world_blender", 1e-12))(layout, frame[0])
    assert proof_of(layout, frame).proved


def test_a_cut_out_is_proved_by_what_is_drawn_of_it(
    layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], tmp_path: Path
) -> None:
    """Holes belong neither to the mask nor to the drawing; a mask that has others, or is whole, is not proved."""
    geometry, truth = frame
    holes = np.indices(geometry.object_mask.shape)[1] % 4 == 0
    ids = np.where(holes & (truth.id_map == OBJECT), 0, truth.id_map)
    cut = replace(geometry, object_mask=geometry.object_mask & ~holes, object_visible=ids == OBJECT)
    told = replace(truth, id_map=ids, drawn=cut.object_mask)
    write_sidecars(layout, VID, cut)
    assert proof_of(layout, (cut, told)).proved
    assert not proof_of(layout, (cut, replace(told, drawn=None))).proved
    for other in (geometry.object_mask, np.roll(cut.object_mask, 1, axis=1), np.roll(cut.object_mask, 4, axis=1)):
        write_sidecars(layout, VID, replace(cut, object_mask=other | cut.object_visible))
        assert "object_mask" in proof_of(layout, (cut, told)).at_fault
    beyond = np.roll(cut.object_mask, 8, axis=1) | cut.object_visible
    write_sidecars(layout, VID, replace(cut, object_mask=beyond))
    assert not proof_of(layout, (cut, replace(told, drawn=beyond))).proved, "a drawing beside the mesh"


def test_one_spoilt_thing_is_named_alone(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth]) -> None:
    person = frame[1].id_map == PERSON
    exr(lambda d: d + np.where(person, 0.003, 0.0))(layout, frame[0])
    proof = proof_of(layout, frame)
    assert len(proof.problems) == 1 and "Depth of character" in proof.problems[0]
    assert 1.0 < proof.surface_error_mm["character"] <= 3.6 and proof.surface_error_mm["floor"] < 1.0


def proved(camera_radius: float, obj: Pose, folder: Path, person: Pose = UPRIGHT, **size: Any) -> Proof:
    frame = frame_of_boxes(camera_at(radius=camera_radius, **size), obj, person)
    layout = ResultsLayout(folder)
    write_sidecars(layout, VID, frame[0])
    return proof_of(layout, frame)


def test_objects_that_leave_the_frame(tmp_path: Path) -> None:
    right = camera_at().rotation[:, 0]
    cut = Pose(STANDING.rotation, STANDING.translation + 1.0 * right, STANDING.scale)
    out = Pose(STANDING.rotation, STANDING.translation + 9.0 * right, STANDING.scale)
    behind = Pose(STANDING.rotation, camera_at().position + camera_at().rotation[:, 2], STANDING.scale)
    around = Pose(STANDING.rotation, camera_at().position - [0.0, 0.0, 0.6], STANDING.scale * [9, 9, 1])
    for n, obj in enumerate((cut, out, behind, around)):
        proof = proved(2.5, obj, tmp_path / str(n))
        assert proof.proved, proof.problems


def test_far_away_counts_in_proportion(tmp_path: Path) -> None:
    """A backdrop beyond the reach of 16 bits: single precision is no fault there, a wrong depth is."""
    frame = frame_of_boxes(camera_at())
    geometry, truth = frame
    far = truth.id_map == 0
    camera = geometry.camera
    ids, depth = np.where(far, 9, truth.id_map), np.where(far, 300.0, geometry.depth)
    forward = -camera.rotation[:, 2]

    def wall(points: np.ndarray) -> np.ndarray:
        return np.abs((points - camera.position) @ forward - 300.0)

    truth = replace(truth, id_map=ids, surfaces={**truth.surfaces, 9: ("sky", wall)})
    for number, (error, fine) in enumerate([(0.002, True), (0.02, False), (-250.0, False)]):
        layout = ResultsLayout(tmp_path / str(number))
        spoilt = np.where(far, depth + error, depth).astype(np.float32)
        write_sidecars(layout, VID, replace(geometry, depth=spoilt))
        assert proof_of(layout, (geometry, truth)).proved is fine, error


def test_things_without_a_pixel_are_left_out(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth]) -> None:
    truth = replace(frame[1], surfaces={**frame[1].surfaces, 99: ("lamp", lambda points: np.full(len(points), 5.0))})
    proof = prove(sidecar_files(layout, VID), frame[0].camera, truth)
    assert proof.proved and "lamp" not in proof.surface_error_mm


FAULTY: list[tuple[str, set[str]]] = [
    ("float depth 3 mm further", {"depth_exr"}),
    ("16-bit depth 3 mm further", {"depth_png"}),
    ("wrong focal length in cam_K.txt", {"cam_k"}),
    ("wrong size in the camera file", {"camera_json"}),
    ("empty person", {"human_mask"}),
    ("mask of another size", {"object_mask"}),
]


@pytest.mark.parametrize(("what", "roles"), FAULTY)
def test_the_file_at_fault_is_known(
    layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], what: str, roles: set[str]
) -> None:
    assert not proof_of(layout, frame).at_fault
    SPOILT[what][0](layout, frame[0])
    proof = proof_of(layout, frame)
    assert set(proof.at_fault) == roles and set(proof.at_fault.values()) <= set(proof.problems)


READ = ["camera_json", "cam_k", "depth_png", "depth_exr", "object_mask", "object_visible_mask", "human_mask"]


@pytest.mark.parametrize("role", READ)
def test_files_that_are_gone_or_rubbish(layout: ResultsLayout, frame: tuple[FrameGeometry, Truth], role: str) -> None:
    path: Path = getattr(layout, role)(VID)
    path.write_bytes(path.read_bytes()[:20])
    broken = proof_of(layout, frame)
    path.unlink()
    gone = proof_of(layout, frame)
    for proof, says in ((broken, "cannot be read"), (gone, "is missing")):
        assert not proof.proved and set(proof.at_fault) == {role}
        (problem,) = proof.problems
        assert path.name in problem and role in problem and says in problem
