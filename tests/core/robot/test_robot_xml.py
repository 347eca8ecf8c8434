# SPDX-License-Identifier: GPL-3.0-or-later
"""Robots from MuJoCo XML: bodies where MuJoCo itself puts them, and a sentence for what cannot be read."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.errors import InputError
from grail_addon.core.robot.anatomy import part_shapes, robot_joints
from grail_addon.core.robot.frames import from_quat_wxyz
from grail_addon.core.robot.kinematics import body_frames, key_state, rest_state, with_joints
from grail_addon.core.robot.model import RobotModel, read_robot
from grail_addon.core.robot.shapes import shape_mesh
from tests import mujoco_poses

REFERENCE = json.loads((Path(__file__).parent / "mujoco_poses.json").read_text(encoding="utf-8"))
TENTH_MM = 1e-4


@pytest.mark.parametrize("name", ["g1", "all_features"])
def test_bodies_and_shapes_are_where_mujoco_puts_them(name: str) -> None:
    path = mujoco_poses.robots()[name]
    assert path.is_file(), f"{path} is missing; run `python tests/fetch_outside.py`"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == REFERENCE[name]["sha256"]
    model = read_robot(path)
    for state in REFERENCE[name]["states"]:
        asked = replace(model, keys={"asked": np.array(state["qpos"])})
        frames = body_frames(asked, key_state(asked, "asked"))
        for body, frame in zip(model.bodies, frames, strict=True):
            wanted = np.array(state["bodies"][body.name])
            assert np.abs(frame.position - wanted[:3]).max() < TENTH_MM, body.name
            assert np.abs(frame.rotation - from_quat_wxyz(wanted[3:])).max() < 1e-6, body.name
            for shape in body.shapes:
                if shape.name in state["geoms"]:
                    place, goal = frame @ shape.frame, np.array(state["geoms"][shape.name])
                    assert np.abs(place.position - goal[:3]).max() < TENTH_MM, shape.name
                    _same_up_to_symmetry(shape.kind, place.rotation, from_quat_wxyz(goal[3:]))


def _same_up_to_symmetry(kind: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    if kind in ("capsule", "cylinder"):
        assert abs(abs(ours[:, 2] @ theirs[:, 2]) - 1.0) < 1e-6
    elif kind != "sphere":
        assert np.abs(ours - theirs).max() < 1e-6


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return read_robot(mujoco_poses.robots()["g1"])


def test_the_g1_is_whole(g1: RobotModel) -> None:
    assert (len(g1.bodies), len(g1.joints)) == (32, 29)
    shapes = [shape for body in g1.bodies for shape in body.shapes]
    assert not any("logo" in shape.mesh for shape in shapes) and any("logo_link" in note for note in g1.notes)
    assert len({shape.mesh for shape in shapes if shape.mesh}) == 34
    assert not any("collision" in shape.name for shape in shapes)
    assert len(g1.files) == 35 and all(file.is_file() for file in g1.files)


def test_the_g1_stands_as_tall_as_it_is(g1: RobotModel) -> None:
    frames = body_frames(g1, rest_state(g1))
    points = np.concatenate(
        [f.points(shape_mesh(g1, s).vertices) for b, f in zip(g1.bodies, frames, strict=True) for s in b.shapes]
    )
    assert np.ptp(points[:, 2]) == pytest.approx(1.3228, abs=1e-3)


def test_parts_and_joints_of_the_g1(g1: RobotModel) -> None:
    frames = body_frames(g1, rest_state(g1))
    points = {
        (b, s): frames[b].points(shape_mesh(g1, shape).vertices)
        for b, body in enumerate(g1.bodies)
        for s, shape in enumerate(body.shapes)
    }
    parts = part_shapes(g1)
    assert set(parts) == {"head", "left_hand", "right_hand", "left_foot", "right_foot"}
    found = robot_joints(g1, frames, points)
    for side, sign in (("left", 1), ("right", -1)):
        chain = [found[f"{side}_{name}"] for name in ("hip", "knee", "ankle")]
        assert [round(float(p[2]), 2) for p in chain] == [0.69, 0.35, 0.04]
        assert all(sign * found[f"{side}_{n}"][1] > 0 for n in ("shoulder", "elbow", "wrist", "fingertips", "toes"))
        assert found[f"{side}_toes"][0] > found[f"{side}_ankle"][0]
    assert found["head_top"][2] == pytest.approx(1.3236, abs=1e-3)


def test_all_features_is_read_as_meant() -> None:
    model = read_robot(mujoco_poses.robots()["all_features"])
    assert model.bodies[0].name == "trunk" and any("left out: crate" in note for note in model.notes)
    assert rest_state(model).name == "reach"
    for body in model.bodies:
        for shape in body.shapes:
            mesh = shape_mesh(model, shape)
            a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
            assert float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) > 0, f"{shape.name} is inside out"


def test_joints_are_set_by_name_and_within_their_range(g1: RobotModel, tmp_path: Path) -> None:
    file = tmp_path / "bent.json"
    bent = with_joints(g1, rest_state(g1), {"left_knee_joint": 0.5}, file)
    assert bent.joints["left_knee_joint"] == [0.5] and bent.name == "bent"
    with pytest.raises(InputError, match=r"no joint left_knee that.*left_knee_joint"):
        with_joints(g1, rest_state(g1), {"left_knee": 0.5}, file)
    with pytest.raises(InputError, match="left_knee_joint at 200 degrees is beyond its range, -5 to 165"):
        with_joints(g1, rest_state(g1), {"left_knee_joint": math.radians(200)}, file)


BALL = '<worldbody><body><geom size="0.1"/></body></worldbody>'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no well-formed XML"),
        ("<mujoco>", "no well-formed XML"),
        ("<robot/>", "a URDF file, not a MuJoCo model"),
        ("<mujoco/>", "holds no robot"),
        (f'<!DOCTYPE x [<!ENTITY a "b">]><mujoco>{BALL}</mujoco>', "document type"),
        ('<mujoco><include file="gone.xml"/></mujoco>', "cannot be read: No such file"),
        (f'<mujoco><include file="robot.xml"/>{BALL}</mujoco>', "included more than once"),
        ('<mujoco><worldbody><body pos="1 2"/></worldbody></mujoco>', "`1 2` should be 3 numbers"),
        ('<mujoco><worldbody><body pos="1 2 nan"/></worldbody></mujoco>', "should be 3 numbers"),
        ('<mujoco><worldbody><body quat="0 0 0 0"/></worldbody></mujoco>', "quaternion has no length"),
        ('<mujoco><worldbody><body><geom class="x" size="1"/></body></worldbody></mujoco>', "class x of a geom"),
        ('<mujoco><worldbody><body><joint type="spring"/></body></worldbody></mujoco>', "joint of type spring"),
        ('<mujoco><worldbody><body><joint name="k" axis="0 0 0"/></body></worldbody></mujoco>', "axis of k has no direction"),
        ("<mujoco><worldbody>" + "<body>" * 3000 + "</body>" * 3000 + "</worldbody></mujoco>", "more than 200 deep"),
        ('<mujoco><worldbody><replicate count="3"><body/></replicate></worldbody></mujoco>', "no <body>. <replicate> is not read"),
        (
            '<mujoco><asset><mesh name="a" file="package://r/a.stl"/></asset>'
            '<worldbody><body><geom mesh="a"/></body></worldbody></mujoco>',
            "instead of package://",
        ),
        ('<mujoco><worldbody><body><geom mesh="arm"/></body></worldbody></mujoco>', "does not name: arm"),
        (
            '<mujoco><asset><mesh file="arm.stl"/></asset><worldbody><body><geom mesh="arm"/></body></worldbody></mujoco>',
            "arm.stl is missing",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_a_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "robot.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=sentence) as caught:
        read_robot(path)
    assert str(path.parent) in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"solid x\nendsolid", b"\0" * 84, b"\0" * 80 + b"\x05\0\0\0" + b"\0" * 50])
def test_a_broken_mesh_is_said_in_a_sentence(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "arm.stl").write_bytes(data)
    path = tmp_path / "robot.xml"
    path.write_text(
        '<mujoco><asset><mesh file="arm.stl"/></asset><worldbody><body><geom mesh="arm"/></body></worldbody></mujoco>'
    )
    model = read_robot(path)
    with pytest.raises(InputError, match=r"arm\.stl cannot be read as STL"):
        shape_mesh(model, model.bodies[0].shapes[0])


def test_geoms_of_collisions_are_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "robot.xml"
    geoms = (
        '<geom name="seen" size="0.1" contype="0" conaffinity="0"/><geom name="hit" size="0.2"/>'
        '<geom name="grouped" size="0.3" group="3"/><geom name="clear" size="0.3" rgba="1 0 0 0"/>'
    )
    path.write_text(f"<mujoco><worldbody><body>{geoms}</body></worldbody></mujoco>", encoding="utf-8")
    assert [shape.name for shape in read_robot(path).bodies[0].shapes] == ["seen"]
    path.write_text(path.read_text().replace(' contype="0" conaffinity="0"', ""), encoding="utf-8")
    assert [shape.name for shape in read_robot(path).bodies[0].shapes] == ["seen", "hit"]
