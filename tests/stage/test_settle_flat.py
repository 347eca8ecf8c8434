# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling on a level support."""

from __future__ import annotations

import json

import numpy as np
import pytest
import trimesh

from grail_addon.core.errors import UserError
from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.result import SettleResult
from grail_addon.core.settle.settings import SettleSettings
from grail_addon.core.settle.statics_rotation import axis_rotation
from grail_addon.core.settle.support import FlatSupport
from grail_addon.drivers.blocking import drain
from tests.settle_truth import compare
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy

FEW = SettleSettings(drops=4)
SKEW = axis_rotation(np.array([1.0, 2.0, 0.5]), 1.1)


def drop(
    mesh: MeshData, rotation: np.ndarray | None = None, settings: SettleSettings = FEW, scale=1.0, **support
) -> SettleResult:
    from grail_addon.stage.settle import settle

    return drain(settle(mesh, scale, np.eye(3) if rotation is None else rotation, FlatSupport(**support), settings))


def solid(mesh: trimesh.Trimesh) -> MeshData:
    return MeshData(np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces, dtype=np.int32))


def bits(result: SettleResult) -> str:
    return json.dumps(result.to_json())  # numpy's own bool or float would be refused here


L_SHAPE = join(box((0, 0, 0), (0.05, 0.08, 0.2)), box((0.05, 0, 0), (0.15, 0.08, 0.05)))
BODIES = {
    "L": L_SHAPE,
    "cube": box((0.3, 0.3, 0.3), (0.4, 0.4, 0.4)),
    "plate": box((0, 0, 0), (0.2, 0.2, 0.004)),
    "small block": box((0, 0, 0), (0.02, 0.01, 0.015)),
    "pyramid": solid(trimesh.creation.cone(0.08, 0.1, sections=4)),
    "torus": solid(trimesh.creation.torus(0.1, 0.03)),
    "sheet": MeshData(
        np.array([(0, 0, 0), (0.2, 0, 0), (0.2, 0.1, 0), (0, 0.1, 0.0)]), np.array([(0, 1, 2), (0, 2, 3)], np.int32)
    ),
}
ROUND = {
    "can": solid(trimesh.creation.cylinder(0.03, 0.12)),
    "ball": solid(trimesh.creation.icosphere(3, radius=0.1)),
    "cone": solid(trimesh.creation.cone(0.05, 0.15)),
    "capsule": solid(trimesh.creation.capsule(0.2, 0.04)),
}


@pytest.mark.parametrize("name", BODIES)
def test_rests_on_a_face_in_exact_contact(name: str) -> None:
    mesh = BODIES[name]
    result = drop(mesh, SKEW)
    assert result.usable and not result.rolls
    posed = mesh.transformed(result.obj_R, result.obj_t)
    assert abs(posed.bounds[0][2]) < 1e-6
    assert result.gap_mm < 0.1 and result.penetration_mm < 0.1
    assert result.drift_mm < 1.0 and result.spin_deg < 0.5
    if name != "sheet":  # trimesh has no centre of mass for a sheet
        assert compare(mesh, result).angle_deg < 0.5


@pytest.mark.parametrize("name", ROUND)
def test_round_things_say_that_they_roll(name: str) -> None:
    lying = axis_rotation(np.array([0.0, 1.0, 0.0]), 1.4)
    result = drop(ROUND[name], lying)
    assert result.rolls and result.usable
    assert any("rolls" in reason for reason in result.reasons)
    assert compare(ROUND[name], result).height < 0.01
    assert result.gap_mm < 0.1 and result.penetration_mm < 0.1


def test_frame_of_the_result() -> None:
    """COM over the start, the last row of the way is the pose, and the first is above the support by the height."""
    mesh = BODIES["L"]
    result = drop(mesh, SKEW)
    assert np.allclose(result.com[:2], 0.0, atol=1e-12)
    truth = trimesh.Trimesh(mesh.vertices, mesh.faces).center_mass
    assert np.allclose(result.obj_R @ truth + result.obj_t, result.com, atol=1e-9)
    assert np.allclose(result.trajectory[-1, :3], result.obj_t, atol=1e-12)
    from scipy.spatial.transform import Rotation

    start = Rotation.from_quat(result.trajectory[0, 3:]).as_matrix()
    lowest = (mesh.vertices @ start.T + result.trajectory[0, :3])[:, 2].min()
    assert lowest == pytest.approx(FEW.drop_height, abs=1e-5)
    tilt = np.degrees(np.arccos(min(1.0, float((start @ SKEW.T)[2, 2]))))
    assert 0.0 < tilt <= FEW.initial_rotation_perturbation + 1e-3


def test_scale_per_axis_counts() -> None:
    """A cube stretched to a slab by its scale lies on the slab's broad side, whatever its own shape says."""
    upright = axis_rotation(np.array([0.0, 1.0, 0.0]), 1.2)
    result = drop(box((0, 0, 0), (1, 1, 1)), upright, scale=(0.3, 0.3, 0.02))
    assert np.allclose(np.abs(result.obj_R[2]), (0, 0, 1), atol=1e-9)
    assert result.com[2] == pytest.approx(0.01, abs=1e-9)


def test_same_bits_again_in_any_order_and_under_a_heavy_scene(empty_file: None) -> None:
    import bpy

    names = ["L", "torus", "small block"]
    first = {name: bits(drop(BODIES[name], SKEW)) for name in names}
    backwards = {name: bits(drop(BODIES[name], SKEW)) for name in reversed(names)}
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=200, y_subdivisions=200)
    bpy.context.object.modifiers.new("wave", "WAVE")
    heavy = {name: bits(drop(BODIES[name], SKEW)) for name in names}
    assert first == backwards == heavy


def test_the_drift_run_is_no_race() -> None:
    """Threads that apply a setting now before and now after a step would show in one run of ten or so."""
    runs = {bits(drop(BODIES["torus"], SKEW)) for _ in range(12)}
    assert len(runs) == 1


def test_damping_set_between_steps_counts_from_the_next_one() -> None:
    from grail_addon.stage.settle.drop import exact_world
    from grail_addon.stage.settle.hull import convex_hull
    from grail_addon.stage.settle.world import RigidPose

    cube = drain(convex_hull(box((-0.1, -0.1, -0.1), (0.1, 0.1, 0.1)).vertices))
    falls = []
    for later in (0.99, 0.0):
        with exact_world(12, 0.2, FEW) as world:
            world.add_body([cube], RigidPose(np.eye(3), np.array([0.0, 0.0, 9.0])), (0.99, 0.99))
            heights = [world.step(frame)[0][2, 3] for frame in range(1, 7)]
            world.set_damping(later, later)
            falls.append(heights + [world.step(frame)[0][2, 3] for frame in range(7, 14)])
    slow, free = np.array(falls)
    assert np.array_equal(slow[:6], free[:6])
    time = 7 / FEW.fps
    assert free[5] - free[12] == pytest.approx(9.81 / 2 * time**2 + (free[4] - free[5]) * FEW.fps * time, rel=0.05)
    assert (slow[5] - slow[12]) < 0.7 * (free[5] - free[12])


def test_number_of_drops_does_not_change_the_pose() -> None:
    one, many = (drop(BODIES["L"], SKEW, SettleSettings(drops=n)) for n in (1, 23))
    assert one.trajectory.tobytes() == many.trajectory.tobytes()
    assert one.confidence == 1.0 and many.drops == 23


def test_a_body_still_moving_when_time_is_up_is_judged_by_how_it_holds() -> None:
    short = drop(
        ROUND["can"], axis_rotation(np.array([0.0, 1.0, 0.0]), 1.4), SettleSettings(drops=2, settling_time=0.3)
    )
    assert short.settled is True and short.stable is True
    assert short.drift_mm < 1.0 and short.spin_deg < 0.5
    assert json.loads(bits(short))["settled"] is True


def test_seed_decides_the_way() -> None:
    ways = [drop(BODIES["L"], SKEW, SettleSettings(drops=1, seed=s)).trajectory[0].tobytes() for s in (1, 1, 2)]
    assert ways[0] == ways[1] != ways[2]


def test_confidence_tells_a_sure_pose_from_luck() -> None:
    sure = drop(BODIES["plate"], settings=SettleSettings())
    pencil = solid(trimesh.creation.cylinder(0.002, 0.2, sections=16))
    lucky = drop(pencil, settings=SettleSettings(initial_rotation_perturbation=0.0, drop_height=0.001))
    assert sure.confidence == 1.0
    assert lucky.confidence < 0.5 and any("drops ended" in reason for reason in lucky.reasons)


def test_a_body_balanced_on_its_tip_is_not_called_stable_there() -> None:
    cone = solid(trimesh.creation.cone(0.08, 0.1, sections=4))
    still = SettleSettings(drops=1, initial_rotation_perturbation=0.0, drop_height=0.0)
    result = drop(cone, np.diag([1.0, -1.0, -1.0]), still)
    assert result.stable and compare(cone, result).angle_deg < 0.5
    assert result.obj_R[2, 2] > -0.9  # no longer on its tip


def test_footprint_off_the_support_is_reported() -> None:
    half = drop(BODIES["cube"], holds=lambda points: points[:, 0] < 0.0, name="table")
    whole = drop(BODIES["cube"], holds=lambda points: np.abs(points).max(axis=1) < 0.09, name="table")
    assert not half.on_support and not half.usable and any("table" in r for r in half.reasons)
    assert whole.on_support and whole.usable
    corners = np.array([(-0.05, -0.05), (0.05, 0.05)])
    assert np.allclose([whole.footprint.min(axis=0), whole.footprint.max(axis=0)], corners, atol=0.025)


def test_a_dense_mesh_settles_like_its_plain_twin() -> None:
    plain = trimesh.creation.box((0.1, 0.15, 0.2))
    dense = plain
    for _ in range(6):
        dense = dense.subdivide()
    assert len(dense.vertices) > 20_000
    result = drop(solid(dense), SKEW)
    assert result.usable and compare(solid(plain), result).angle_deg < 0.5


@pytest.mark.parametrize(
    "mesh",
    [
        MeshData(np.zeros((3, 3)), np.zeros((0, 3), np.int32)),
        MeshData(np.array([(0, 0, 0), (1, 0, 0), (2, 0, 0.0)]), np.array([(0, 1, 2)], np.int32)),
        MeshData(np.array([(0, 0, 0), (1, 0, 0), (np.nan, 1, 0.0)]), np.array([(0, 1, 2)], np.int32)),
    ],
    ids=["no faces", "a line", "not numbers"],
)
def test_a_mesh_that_cannot_settle_is_refused_in_a_sentence(mesh: MeshData) -> None:
    with pytest.raises(UserError, match="The mesh"):
        drop(mesh)


@pytest.mark.parametrize("scale", [0.0, -1.0, (1.0, 1.0, float("nan"))])
def test_a_scale_that_is_none_is_refused(scale) -> None:
    with pytest.raises(UserError, match="obj_scale"):
        drop(BODIES["cube"], scale=scale)


def test_a_pose_set_by_hand_is_put_on_the_next_face_and_judged_alike() -> None:
    from grail_addon.stage.settle import settle_at

    def stand(mesh: MeshData, degrees: float) -> SettleResult:
        turn = axis_rotation(np.array([1.0, 0.0, 0.0]), np.radians(degrees))
        return drain(settle_at(mesh, 1.0, turn, FlatSupport(), FEW))

    brick = box((0.0, 0.0, 0.0), (0.2, 0.1, 0.06))
    dropped = drop(brick)
    near = stand(brick, 4.0)
    assert near.source == "user" and dropped.source == "drop"
    assert near.usable and near.drops == 0
    assert near.snap_deg == pytest.approx(4.0, abs=1e-3)
    np.testing.assert_allclose(near.obj_R[2], [0.0, 0.0, 1.0], atol=1e-6)
    assert near.tip_angle_deg == pytest.approx(dropped.tip_angle_deg, abs=0.1)
    assert stand(brick, 94.0).obj_R[2, 1] == pytest.approx(1.0)
    edge = stand(brick, 45.0)
    assert not edge.usable and not edge.stable
