# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that nobody would see: a pencil on its end is said to be unlikely, a bottle on its foot is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import trimesh

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.result import SettleResult
from grail_addon.core.settle.settings import SettleSettings
from grail_addon.core.settle.statics_rotation import axis_rotation
from tests.settle_truth import compare
from tests.stage.shapes import box, join
from tests.stage.test_settle_flat import drop, solid

pytestmark = pytest.mark.bpy

ON_EDGE = axis_rotation(np.array([1.0, 0.0, 0.0]), np.pi / 2)
UNLIKELY: dict[str, tuple[MeshData, np.ndarray]] = {
    "pencil": (solid(trimesh.creation.cylinder(0.0035, 0.18)), np.eye(3)),
    "pencil of six sides": (solid(trimesh.creation.cylinder(0.0035, 0.18, sections=6)), np.eye(3)),
    "domino": (box((0, 0, 0), (0.024, 0.0075, 0.048)), np.eye(3)),
    "book": (box((0, 0, 0), (0.14, 0.025, 0.21)), np.eye(3)),
    "spoon": (join(box((-0.002, -0.004, 0), (0.002, 0.004, 0.15)), box((-0.006, -0.02, 0.15), (0.006, 0.02, 0.2))), np.eye(3)),
}  # fmt: skip
LIKELY: dict[str, tuple[MeshData, np.ndarray]] = {
    "cube": (box((0, 0, 0), (0.1, 0.1, 0.1)), np.eye(3)),
    "can": (solid(trimesh.creation.cylinder(0.033, 0.115)), np.eye(3)),
    "bottle": (solid(trimesh.creation.cylinder(0.035, 0.22)), np.eye(3)),
    "pencil that lies": (solid(trimesh.creation.cylinder(0.0035, 0.18)), ON_EDGE),
    "ball": (solid(trimesh.creation.icosphere(2, radius=0.1)), np.eye(3)),
    "book that lies": (box((0, 0, 0), (0.14, 0.012, 0.21)), ON_EDGE),
    "torus": (solid(trimesh.creation.torus(0.1, 0.03)), np.eye(3)),
}


def settle(mesh: MeshData, rotation: np.ndarray, **more: object) -> SettleResult:
    return drop(mesh, rotation, SettleSettings(drops=4, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", UNLIKELY)
def test_an_unlikely_pose_is_said_and_not_trusted(name: str) -> None:
    mesh, rotation = UNLIKELY[name]
    result = settle(mesh, rotation)
    assert result.stable and result.unlikely, "the damped drop keeps it"
    assert result.confidence < 0.8 and result.wide_share is not None and result.wide_share < 0.8
    (sentence,) = (reason for reason in result.reasons if "unlikely" in reason)
    assert "% of all orientations end in it" in sentence


@pytest.mark.parametrize("name", UNLIKELY)
def test_the_likely_pose_can_be_asked_for(name: str) -> None:
    mesh, rotation = UNLIKELY[name]
    result = settle(mesh, rotation, prefer="likely")
    assert result.usable and not result.unlikely and result.pose_share is not None and result.pose_share > 0.3
    assert not any("unlikely" in reason for reason in result.reasons)
    assert compare(mesh, result).angle_deg < 0.5 or result.rolls
    before = settle(mesh, rotation)
    assert result.com[2] < 0.6 * before.com[2], "it lies"


@pytest.mark.parametrize("name", LIKELY)
def test_a_likely_pose_is_left_alone(name: str) -> None:
    mesh, rotation = LIKELY[name]
    result = settle(mesh, rotation)
    assert result.usable and result.unlikely is False
    again = settle(mesh, rotation, prefer="likely")
    assert np.array_equal(again.obj_R, result.obj_R) and np.array_equal(again.obj_t, result.obj_t)
    assert result.confidence == again.confidence


@pytest.mark.parametrize(("moved", "turned", "settled"), [(0.0, 0.0, True), (0.0153, 13.4, False), (0.0, 0.6, False)])
def test_what_moves_is_not_settled(moved: float, turned: float, settled: bool) -> None:
    """A pose that lay still at the end of the drop, and what it did in the seconds after."""
    from grail_addon.core.settle.statics import stance
    from grail_addon.core.settle.support import FlatSupport
    from grail_addon.stage.settle.drop import Drift
    from grail_addon.stage.settle.outcome import Outcome, to_result
    from grail_addon.stage.settle.world import RigidPose

    mesh = LIKELY["cube"][0]
    rest = RigidPose(np.eye(3), np.array([0, 0, 0.05]))
    standing = stance(mesh.vertices, np.array([0.05, 0.05, 0.05]), 1e-4)
    drift = Drift(moved, math.radians(turned), [])
    outcome = Outcome(rest, [rest], standing, False, True, 1.0, drift, 0.0, 0.0, 0.0, 0, 10)
    result = to_result(outcome, np.zeros(3), "volume", np.ones(3), 0.1, FlatSupport(), SettleSettings(), 0.0)
    assert result.settled is settled and result.usable is settled
    assert bool(result.reasons) is not settled
