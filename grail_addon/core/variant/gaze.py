# SPDX-License-Identifier: GPL-3.0-or-later
"""How far head and eyes turn to look at a point, within what people do with ease.

A character's frame: faces -y, its left is +x, z up. Angles in degrees: yaw to its left, pitch upwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import Array
from ..rotations import from_euler

HEAD_SHARE = 0.72
"""Of a turn of the gaze, what the head does; the eyes do the rest (Freedman, Exp Brain Res 190, 2008: 0.6 to 0.9)."""
NECK_SHARE = 0.4
"""Of the head's turn, what the neck does."""


@dataclass(frozen=True)
class TurnRange:
    """Largest turns to either side, down and up."""

    yaw: float
    down: float
    up: float

    def held(self, yaw: float, pitch: float) -> tuple[float, float]:
        """The turn that comes nearest within the range."""
        return max(-self.yaw, min(self.yaw, yaw)), max(-self.down, min(self.up, pitch))


HEAD, EYES = TurnRange(60.0, 40.0, 30.0), TurnRange(30.0, 30.0, 20.0)


@dataclass(frozen=True)
class Gaze:
    """Turns of the head against the body and of both eyes' middle against the head; off: angle between the line of
    sight and the point, more than 0 where it is out of range."""

    head_yaw: float
    head_pitch: float
    eye_yaw: float
    eye_pitch: float
    off: float


def turn(yaw: float, pitch: float) -> Array:
    """Rotation (3, 3) that a turn means."""
    return from_euler((-math.radians(pitch), 0.0, math.radians(yaw)))


def angles(direction: Array) -> tuple[float, float]:
    """Yaw and pitch of a direction (3,) of any length."""
    x, y, z = (float(v) for v in direction)
    return math.degrees(math.atan2(x, -y)), math.degrees(math.atan2(z, math.hypot(x, y)))


def look_along(direction: Array, with_eyes: bool = True) -> Gaze:
    """The gaze along a direction (3,) from the eyes; without eyes that move the head alone turns."""
    yaw, pitch = angles(direction)
    share = HEAD_SHARE if with_eyes else 1.0
    head_yaw, head_pitch = HEAD.held(yaw * share, pitch * share)
    eye_yaw, eye_pitch = 0.0, 0.0
    if with_eyes:
        eye_yaw, eye_pitch = EYES.held(*angles(turn(head_yaw, head_pitch).T @ direction))
    sight = turn(head_yaw, head_pitch) @ turn(eye_yaw, eye_pitch) @ np.array([0.0, -1.0, 0.0])
    cosine = float(sight @ direction) / float(np.linalg.norm(direction))
    return Gaze(head_yaw, head_pitch, eye_yaw, eye_pitch, math.degrees(math.acos(max(-1.0, min(1.0, cosine)))))
