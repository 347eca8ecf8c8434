# SPDX-License-Identifier: GPL-3.0-or-later
"""The G1 as a character: on its soles, facing -Y, its joints and parts where its bodies are, its pose from a file."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.errors import InputError  # noqa: E402
from grail_addon.core.pose import Pose  # noqa: E402
from grail_addon.core.rotations import about_z  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.person.body_parts import joined_parts, part_pieces  # noqa: E402
from grail_addon.stage.person.character import (  # noqa: E402
    CharacterHandle,
    CharacterSettings,
    evaluated_mesh,
    joints,
)
from tests import mujoco_poses  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]


def load(pose: Path | None = None, **settings: object) -> CharacterHandle:
    path = mujoco_poses.robots()["g1"]
    return samples.import_character(path, CharacterSettings(init_pose_file=pose, **settings), "g1")


def test_it_stands_on_its_soles_and_faces_minus_y() -> None:
    handle = load()
    low, high = drain(evaluated_mesh(handle)).bounds
    assert abs(low[2]) < 1e-6 and high[2] - low[2] == pytest.approx(1.3228, abs=1e-3)
    found = joints(handle)
    assert found["left_wrist"][0] > 0.05 and found["right_wrist"][0] < -0.05
    for side in ("left", "right"):
        assert found[f"{side}_toes"][1] < found[f"{side}_ankle"][1] - 0.1
    parts = joined_parts(drain(part_pieces(handle)))
    assert parts["left_foot"][:, 2].min() < 0.005 and parts["head"][:, 2].max() == pytest.approx(high[2], abs=1e-3)
    feet = np.concatenate([parts["left_foot"], parts["right_foot"]])
    assert np.abs((feet.min(axis=0) + feet.max(axis=0))[:2] / 2).max() < 0.01


def test_it_moves_as_a_whole() -> None:
    here, there = load(), load(position=(1.0, 2.0, 0.5), rotation_deg=(0.0, 0.0, 90.0))
    moved = drain(evaluated_mesh(here)).vertices @ about_z(math.pi / 2).T + [1.0, 2.0, 0.5]
    assert np.abs(moved - drain(evaluated_mesh(there)).vertices).max() < 1e-5
    for name, point in joints(here).items():
        assert np.abs(about_z(math.pi / 2) @ point + [1.0, 2.0, 0.5] - joints(there)[name]).max() < 1e-5


def test_a_pose_file_bends_it_and_it_still_stands(tmp_path: Path) -> None:
    file = tmp_path / "crouch.json"
    file.write_text(json.dumps({"left_elbow_joint": 51.5, "left_knee_joint": 30, "right_knee_joint": 30}))
    handle = load(file)
    assert abs(drain(evaluated_mesh(handle)).bounds[0][2]) < 1e-6
    assert handle.robot is not None and handle.robot.record.state == "crouch"
    assert handle.robot.record.joints["left_knee_joint"] == [math.radians(30)]
    for text, sentence in (("[1]", "mapping of joint"), ('{"left_knee_joint": true}', "one number"), ("{", "as JSON")):
        file.write_text(text)
        with pytest.raises(InputError, match=sentence):
            load(file)


def test_the_record_leads_back_to_the_bodies() -> None:
    """Root place and joints of the record, put through MuJoCo's own poses, give the surface that is there."""
    handle = load()
    assert handle.robot is not None
    stood = Pose(about_z(0.4), np.array([0.3, -0.2, 0.1]), np.ones(3))
    record = handle.robot.record.placed(stood)
    state = json.loads((Path(mujoco_poses.FOLDER) / "mujoco_poses.json").read_text())["g1"]["states"][0]
    assert [v for values in record["joint_values"] for v in values] == state["qpos"][7:]
    root, knee = (np.array(state["bodies"][name][:3]) for name in ("pelvis", "left_knee_link"))
    w, x, y, z = record["root_quat_wxyz"]
    assert (x, y) == pytest.approx((0, 0)) and 2 * math.atan2(z, w) == pytest.approx(0.4 - math.pi / 2)
    world = about_z(0.4 - math.pi / 2) @ (knee - root) + record["root_position"]
    assert np.abs(stood.rotation @ joints(handle)["left_knee"] + stood.translation - world).max() < 1e-4
