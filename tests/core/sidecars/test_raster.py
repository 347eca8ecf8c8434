# SPDX-License-Identifier: GPL-3.0-or-later
"""Covered pixels against a solution of each pixel's barycentric coordinates, and against ray casting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grail_addon.core.camera import Camera
from grail_addon.core.mesh import MeshData
from grail_addon.core.pose import Pose
from grail_addon.core.rotations import from_euler_deg
from grail_addon.core.sidecars import raster
from grail_addon.core.sidecars.raster import covered
from tests.box_world import STANDING, Box, brick, camera_at

FLAT = Camera(np.diag([1.0, -1.0, -1.0]), np.zeros(3), 1.0, 16, 12)
"""Looks along +z with y down, one pixel for a metre at one metre's depth."""


def at_pixels(corners: np.ndarray, depth: float = 1.0) -> np.ndarray:
    """World points that are seen at these pixels."""
    return np.column_stack([(corners - [8, 6]) * depth, np.full(len(corners), depth)])


def triangle(corners: np.ndarray, depth: float = 1.0) -> MeshData:
    return MeshData(at_pixels(corners, depth), np.array([[0, 1, 2]], dtype=np.int32))


@given(hnp.arrays(np.float64, (3, 2), elements=st.floats(-8, 24)), st.floats(0.1, 9), st.permutations([0, 1, 2]))
def test_one_triangle(corners: np.ndarray, depth: float, order: list[int]) -> None:
    frame = np.column_stack([corners, np.ones(3)]).T
    assume(abs(np.linalg.det(frame)) > 0.1)
    v, u = np.mgrid[0:12, 0:16] + 0.5
    weights = np.linalg.solve(frame, np.array([u.ravel(), v.ravel(), np.ones(u.size)])).min(axis=0).reshape(12, 16)
    mask = covered(FLAT, triangle(corners[order], depth))
    assert mask is not None and mask.shape == (12, 16)
    assert mask[weights > 1e-9].all() and not mask[weights < -1e-9].any()


@given(st.tuples(*[st.floats(-180, 180)] * 3), st.floats(-180, 180), st.floats(1.5, 5))
def test_a_box_as_rays_see_it(turn: tuple[float, float, float], azimuth: float, radius: float) -> None:
    camera, pose = camera_at(azimuth, radius), Pose(from_euler_deg(turn), np.array([0.0, 0, 0.3]), STANDING.scale)
    mask = covered(camera, brick().scaled(pose.scale).transformed(pose.rotation, pose.translation))
    ways = camera.unproject_map(np.ones((camera.height, camera.width))).reshape(-1, 3) - camera.position
    hit = np.isfinite(Box(pose).depth_along(camera.position, ways)).reshape(camera.height, camera.width)
    assert mask is not None and hit.any()
    assert (mask != hit).sum() <= 1  # a centre on the very edge


def test_pixel_centres_decide() -> None:
    square = np.array([[2.5, 3.5], [4.5, 3.5], [2.5, 5.5], [4.5, 5.5]])
    mesh = MeshData(at_pixels(square), np.array([[0, 1, 2], [1, 2, 3]], dtype=np.int32))
    mask = covered(FLAT, mesh)
    assert mask is not None and np.argwhere(mask).tolist() == [[v, u] for v in (3, 4, 5) for u in (2, 3, 4)]
    less = covered(FLAT, MeshData(at_pixels((square - [3.5, 4.5]) * 0.99 + [3.5, 4.5]), mesh.faces))
    assert less is not None and np.argwhere(less).tolist() == [[4, 3]]


def test_a_sliver_covers_what_it_covers() -> None:
    mask = covered(FLAT, triangle(np.array([[1.0, 4.4], [14.0, 4.4], [14.0, 4.6]])))
    assert mask is not None and np.argwhere(mask).tolist() == [[4, u] for u in range(7, 14)]
    between = covered(FLAT, triangle(np.array([[1.0, 4.0], [14.0, 4.0], [14.0, 4.4]])))
    assert between is not None and not between.any()


def test_outside_and_behind() -> None:
    corners = np.array([[2.0, 2], [9, 2], [2, 9]])
    beside = covered(FLAT, triangle(corners + np.array([16, 0])))
    assert beside is not None and beside.shape == (12, 16) and not beside.any()
    whole = covered(FLAT, triangle((corners - 4) * 100))
    assert whole is not None and whole.all()
    assert covered(FLAT, triangle(corners, -1.0)) is None


@pytest.mark.parametrize("most", [1, 7, 10_000])
def test_memory_for_a_few_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    spots = np.random.default_rng(4).uniform(-3, 18, (60, 3, 2))
    mesh = MeshData(at_pixels(spots.reshape(-1, 2)), np.arange(180, dtype=np.int32).reshape(60, 3))
    each = [covered(FLAT, triangle(corners)) for corners in spots]
    monkeypatch.setattr(raster, "_MOST_PAIRS", most)
    mask = covered(FLAT, mesh)
    assert mask is not None and np.array_equal(mask, np.any(each, axis=0)) and mask.any()
