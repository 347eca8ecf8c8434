# SPDX-License-Identifier: GPL-3.0-or-later
"""The pose library: two bones reach their end, no pose is the same on both sides, draws are their own stream's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.core.layout import ObjectId, VideoId
from grail_addon.core.variant.poses import (
    LIBRARY,
    POSES,
    draw_pose,
    draw_pose_of,
    mirrored,
    outwards,
    two_bones,
)

lengths = st.floats(0.1, 1.0)


@given(lengths, lengths, st.floats(0.0, 1.0), st.tuples(*[st.floats(-1, 1)] * 3))
def test_two_bones_reach_their_end(upper: float, lower: float, share: float, direction: tuple[float, ...]) -> None:
    if np.linalg.norm(direction) < 0.1:
        return
    near, far = abs(upper - lower) + 1e-3, upper + lower - 1e-6
    end = np.array(direction) / np.linalg.norm(direction) * (near + share * (far - near))
    first, second = two_bones(np.zeros(3), end, upper, lower, np.array([0.0, -1.0, 0.1]))
    assert upper * first + lower * second == pytest.approx(end, abs=1e-5)
    aside = upper * first - end * (upper * first @ end) / (end @ end)
    assert aside @ [0.0, -1.0, 0.1] >= -1e-9


def test_an_end_out_of_reach_is_pointed_at() -> None:
    first, second = two_bones(np.zeros(3), np.array([0.0, 0.0, -5.0]), 0.4, 0.4, np.array([0.0, -1.0, 0.0]))
    assert first == pytest.approx([0, 0, -1], abs=1e-6) and second == pytest.approx([0, 0, -1], abs=1e-6)


@pytest.mark.parametrize("name", POSES)
def test_poses_are_asymmetric_and_have_a_mirror_image(name: str) -> None:
    pose = LIBRARY[name]  # type: ignore[index]
    assert pose.arms["left"] != pose.arms["right"] and pose.feet["left"] != pose.feet["right"]
    other = mirrored(pose)
    assert other.arms["left"] == pose.arms["right"] and mirrored(other) == pose
    for side, sign in (("left", 1), ("right", -1)):
        assert sign * outwards(side, pose.arms[side].upper)[0] > 0  # type: ignore[arg-type,index]


def test_draws() -> None:
    vids = [VideoId(ObjectId("a", "b"), "kid", "s", seed) for seed in range(1, 60)]
    drawn = {draw_pose(0, vid) for vid in vids}
    assert drawn == {(name, side) for name in POSES for side in (False, True)}
    assert [draw_pose(0, vid) for vid in vids] == [draw_pose(0, vid) for vid in vids]
    start, end = (VideoId(ObjectId("a", "b"), "kid", "s", 4, kind) for kind in ("start", "end"))
    assert draw_pose(0, start) == draw_pose(0, end)
    assert {draw_pose_of(3, 0, vid) for vid in vids} == {0, 1, 2} and draw_pose_of(1, 0, vids[0]) == 0
