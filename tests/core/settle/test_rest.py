# SPDX-License-Identifier: GPL-3.0-or-later
"""How an object rests, and where a turn and a move take it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grail_addon.core.mesh import MeshData
from grail_addon.core.rotations import from_euler_deg
from grail_addon.core.settle.rest import as_configured, settled
from tests.settle_samples import settle_result

factor = st.floats(0.1, 4)
scales = st.tuples(factor, factor, factor)
degrees = st.floats(-180, 180)
turns = st.tuples(degrees, degrees, degrees)
# two corners apart, so that it has a size
clouds = hnp.arrays(np.float64, (8, 3), elements=st.floats(-3, 3, width=32)).map(
    lambda rows: np.vstack([rows, [[0, 0, 0], [1, 1, 1]]])
)
spot = st.tuples(*[st.floats(-5, 5)] * 3).map(np.array)
FACES = np.array([[0, 1, 2]], dtype=np.int32)


@given(clouds, scales, turns)
def test_as_configured_touches_the_support_and_does_not_cut_in(
    cloud: np.ndarray, scale: tuple[float, float, float], euler: tuple[float, float, float]
) -> None:
    rest = as_configured(MeshData(cloud, FACES), scale, euler)
    world = (cloud * scale) @ rest.rotation.T + rest.translation
    assert world[:, 2].min() == pytest.approx(0.0, abs=1e-9)
    assert rest.translation[:2].tolist() == [0.0, 0.0] and rest.scale.tolist() == list(scale)
    assert rest.verdict is None and rest.flat
    # what carries it is what is lowest, and all of that
    reach = 0.002 * np.ptp(world, axis=0).max()
    surely, perhaps = (world[world[:, 2] < reach + margin, :2] for margin in (-1e-9, 1e-9))
    assert 1 <= len(surely) <= len(rest.footprint) <= len(perhaps)
    for some, among in ((surely, rest.footprint), (rest.footprint, perhaps)):
        assert np.abs(some[:, None] - among[None]).max(axis=2).min(axis=1).max() < 1e-9


def test_as_configured_turns_as_the_configuration_says() -> None:
    stick = MeshData(np.array([[0.0, 0, 0], [0, 0, 1.0], [0, 0.1, 1.0]]), FACES)
    rest = as_configured(stick, (1, 1, 2), (90, 0, 0))  # about x: what stood along z now lies along -y
    assert rest.rotation @ [0, 0, 2] + rest.translation == pytest.approx([0, -2, 0])
    assert rest.scale.tolist() == [1, 1, 2]


@given(clouds, turns, st.floats(-math.pi, math.pi), spot, spot)
def test_posed_turns_about_the_start_point(
    cloud: np.ndarray, euler: tuple[float, float, float], turn: float, at: np.ndarray, to: np.ndarray
) -> None:
    rest = settled(settle_result(obj_R=from_euler_deg(euler), obj_t=at, scale=np.array([1.5, 1.0, 0.5])))
    before = (cloud * rest.scale) @ rest.rotation.T + rest.translation
    pose = rest.posed(turn, to)
    after = (cloud * pose.scale) @ pose.rotation.T + pose.translation
    # about the vertical through the start point, in the complex plane; heights only move
    flat = (before[:, 0] + 1j * before[:, 1]) * np.exp(1j * turn)
    assert after[:, 0] == pytest.approx(flat.real + to[0], abs=1e-9)
    assert after[:, 1] == pytest.approx(flat.imag + to[1], abs=1e-9)
    assert after[:, 2] == pytest.approx(before[:, 2] + to[2], abs=1e-9)


def test_settled_keeps_position_and_orientation() -> None:
    result = settle_result(support_kind="mesh")
    rest = settled(result)
    assert rest.rotation is result.obj_R and rest.translation is result.obj_t and rest.scale is result.scale
    assert rest.footprint is result.footprint and not rest.flat and settled(settle_result()).flat
    assert rest.verdict is not None
    assert {"stable", "rolls", "settled", "tip_angle_deg", "confidence", "drift_mm", "reasons"} <= set(rest.verdict)
    assert not {"trajectory", "obj_R", "com"} & set(rest.verdict), "the frame's manifest stays small"
