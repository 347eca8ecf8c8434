# SPDX-License-Identifier: GPL-3.0-or-later
"""A gaze meets its point where people can look with ease, and stops at the ends of that range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.core.variant.gaze import EYES, HEAD, angles, look_along, turn

yaws, pitches = st.floats(-179, 179), st.floats(-89, 89)


@given(yaws, pitches)
def test_angles_undo_turn(yaw: float, pitch: float) -> None:
    assert angles(turn(yaw, pitch) @ [0.0, -1.0, 0.0]) == pytest.approx((yaw, pitch), abs=1e-6)


def test_signs() -> None:
    assert angles(np.array([1.0, 0.0, 0.0])) == pytest.approx((90.0, 0.0))  # to its left
    assert angles(np.array([0.0, -1.0, -1.0])) == pytest.approx((0.0, -45.0))


@given(st.floats(-60, 60), st.floats(-45, 25), st.booleans())
def test_what_is_in_range_is_met(yaw: float, pitch: float, with_eyes: bool) -> None:
    gaze = look_along(turn(yaw, pitch) @ [0.0, -1.0, 0.0], with_eyes)
    reachable = with_eyes or (abs(yaw) <= HEAD.yaw and -HEAD.down <= pitch <= HEAD.up)
    assert gaze.off < 1e-3 or not reachable
    assert with_eyes or (gaze.eye_yaw, gaze.eye_pitch) == (0.0, 0.0)


@given(yaws, pitches)
def test_head_and_eyes_stay_in_their_range(yaw: float, pitch: float) -> None:
    gaze = look_along(turn(yaw, pitch) @ [0.0, -1.0, 0.0])
    assert abs(gaze.head_yaw) <= HEAD.yaw and -HEAD.down <= gaze.head_pitch <= HEAD.up
    assert abs(gaze.eye_yaw) <= EYES.yaw and -EYES.down <= gaze.eye_pitch <= EYES.up


def test_a_point_behind_is_missed_and_said() -> None:
    gaze = look_along(np.array([0.0, 1.0, 0.0]))
    assert gaze.off == pytest.approx(90.0, abs=0.1)
