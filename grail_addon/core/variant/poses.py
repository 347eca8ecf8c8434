# SPDX-License-Identifier: GPL-3.0-or-later
"""The poses that any known rig can take: where upper arms, forearms and hands point, and how the feet stand.

A character's frame: faces -y, its left is +x, z up. Directions are written for the left side, x outwards; no pose is the
same on both sides, since no standing person is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from ..arrays import Array
from ..layout import VideoId
from ..streams import stream

PoseName = Literal["relaxed", "arms_out", "hand_forward", "hands_ready"]
POSES: tuple[PoseName, ...] = get_args(PoseName)
Direction = tuple[float, float, float]
Side = Literal["left", "right"]
SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True)
class Arm:
    """Directions of an arm's three parts."""

    upper: Direction
    fore: Direction
    hand: Direction


@dataclass(frozen=True)
class Foot:
    """A foot's place against where the hips would put it, as shares of the leg's length: outwards and forwards; toes:
    degrees outwards."""

    out: float
    forward: float
    toes: float


@dataclass(frozen=True)
class BodyPose:
    """A pose. sink: share of the leg's length that the hips come down, which bends the knees."""

    arms: Mapping[Side, Arm]
    feet: Mapping[Side, Foot]
    sink: float = 0.012


_HANGING = Arm((0.17, 0.03, -1.0), (0.09, -0.24, -1.0), (0.0, -0.16, -1.0))
_LOOSE = Arm((0.20, 0.0, -1.0), (0.13, -0.33, -1.0), (0.03, -0.24, -1.0))
_AT_EASE: Mapping[Side, Foot] = {"left": Foot(0.01, 0.035, 7.0), "right": Foot(0.02, -0.03, 11.0)}

LIBRARY: Mapping[PoseName, BodyPose] = {
    "relaxed": BodyPose({"left": _HANGING, "right": _LOOSE}, _AT_EASE),
    "arms_out": BodyPose(
        {
            "left": Arm((0.46, 0.02, -1.0), (0.40, -0.28, -1.0), (0.22, -0.22, -1.0)),
            "right": Arm((0.54, -0.03, -1.0), (0.44, -0.20, -1.0), (0.26, -0.15, -1.0)),
        },
        {"left": Foot(0.03, -0.02, 8.0), "right": Foot(0.035, 0.03, 6.0)},
    ),
    "hand_forward": BodyPose(
        {"left": _HANGING, "right": Arm((0.17, -0.42, -1.0), (0.02, -1.0, -0.18), (0.0, -1.0, -0.05))},
        {"left": Foot(0.01, -0.03, 9.0), "right": Foot(0.015, 0.06, 4.0)},
    ),
    "hands_ready": BodyPose(
        {
            "left": Arm((0.20, -0.08, -1.0), (0.02, -1.0, -0.10), (-0.05, -1.0, -0.08)),
            "right": Arm((0.23, -0.16, -1.0), (0.05, -1.0, -0.24), (-0.03, -1.0, -0.12)),
        },
        {"left": Foot(0.03, 0.04, 7.0), "right": Foot(0.02, -0.025, 9.0)},
        sink=0.02,
    ),
}


def mirrored(pose: BodyPose) -> BodyPose:
    """The pose with left and right changed."""
    return BodyPose(
        {"left": pose.arms["right"], "right": pose.arms["left"]},
        {"left": pose.feet["right"], "right": pose.feet["left"]},
        pose.sink,
    )


def outwards(side: Side, direction: Direction) -> Array:
    """Unit vector (3,) of a direction that is written for the left side."""
    vector = np.array(direction) * [1.0 if side == "left" else -1.0, 1.0, 1.0]
    return np.asarray(vector / np.linalg.norm(vector))


def two_bones(start: Array, end: Array, upper: float, lower: float, bend: Array) -> tuple[Array, Array]:
    """Directions (3,) of two bones of these lengths from `start` to `end`, the joint between them towards `bend`.

    An end that is too far is pointed at with both bones straight.
    """
    along = end - start
    far = float(np.linalg.norm(along))
    axis = along / max(far, 1e-12)
    reach = min(max(far, abs(upper - lower) + 1e-9), upper + lower)
    cosine = (upper * upper + reach * reach - lower * lower) / (2 * upper * reach)
    angle = math.acos(max(-1.0, min(1.0, cosine)))
    aside = bend - (bend @ axis) * axis
    aside = aside / max(float(np.linalg.norm(aside)), 1e-12)
    first = math.cos(angle) * axis + math.sin(angle) * aside
    second = (axis * reach - first * upper) / lower
    return first, second / np.linalg.norm(second)


def draw_pose(base_seed: int, vid: VideoId) -> tuple[PoseName, bool]:
    """A pose of the library and whether it is mirrored, from a stream of its own; start and end frame share it."""
    generator = stream(base_seed, str(vid.obj), vid.seed, "character.pose")
    return POSES[int(generator.integers(len(POSES)))], bool(generator.integers(2))


def draw_pose_of(count: int, base_seed: int, vid: VideoId) -> int:
    """Which of a pose file's `count` poses a variant shows."""
    return int(stream(base_seed, str(vid.obj), vid.seed, "character.pose_file").integers(count)) if count > 1 else 0
