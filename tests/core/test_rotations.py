# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations: conventions against Rodrigues' formula and quaternion products written here, round trips, special angles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grail_addon.core.rotations import about_z, from_euler, from_euler_deg, to_euler, to_quat_xyzw

angle = st.floats(-math.pi, math.pi)
eulers = st.tuples(angle, angle, angle)
AXES = np.eye(3)


def turned(vector: np.ndarray, axis: np.ndarray, by: float) -> np.ndarray:
    """Rodrigues: `vector` turned about a unit `axis`, right hand."""
    return vector * math.cos(by) + np.cross(axis, vector) * math.sin(by) + axis * (axis @ vector) * (1 - math.cos(by))


def quaternion_turn(q: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """v + 2 u x (u x v + w v), u and w of x, y, z, w."""
    u, w = q[:3], q[3]
    return vector + 2 * np.cross(u, np.cross(u, vector) + w * vector)


@given(eulers)
def test_euler_turns_about_x_then_y_then_z(euler: tuple[float, float, float]) -> None:
    rotation = from_euler(euler)
    for vector in AXES:
        wanted = vector
        for axis, by in zip(AXES, euler, strict=True):  # about the world's own axes, x first
            wanted = turned(wanted, axis, by)
        assert rotation @ vector == pytest.approx(wanted, abs=1e-12)


@given(angle)
def test_about_z(by: float) -> None:
    for vector in AXES:
        assert about_z(by) @ vector == pytest.approx(turned(vector, AXES[2], by), abs=1e-12)


def test_degrees() -> None:
    assert from_euler_deg((0, 0, 90)) @ [1, 0, 0] == pytest.approx([0, 1, 0])
    assert from_euler_deg((90, 0, 0)) @ [0, 1, 0] == pytest.approx([0, 0, 1])
    assert from_euler_deg((0, 90, 0)) @ [0, 0, 1] == pytest.approx([1, 0, 0])
    assert from_euler_deg((10, -20, 30)) == pytest.approx(from_euler([math.radians(a) for a in (10, -20, 30)]))


@given(eulers)
@example((0.3, math.pi / 2, -0.7))
@example((0.3, -math.pi / 2, -0.7))
@example((0.3, math.pi / 2 - 1e-7, -0.7))
@example((math.pi, 0.0, math.pi))
def test_euler_round_trip(euler: tuple[float, float, float]) -> None:
    rotation = from_euler(euler)
    back = to_euler(rotation)
    assert back.shape == (3,) and abs(back[1]) <= math.pi / 2 + 1e-12
    assert from_euler(back) == pytest.approx(rotation, abs=1e-6)


@given(eulers.filter(lambda e: abs(e[1]) < 1.5))
def test_euler_angles_themselves_come_back(euler: tuple[float, float, float]) -> None:
    difference = to_euler(from_euler(euler)) - euler
    assert np.cos(difference) == pytest.approx(np.ones(3), abs=1e-9)  # equal up to whole turns


def test_gimbal_lock_puts_x_to_zero() -> None:
    for y in (math.pi / 2, -math.pi / 2):
        assert to_euler(from_euler((0.4, y, 0.9)))[0] == 0.0


@given(eulers)
@example((math.pi, 0.0, 0.0))
@example((0.0, math.pi, 0.0))
@example((0.0, 0.0, math.pi))
@example((0.0, 0.0, 0.0))
def test_quaternion_turns_like_the_matrix(euler: tuple[float, float, float]) -> None:
    rotation = from_euler(euler)
    quaternion = to_quat_xyzw(rotation)
    assert np.linalg.norm(quaternion) == pytest.approx(1.0) and quaternion[3] >= 0
    for vector in AXES:
        assert quaternion_turn(quaternion, vector) == pytest.approx(rotation @ vector, abs=1e-9)


def test_quaternion_order_is_x_y_z_w() -> None:
    half = math.sqrt(0.5)
    assert to_quat_xyzw(from_euler_deg((90, 0, 0))) == pytest.approx([half, 0, 0, half])
    assert to_quat_xyzw(from_euler_deg((0, 0, 90))) == pytest.approx([0, 0, half, half])
