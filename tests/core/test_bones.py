# SPDX-License-Identifier: GPL-3.0-or-later
"""Bone names of the common rigs find the right joints, and helper bones don't."""

from __future__ import annotations

import pytest

from grail_addon.core.bones import JointSource, joint_sources

GAME_ENGINE = (
    "Root pelvis spine_01 neck_01 head clavicle_l upperarm_l upperarm_twist_01_l lowerarm_l hand_l ik_hand_l index_01_l "
    "middle_01_l middle_02_l middle_03_l thigh_l calf_l foot_l ball_l upperarm_r lowerarm_r hand_r thigh_r calf_r foot_r"
)
MIXAMO = (
    "mixamorig:Hips mixamorig:Neck mixamorig:Head mixamorig:HeadTop_End mixamorig:LeftShoulder mixamorig:LeftArm "
    "mixamorig:LeftForeArm mixamorig:LeftHand mixamorig:LeftHandIndex1 mixamorig:LeftHandMiddle1 "
    "mixamorig:LeftHandMiddle3 mixamorig:LeftHandMiddle4 mixamorig:LeftUpLeg mixamorig:LeftLeg mixamorig:LeftFoot "
    "mixamorig:LeftToeBase mixamorig:LeftToe_End mixamorig:RightHand"
)


def test_game_engine() -> None:
    joints = joint_sources(GAME_ENGINE.split())
    assert joints["pelvis"] == ("pelvis", "head")
    assert joints["head"] == ("head", "head") and joints["head_top"] == ("head", "tail")
    assert joints["left_shoulder"].bone == "upperarm_l" and joints["left_elbow"].bone == "lowerarm_l"
    assert joints["left_wrist"] == ("hand_l", "head")
    assert joints["left_knuckles"] == ("middle_01_l", "head")
    assert joints["left_fingertips"] == ("middle_03_l", "tail")
    assert joints["left_ball"] == ("ball_l", "head") and joints["left_toes"] == ("ball_l", "tail")
    # the right side has neither fingers nor toes in this list
    assert joints["right_fingertips"] == ("hand_r", "tail") and joints["right_toes"] == ("foot_r", "tail")
    assert "right_knuckles" not in joints and "right_ball" not in joints


def test_mixamo() -> None:
    joints = joint_sources(MIXAMO.split())
    assert joints["head_top"] == JointSource("mixamorig:HeadTop_End", "head")
    assert joints["left_shoulder"].bone == "mixamorig:LeftArm"
    assert joints["left_fingertips"] == JointSource("mixamorig:LeftHandMiddle3", "tail")
    assert joints["left_hip"].bone == "mixamorig:LeftUpLeg" and joints["left_knee"].bone == "mixamorig:LeftLeg"
    assert joints["left_ball"].bone == "mixamorig:LeftToeBase"
    assert joints["right_wrist"].bone == "mixamorig:RightHand"


@pytest.mark.parametrize(
    ("bone", "joint"),
    [
        ("CC_Base_L_Upperarm", "left_shoulder"),
        ("Bip01 R UpperArm", "right_shoulder"),
        ("upper_arm.L", "left_shoulder"),
        ("upperarm01.R", "right_shoulder"),
        ("lHand", "left_wrist"),
        ("DEF-shin.R", "right_knee"),
        ("hips", "pelvis"),
    ],
)
def test_other_styles(bone: str, joint: str) -> None:
    assert joint_sources([bone])[joint] == (bone, "head")


@pytest.mark.parametrize("bone", ["ik_foot_l", "upperarm_twist_01_l", "hand.L.ik", "jaw", "eye_l", "spine_03", ""])
def test_helpers_are_no_joints(bone: str) -> None:
    assert joint_sources([bone]) == {}


def test_order_of_bones_does_not_matter() -> None:
    bones = GAME_ENGINE.split()
    assert joint_sources(bones) == joint_sources(reversed(bones))
