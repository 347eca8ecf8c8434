# SPDX-License-Identifier: GPL-3.0-or-later
"""Bone names of the common rigs find the right joints, and helper bones don't."""

from __future__ import annotations

import pytest

from grail_addon.core.bones import JointSource, body_bones, joint_sources

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
        ("finger3-1.L", "left_knuckles"),
        ("Bip01 L Finger2", "left_knuckles"),
        ("Bip001 R Finger2", "right_knuckles"),
        ("leftMiddleProximal", "left_knuckles"),
        ("neckLower", "neck"),
    ],
)
def test_other_styles(bone: str, joint: str) -> None:
    assert joint_sources([bone])[joint] == (bone, "head")


@pytest.mark.parametrize(
    "bone",
    [
        "finger2-1.L",
        "finger1-1.R",
        "Bip01 L Finger1",
        "Bip01 L Finger3",
        "ik_foot_l",
        "upperarm_twist_01_l",
        "hand.L.ik",
        "jaw",
        "eye_l",
        "spine_03",
        "",
    ],
)
def test_helpers_are_no_joints(bone: str) -> None:
    assert joint_sources([bone]) == {}


def test_order_of_bones_does_not_matter() -> None:
    bones = GAME_ENGINE.split()
    assert joint_sources(bones) == joint_sources(reversed(bones))


def test_numbered_fingers_reach_to_the_tip() -> None:
    bones = ["wrist.L", "lowerarm01.L", "finger2-3.L", "finger3-1.L", "finger3-2.L", "finger3-3.L", "finger4-1.L"]
    joints = joint_sources(bones)
    assert joints["left_knuckles"] == ("finger3-1.L", "head") and joints["left_fingertips"] == ("finger3-3.L", "tail")
    biped = [f"Bip01 L Finger{n}" for n in ("0", "1", "2", "21", "22", "3", "31")]
    assert joint_sources(biped)["left_knuckles"].bone == "Bip01 L Finger2"
    assert joint_sources(biped)["left_fingertips"].bone == "Bip01 L Finger22"


def test_body_models_name_the_toes_foot() -> None:
    """SMPL-X has hip, knee, ankle and foot, and its foot begins at the toes."""
    leg = ["left_hip", "left_knee", "left_ankle", "left_foot"]
    joints = joint_sources([*leg, "left_elbow", "left_wrist", "left_middle1", "left_middle3"])
    assert joints["left_ankle"] == ("left_ankle", "head") and joints["left_ball"] == ("left_foot", "head")
    assert joints["left_toes"] == ("left_foot", "tail") and joints["left_fingertips"] == ("left_middle3", "tail")
    assert body_bones(["left_elbow", "left_eye_smplhf"])["left_eye"] == "left_eye_smplhf"
    # one that has no ankle has a foot
    assert joint_sources(["left_elbow", "left_knee", "left_foot"])["left_ankle"].bone == "left_foot"


def test_fingers_whose_bones_have_names() -> None:
    bones = [f"rightMiddle{place}" for place in ("Proximal", "Intermediate", "Distal")]
    joints = joint_sources([*bones, "rightHand"])
    assert joints["right_knuckles"] == (bones[0], "head") and joints["right_fingertips"] == (bones[2], "tail")


@pytest.mark.parametrize("prefix", ["", "DEF-", "ORG-", "DEF_", "ORG_"])
def test_a_spine_that_runs_into_the_head(prefix: str) -> None:
    """Rigify's metarig names pelvis, chest, neck and skull `spine` to `spine.006`, and USD `spine_006`."""
    dot = "_" if prefix.endswith("_") else "."
    spine = [f"{prefix}spine", *(f"{prefix}spine{dot}{n:03}" for n in range(1, 7))]
    joints = joint_sources([*spine, f"{prefix}thigh.L"])
    assert joints["pelvis"] == (f"{prefix}spine", "head") and joints["neck"] == (f"{prefix}spine{dot}004", "head")
    assert joints["head"] == (f"{prefix}spine{dot}006", "head") and joints["head_top"] == (
        f"{prefix}spine{dot}006",
        "tail",
    )
    assert body_bones(spine) == {"neck": f"{prefix}spine{dot}004", "head": f"{prefix}spine{dot}006"}
    # a bone that is called head is the head, whatever the spine's number; a short chain ends at the chest
    assert joint_sources([*spine, "head"])["head"].bone == "head"
    assert "head" not in joint_sources(spine[:4])
