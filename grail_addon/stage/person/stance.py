# SPDX-License-Identifier: GPL-3.0-or-later
"""A pose of the library and a gaze as turns of a rig's bones."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ...core.arrays import Array
from ...core.bones import LIMBS
from ...core.rotations import about_z
from ...core.variant.gaze import EYES, NECK_SHARE, Gaze, angles, look_along, turn
from ...core.variant.poses import SIDES, Arm, BodyPose, Side, outwards, two_bones
from .rig import Rig

Turns = dict[str, Array]

_KNEES = np.array([0.0, -1.0, 0.0])
_GAZE_ROUNDS = 6  # the eyes move as the head turns; each round takes what is left
# of the head's length from its joint, where no eye bone says it: up and forwards
_EYES_UP, _EYES_FORWARD = 0.45, 0.42


def missing_limbs(rig: Rig) -> list[str]:
    """Limbs that no bone of the rig is known to be."""
    return [f"{side}_{limb}" for side in SIDES for limb in LIMBS if f"{side}_{limb}" not in rig.named]


def arc(start: Array, end: Array) -> Array:
    """Rotation (3, 3) on the shortest way from one unit vector to another."""
    across = np.cross(start, end)
    sine, cosine = float(np.linalg.norm(across)), float(start @ end)
    if sine < 1e-9:
        return np.eye(3) if cosine > 0 else np.diag([-1.0, -1.0, 1.0])
    x, y, z = across / sine
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + sine * cross + (1.0 - cosine) * (cross @ cross))


def pose_turns(rig: Rig, pose: BodyPose, lifts: Mapping[Side, float]) -> Turns:
    """Turns that take the rig from how the file shows it into a pose. lifts: metres that a foot is put higher, see
    `Person.assume`. The rig must have all LIMBS."""
    turns: Turns = {}
    for side in SIDES:
        _pose_arm(rig, turns, side, pose.arms[side])
        _pose_leg(rig, turns, side, pose, lifts[side])
    return turns


def _pose_arm(rig: Rig, turns: Turns, side: Side, arm: Arm) -> None:
    chain = [rig.named[f"{side}_{limb}"] for limb in ("upper_arm", "forearm", "hand")]
    ends = [chain[1], chain[2], None]
    for bone, end, wish in zip(chain, ends, (arm.upper, arm.fore, arm.hand), strict=True):
        before = rig.turn(turns, bone)
        turns[bone] = arc(before @ rig.direction(bone, end), outwards(side, wish)) @ before


def _pose_leg(rig: Rig, turns: Turns, side: Side, pose: BodyPose, lift: float) -> None:
    thigh, calf, foot = (rig.named[f"{side}_{limb}"] for limb in ("thigh", "calf", "foot"))
    hip, knee, ankle = (rig.bones[bone].head for bone in (thigh, calf, foot))
    upper, lower = float(np.linalg.norm(knee - hip)), float(np.linalg.norm(ankle - knee))
    length, stands = upper + lower, pose.feet[side]
    outward = 1.0 if side == "left" else -1.0
    target = np.array(
        [
            hip[0] + outward * stands.out * length,
            ankle[1] - stands.forward * length,
            ankle[2] + pose.sink * length + lift,
        ]
    )
    toes = math.radians(outward * stands.toes)
    bend = about_z(toes) @ _KNEES
    first, second = two_bones(hip, target, upper, lower, bend)
    turns[thigh] = arc(rig.direction(thigh, calf), first)
    turns[calf] = arc(turns[thigh] @ rig.direction(calf, foot), second) @ turns[thigh]
    turns[foot] = about_z(toes - _toes_now(rig, foot))  # flat as the file has it, whatever the leg above it does


def _toes_now(rig: Rig, foot: str) -> float:
    """Turn about z, radians, of the foot as the file shows it, against straight ahead."""
    x, y, _ = rig.direction(foot)
    return math.atan2(x, -y) if math.hypot(x, y) > 0.2 else 0.0


def gaze_turns(rig: Rig, posed: Mapping[str, Array], target: Array) -> tuple[Turns, Gaze] | None:
    """Turns of neck, head and eyes that look at `target` (3,), in the character's frame; None without a head bone.

    posed: turns of the pose that the gaze comes on top of.
    """
    head = rig.named.get("head")
    if head is None:
        return None
    neck = rig.named.get("neck")
    if neck is not None and neck not in rig.chain(head):
        neck = None
    eyes = [rig.named[name] for name in ("left_eye", "right_eye") if name in rig.named]
    eyes = [eye for eye in eyes if head in rig.chain(eye)]
    turns: Turns = {}
    gaze = look_along(np.array([0.0, -1.0, 0.0]))
    for _ in range(_GAZE_ROUNDS):
        middle = _eyes_middle(rig, {**posed, **turns}, head, eyes)
        gaze = look_along(target - middle, bool(eyes))
        turned = turn(gaze.head_yaw, gaze.head_pitch)
        turns = {head: turned @ rig.turn(posed, head)}
        if neck is not None:
            part = turn(NECK_SHARE * gaze.head_yaw, NECK_SHARE * gaze.head_pitch)
            turns[neck] = part @ rig.turn(posed, neck)
    for eye in eyes:
        to_target = turned.T @ (target - rig.head_of({**posed, **turns}, eye))
        turns[eye] = turned @ turn(*EYES.held(*angles(to_target))) @ rig.turn(posed, eye)
    return turns, gaze


def _eyes_middle(rig: Rig, turns: Mapping[str, Array], head: str, eyes: list[str]) -> Array:
    if eyes:
        return np.asarray(np.mean([rig.head_of(turns, eye) for eye in eyes], axis=0))
    bone = rig.bones[head]
    up = bone.tail - bone.head
    offset = _EYES_UP * up + _EYES_FORWARD * float(np.linalg.norm(up)) * np.array([0.0, -1.0, 0.0])
    return rig.head_of(turns, head) + rig.turn(turns, head) @ offset
