# SPDX-License-Identifier: GPL-3.0-or-later
"""Shares of poses against trimesh's, and which poses count as unlikely."""

from __future__ import annotations

import math

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from grail_addon.core.settle.likelihood import Likelihood, PoseShares, pose_shares, sideways_tip_deg


def hull_of(mesh: trimesh.Trimesh) -> tuple[np.ndarray, np.ndarray]:
    hull = mesh.convex_hull
    return np.asarray(hull.vertices) - hull.center_mass, np.asarray(hull.faces)


def shares_of(mesh: trimesh.Trimesh) -> PoseShares:
    return pose_shares(*hull_of(mesh))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 40))
def test_shares_are_those_of_trimesh(seed: int, count: int) -> None:
    points = np.random.default_rng(seed).normal(size=(count, 3)) * (1.0, 0.6, 0.3)
    hull = trimesh.convex.convex_hull(points)
    ours = shares_of(hull)
    poses, truth = trimesh.poses.compute_stable_poses(
        hull, center_mass=hull.center_mass, sigma=0, n_samples=1, threshold=0
    )
    assert ours.share.sum() == pytest.approx(1.0)
    for pose, share in zip(poses, truth, strict=True):
        near = ours.down @ -pose[2, :3]
        assert ours.share[near > math.cos(math.radians(0.2))].sum() == pytest.approx(share, abs=0.03), (
            "which edge it falls over is told apart a little differently"
        )


def test_symmetry_counts_as_one() -> None:
    cube = shares_of(trimesh.creation.box((1, 1, 1)))
    assert len(cube.share) == 6 and cube.share == pytest.approx(1 / 6)
    assert cube.of_pose(0.5, np.array([0, 0, -1.0]), 1.0) == pytest.approx(1.0)
    die = shares_of(trimesh.creation.icosahedron())
    assert die.share == pytest.approx(1 / 20) and die.of_pose(die.height[0], die.down[0], 2.0) == pytest.approx(1.0)


def test_a_rod_lies() -> None:
    rod = shares_of(trimesh.creation.cylinder(0.0035, 0.18, sections=32))
    end, side = np.array([0, 0, -1.0]), np.array([1.0, 0, 0])
    assert rod.of_pose(0.09, end, 0.18) < 0.001
    assert rod.of_pose(0.0035, rod.down[np.argmax(rod.down @ side)], 0.18) > 0.99
    assert abs(rod.likeliest(side, 0.18) @ end) < 0.01 and rod.likeliest(side, 0.18) @ side > 0.99
    assert abs(rod.likeliest(end, 0.18) @ end) < 0.01


def test_a_sheet_has_two_sides() -> None:
    corners = np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0.0)])
    sheet = pose_shares(corners, np.array([(0, 1, 2), (0, 2, 3), (2, 1, 0), (3, 2, 0)]))
    assert sorted(sheet.share) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("share", "tip", "wide", "doubtful", "unlikely"),
    [
        (0.30, 25.0, None, False, False),
        (0.30, 4.9, 0.0, True, True),
        (0.98, 4.3, 1.0, True, False),
        (0.049, 12.0, 1.0, True, False),
        (0.049, 12.0, 0.8, True, False),
        (0.049, 12.0, 0.7, True, True),
        (0.0004, 2.2, 0.0, True, True),
        (0.0, 30.0, None, True, True),
    ],
)
def test_what_is_unlikely(share: float, tip: float, wide: float | None, doubtful: bool, unlikely: bool) -> None:
    found = Likelihood(share, tip, wide)
    assert (found.is_doubtful, found.is_unlikely) == (doubtful, unlikely)


def test_sideways_tip_of_a_rolling_body() -> None:
    strip = np.array([(-0.001, -0.0005), (0.001, -0.0005), (0.001, 0.0005), (-0.001, 0.0005)])
    assert sideways_tip_deg(strip, 0.012) == pytest.approx(math.degrees(math.atan(1 / 12)), abs=0.01)
    assert sideways_tip_deg(strip[:1], 0.012) == 0.0
