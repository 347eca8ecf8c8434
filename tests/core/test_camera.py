# SPDX-License-Identifier: GPL-3.0-or-later
"""The pinhole camera against formulas written down here on their own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grail_addon.core.camera import Camera, default_focal, look_at, opencv_axes, orbit_position

coordinate = st.floats(-20, 20)
point = st.tuples(coordinate, coordinate, coordinate).map(np.array)
UP = np.array([0.0, 0.0, 1.0])


@st.composite
def cameras(draw: st.DrawFn) -> Camera:
    target, position = draw(point), draw(point)
    assume(math.hypot(*(position - target)[:2]) > 0.05)
    width, height = draw(st.integers(32, 200).map(lambda n: 2 * n)), draw(st.integers(32, 200).map(lambda n: 2 * n))
    return Camera(look_at(position, target), position, draw(st.floats(50, 5000)), width, height)


def basis(camera: Camera) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right, up and forward of a level camera, from its viewing direction alone."""
    forward = camera.rotation @ [0.0, 0.0, -1.0]
    right = np.array([forward[1], -forward[0], 0.0]) / math.hypot(forward[0], forward[1])
    return right, np.cross(right, forward), forward


@given(cameras(), st.floats(-3, 3), st.floats(-3, 3), st.floats(0.05, 60))
def test_projection_is_the_pinhole_formula(camera: Camera, right: float, up: float, ahead: float) -> None:
    r, u, f = basis(camera)
    pixels, depth = camera.project(camera.position + right * r + up * u + ahead * f)
    wanted = [
        camera.width / 2 + camera.focal * right / ahead,  # u grows to the right
        camera.height / 2 - camera.focal * up / ahead,  # v grows downwards
    ]
    assert depth == pytest.approx([ahead], abs=1e-9)
    assert pixels[0] == pytest.approx(wanted, rel=1e-7, abs=1e-5)


@given(cameras(), st.lists(st.tuples(st.floats(-500, 900), st.floats(-500, 900), st.floats(0.01, 80)), min_size=1))
def test_unproject_inverts_project(camera: Camera, rows: list[tuple[float, float, float]]) -> None:
    seen = np.array(rows)
    points = camera.unproject(seen[:, :2], seen[:, 2])
    pixels, depth = camera.project(points)
    assert depth == pytest.approx(seen[:, 2], rel=1e-8, abs=1e-9)
    assert np.abs(pixels - seen[:, :2]).max() < 1e-3  # 20 m from the origin at 1 cm depth loses digits
    assert np.abs(camera.unproject(pixels, depth) - points).max() < 1e-6


@given(cameras(), point)
def test_poses_in_both_axes(camera: Camera, world: np.ndarray) -> None:
    r, u, f = basis(camera)
    offset = world - camera.position
    opencv = (camera.world_to_cam_opencv @ [*world, 1.0])[:3]
    assert opencv == pytest.approx([offset @ r, -(offset @ u), offset @ f], abs=1e-8)
    blender = np.linalg.inv(camera.cam_to_world) @ [*world, 1.0]
    assert blender == pytest.approx([offset @ r, offset @ u, -(offset @ f), 1.0], abs=1e-8)
    # what K makes of OpenCV coordinates is what project says
    if opencv[2] > 0.01:
        homogeneous = camera.K @ opencv
        assert camera.project(world)[0][0] == pytest.approx(homogeneous[:2] / homogeneous[2], rel=1e-6, abs=1e-4)


@given(cameras())
def test_opencv_axes_turn_half_about_x_and_back(camera: Camera) -> None:
    turned = opencv_axes(camera.rotation)
    assert turned[:, 0] == pytest.approx(camera.rotation[:, 0])
    assert turned[:, 1:] == pytest.approx(-camera.rotation[:, 1:])
    assert np.array_equal(opencv_axes(turned), camera.rotation)


@given(point, point)
def test_look_at_is_level_and_looks_there(position: np.ndarray, target: np.ndarray) -> None:
    assume(math.hypot(*(position - target)[:2]) > 0.05)
    rotation = look_at(position, target)
    assert rotation.T @ rotation == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    assert rotation[2, 0] == pytest.approx(0.0, abs=1e-15) and rotation[2, 1] > 0  # level, and not upside down
    ahead = (target - position) / np.linalg.norm(target - position)
    assert rotation[:, 2] == pytest.approx(-ahead, abs=1e-12)
    camera = Camera(rotation, position, 700.0, 640, 480)
    pixels, depth = camera.project(target)
    assert pixels[0] == pytest.approx([320, 240], abs=1e-6)
    assert depth[0] == pytest.approx(np.linalg.norm(target - position))


@pytest.mark.parametrize(
    ("position", "says"), [((1, 2, 3), "coincide"), ((1, 2, 9), "straight"), ((1, 2, -9), "straight")]
)
def test_look_at_refuses_what_has_no_horizon(position: tuple[float, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        look_at(np.array(position, dtype=float), np.array([1.0, 2.0, 3.0]))


@given(point, st.floats(-180, 180), st.floats(-89, 89), st.floats(0.05, 50))
def test_orbit(target: np.ndarray, azimuth: float, elevation: float, radius: float) -> None:
    offset = orbit_position(target, math.radians(azimuth), math.radians(elevation), radius) - target
    assert np.linalg.norm(offset) == pytest.approx(radius, abs=1e-9)
    assert math.degrees(math.asin(offset[2] / np.linalg.norm(offset))) == pytest.approx(elevation, abs=1e-6)
    flat = complex(offset[0], offset[1])
    assert flat / abs(flat) == pytest.approx(complex(np.exp(1j * math.radians(azimuth))), abs=1e-9)


@pytest.mark.parametrize(("azimuth", "way"), [(0, (1, 0, 0)), (90, (0, 1, 0)), (180, (-1, 0, 0)), (-90, (0, -1, 0))])
def test_azimuth_turns_from_x_towards_y(azimuth: float, way: tuple[int, int, int]) -> None:
    assert orbit_position(np.zeros(3), math.radians(azimuth), 0.0, 1.0) == pytest.approx(way, abs=1e-12)


def test_default_focal_is_the_diagonal() -> None:
    assert default_focal(1280, 720) == pytest.approx(math.sqrt(1280**2 + 720**2))
    assert default_focal(300, 400) == 500.0
    # at that focal length the diagonal is seen under 2 atan(1/2)
    camera = Camera(np.eye(3), np.zeros(3), default_focal(1280, 720), 1280, 720)
    corners = camera.unproject(np.array([[0.0, 0.0], [1280.0, 720.0]]), np.ones(2))
    cosine = corners[0] @ corners[1] / np.prod(np.linalg.norm(corners, axis=1))
    assert math.acos(cosine) == pytest.approx(2 * math.atan(0.5))


@given(st.floats(100, 5000), st.integers(64, 4096), st.sampled_from([36.0, 24.0, 32.0]))
def test_lens_sees_the_same_width(focal: float, width: int, sensor: float) -> None:
    camera = Camera(np.eye(3), np.zeros(3), focal, width, 64)
    assert math.atan(sensor / 2 / camera.lens_mm(sensor)) == pytest.approx(math.atan(width / 2 / focal))


def test_intrinsics() -> None:
    camera = Camera(np.eye(3), np.zeros(3), 1468.6, 1280, 720)
    assert camera.K.tolist() == [[1468.6, 0, 640], [0, 1468.6, 360], [0, 0, 1]]


@given(cameras())
def test_depth_map_lies_on_pixel_centres(camera: Camera) -> None:
    small = Camera(camera.rotation, camera.position, camera.focal, 6, 4)
    depth = np.arange(1.0, 25.0).reshape(4, 6)
    points = small.unproject_map(depth)
    assert points.shape == (4, 6, 3)
    pixels, back = small.project(points.reshape(-1, 3))
    assert back.reshape(4, 6) == pytest.approx(depth)
    assert pixels.reshape(4, 6, 2)[3, 1] == pytest.approx([1.5, 3.5], abs=1e-6)
    assert pixels.reshape(4, 6, 2)[0, 5] == pytest.approx([5.5, 0.5], abs=1e-6)


def test_depth_map_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(6, 4\)"):
        Camera(np.eye(3), np.zeros(3), 100.0, 6, 4).unproject_map(np.ones((6, 4)))


@given(cameras(), st.floats(0.01, 10))
def test_behind_the_camera_has_no_positive_depth(camera: Camera, back: float) -> None:
    behind = camera.position + back * camera.rotation[:, 2]
    assert camera.project(behind)[1] == pytest.approx([-back], abs=1e-9)
    assert camera.project(camera.position)[1][0] == 0.0
