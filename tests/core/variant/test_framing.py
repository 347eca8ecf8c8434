# SPDX-License-Identifier: GPL-3.0-or-later
"""The framing solver: everything inside the frame, and nothing to spare (both sides, over random scenes)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from grail_addon.core.variant.framing import Margins, fit_camera, orbit_rotation

EPS = 1e-5  # pixels


@st.composite
def cameras(draw):
    width, height = draw(st.sampled_from([(1280, 720), (480, 270), (300, 900), (64, 64)]))
    focal = math.hypot(width, height) * draw(st.floats(0.3, 3.0))
    shift = draw(st.floats(-0.2, 0.2)), draw(st.floats(-0.2, 0.2))
    K = np.array([[focal, 0, width * (0.5 + shift[0])], [0, focal * 1.1, height * (0.5 + shift[1])], [0, 0, 1.0]])
    share = st.floats(0.0, 0.2)
    margins = Margins(*(draw(share) * side for side in (width, width, height, height)))
    return K, (width, height), margins


@st.composite
def clouds(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(2, 60))
    spread = 10.0 ** rng.uniform(-2, 1.5, 3)
    return rng.normal(size=(count, 3)) * spread + rng.uniform(-50, 50, 3)


angles = st.tuples(st.floats(-math.pi, math.pi), st.floats(-math.pi / 2, math.pi / 2))


def project(points, pose, K):
    local = (points - pose[:3, 3]) @ pose[:3, :3]
    depth = -local[:, 2]
    return K[0, 2] + K[0, 0] * local[:, 0] / depth, K[1, 2] - K[1, 1] * local[:, 1] / depth, depth


def slack(points, pose, K, size, margins):
    """Free pixels at the left, right, top and bottom edge, beyond the margins."""
    u, v, depth = project(points, pose, K)
    assert (depth > 0).all()
    return np.array(
        [
            u.min() - margins.left,
            size[0] - margins.right - u.max(),
            v.min() - margins.top,
            size[1] - margins.bottom - v.max(),
        ]
    )


@given(clouds(), angles, cameras())
def test_all_points_are_inside_and_two_opposite_edges_are_touched(points, angle, camera):
    K, size, margins = camera
    fit = fit_camera(points, *angle, K, size, margins)
    free = slack(points, fit.cam_to_world, K, size, margins)
    assert free.min() >= -EPS
    if fit.limited_by == "width":
        assert free[:2] == pytest.approx([0, 0], abs=EPS)
    elif fit.limited_by == "height":
        assert free[2:] == pytest.approx([0, 0], abs=EPS)
    else:
        assert project(points, fit.cam_to_world, K)[2].min() == pytest.approx(0.05)


@given(clouds(), angles, cameras(), st.floats(1e-4, 0.5), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_no_nearer_camera_sees_everything(points, angle, camera, step, pan_x, pan_y):
    K, size, margins = camera
    fit = fit_camera(points, *angle, K, size, margins)
    assume(fit.limited_by != "near")
    nearest = project(points, fit.cam_to_world, K)[2].min()
    pose = fit.cam_to_world.copy()
    pose[:3, 3] += pose[:3, :3] @ (np.array([pan_x, pan_y, -step]) * nearest)
    u, v, depth = project(points, pose, K)
    inside = (u >= margins.left) & (u <= size[0] - margins.right) & (v >= margins.top) & (v <= size[1] - margins.bottom)
    assert not (inside & (depth > 0)).all()


@given(angles)
@example((0.3, math.pi / 2))
def test_orientation_is_a_rotation_that_looks_along_the_orbit(angle):
    rotation = orbit_rotation(*angle)
    assert rotation.T @ rotation == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    az, el = angle
    outward = [math.cos(el) * math.cos(az), math.cos(el) * math.sin(az), math.sin(el)]
    assert rotation[:, 2] == pytest.approx(outward, abs=1e-12)
    assert rotation[2, 0] == pytest.approx(0, abs=1e-12)  # no roll: picture's x stays level
    assert rotation[2, 1] >= -1e-12  # picture's up never points down


K_PLAIN = np.array([[1000.0, 0, 640], [0, 1000.0, 360], [0, 0, 1]])


def test_known_answer():
    # a 2 m high, flat pole seen from the front: 1 m above and below the axis must span the 720 - 2 * 60 px left
    fit = fit_camera([[0, 0, 0], [0, 0, 2]], math.radians(-90), 0, K_PLAIN, (1280, 720), Margins.pixels(60))
    assert fit.radius == pytest.approx(1000 / 300)
    assert fit.target == pytest.approx([0, 0, 1])
    assert fit.limited_by == "height"


def test_larger_margins_never_bring_the_camera_nearer():
    points = np.random.default_rng(1).normal(size=(30, 3))
    distances = [fit_camera(points, 0.4, 0.2, K_PLAIN, (1280, 720), Margins.pixels(m)).radius for m in (0, 20, 80, 200)]
    assert distances == sorted(distances) and distances[0] < distances[-1]


def test_margin_as_a_share_counts_from_the_shorter_side():
    assert Margins.fraction(0.1, 1280, 720) == Margins(72, 72, 72, 72)


@pytest.mark.parametrize("points", [[[1.0, 2, 3]], [[1.0, 2, 3]] * 5, [[0, 0, 0.0], [0, 1, 0], [0, -4, 0]]])
def test_points_on_one_line_of_sight_are_limited_by_the_near_distance(points):
    fit = fit_camera(points, math.radians(-90), 0, K_PLAIN, (1280, 720), near=0.2)
    assert fit.limited_by == "near"
    assert project(np.array(points), fit.cam_to_world, K_PLAIN)[2].min() == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("points", "K", "margins", "message"),
    [
        (np.zeros((0, 3)), K_PLAIN, Margins(), "no points"),
        (np.zeros((4, 2)), K_PLAIN, Margins(), r"\(N, 3\)"),
        ([[0, 0, math.nan]], K_PLAIN, Margins(), "finite"),
        ([[0, 0, 0]], K_PLAIN, Margins.pixels(360), "no room"),
        ([[0, 0, 0]], K_PLAIN + np.eye(3, k=1), Margins(), "skew"),
        ([[0, 0, 0]], -K_PLAIN, Margins(), "focal"),
    ],
)
def test_impossible_requests_are_refused(points, K, margins, message):
    with pytest.raises(ValueError, match=message):
        fit_camera(points, 0, 0, K, (1280, 720), margins)
