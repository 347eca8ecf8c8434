# SPDX-License-Identifier: GPL-3.0-or-later
"""Seat, approach, steps, landing and the floor within reach, found on built meshes of known shape."""

from __future__ import annotations

import numpy as np
import pytest

from grail_addon.core.mesh import MeshData
from grail_addon.core.rotations import about_z
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy

LEGS = [box((x, y, 0.0), (x + 0.04, y + 0.04, 0.38)) for x in (-0.2, 0.16) for y in (-0.2, 0.16)]
CHAIR = join(box((-0.2, -0.2, 0.38), (0.2, 0.2, 0.42)), box((0.17, -0.2, 0.42), (0.2, 0.2, 0.88)), *LEGS)


def found(task: str, mesh: MeshData, person: tuple[float, float] = (-1.0, 0.0), floor: float = 0.0, ground=None):
    from grail_addon.stage.measure.posed_mesh import PosedMesh
    from grail_addon.stage.measure.regions import regions

    thing = PosedMesh("object", 1, mesh)
    return {n: r.points for n, r in regions(task, thing, person, floor, ground or (lambda xy, z: floor)).items()}


def stairs(steps: int, rise: float = 0.15, run: float = 0.3, width: float = 0.8) -> MeshData:
    return join(*(box((run * i, -width / 2, 0.0), (run * (i + 1), width / 2, rise * (i + 1))) for i in range(steps)))


def moved(mesh: MeshData, turn: float, to: tuple[float, float, float]) -> MeshData:
    return mesh.transformed(about_z(turn), np.array(to))


def test_other_tasks_need_no_region() -> None:
    assert found("manipulation", CHAIR) == found("pickup_table", CHAIR) == {}


@pytest.mark.parametrize("turn", [0.0, 0.7, 2.5])
@pytest.mark.parametrize("floor", [0.0, 0.2])
def test_seat_is_the_top_of_the_seat_without_the_part_below_the_back(turn: float, floor: float) -> None:
    points = found("sitting", moved(CHAIR, turn, (1.0, 2.0, floor)), floor=floor)["seat"]
    own = (points - [1.0, 2.0, floor]) @ about_z(turn)
    assert len(points) >= 50
    assert np.allclose(own[:, 2], 0.42)
    low, high = own.min(axis=0), own.max(axis=0)
    assert np.allclose(low[:2], [-0.2, -0.2], atol=0.05) and np.allclose(high[:2], [0.17, 0.2], atol=0.05)


def test_a_board_under_the_seat_is_no_seat() -> None:
    shelf = box((-0.5, -0.5, 0.2), (0.5, 0.5, 0.22))
    top = box((-0.5, -0.5, 0.40), (0.5, 0.5, 0.44))
    points = found("sitting", join(shelf, top))["seat"]
    assert np.allclose(points[:, 2], 0.44)


def test_a_cushion_is_a_seat_and_a_table_is_none() -> None:
    x, y = (g.ravel() for g in np.meshgrid(np.linspace(-0.2, 0.2, 9), np.linspace(-0.2, 0.2, 9), indexing="ij"))
    top = np.column_stack([x, y, 0.45 - 0.5 * (x**2 + y**2)])  # falls by 4 cm to its corners
    corner = (np.arange(8)[:, None] * 9 + np.arange(8)).ravel()
    faces = np.concatenate([[corner, corner + 9, corner + 10], [corner, corner + 10, corner + 1]], axis=1).T
    points = found("sitting", MeshData(top, faces.astype(np.int32)))["seat"]
    assert np.ptp(points[:, 0]) > 0.35 and np.ptp(points[:, 1]) > 0.35
    assert found("sitting", box((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0))) == {}


def test_approach_is_floor_as_wide_as_the_seat_between_it_and_the_person() -> None:
    points = found("sitting", CHAIR, person=(-0.6, 0.0))["seat_approach"]
    assert np.allclose(points[:, 2], 0.0)
    assert -0.6 <= points[:, 0].min() < -0.55 and -0.25 < points[:, 0].max() <= -0.2
    assert np.abs(points[:, 1]).max() == pytest.approx(0.18, abs=0.03)
    far = found("sitting", CHAIR, person=(0.0, -5.0))["seat_approach"]
    assert -1.0 <= far[:, 1].min() < -0.95 and far[:, 1].max() <= -0.2


def test_floor_where_something_stands_is_not_within_reach() -> None:
    can = box((-0.05, -0.05, 0.0), (0.05, 0.05, 0.1))
    points = found("pickup_ground", can)["floor_reach"]
    radius = np.hypot(0.1, 0.1) / 2 + 0.25
    assert np.allclose(points[:, 2], 0.0) and len(points) > 80
    assert np.linalg.norm(points[:, :2], axis=1).max() == pytest.approx(radius, abs=0.04)
    beside_sofa = found("pickup_ground", can, ground=lambda xy, z: 0.25 if xy[0] > 0.1 else 0.01)["floor_reach"]
    assert beside_sofa[:, 0].max() <= 0.1 and np.allclose(beside_sofa[:, 2], 0.01)
    assert len(found("pickup_ground", can, ground=lambda xy, z: 0.25)["floor_reach"]) == 0


@pytest.mark.parametrize("turn", [0.0, 1.0])
@pytest.mark.parametrize("steps", [2, 3, 8])
def test_steps_rise_one_by_one_to_the_landing(steps: int, turn: float) -> None:
    points = found("terrain_stairs", moved(stairs(steps), turn, (0.5, 0.5, 0.1)), floor=0.1)
    assert list(points) == [*(f"step_{i:02d}" for i in range(1, steps)), "landing"]
    for i, level in enumerate(points.values()):
        own = (level - [0.5, 0.5, 0.1]) @ about_z(turn)
        assert np.allclose(own[:, 2], 0.15 * (i + 1))
        assert (own[:, 0] >= 0.3 * i - 1e-9).all() and (own[:, 0] <= 0.3 * (i + 1) + 1e-9).all()
        assert np.ptp(own[:, 1]) > 0.7 and np.ptp(own[:, 0]) > 0.25


def test_rails_are_no_steps() -> None:
    rails = [box((-0.1, y, 1.2), (1.3, y + 0.04, 1.24)) for y in (-0.4,)]
    plain, railed = (found("terrain_stairs", m) for m in (stairs(4), join(stairs(4), *rails)))
    assert set(plain) == set(railed)
    assert np.allclose(plain["landing"][:, 2], 0.6) and np.allclose(railed["landing"][:, 2], 0.6)


def test_a_kerb_is_step_and_landing() -> None:
    points = found("terrain_stairs", box((0.0, -1.0, 0.0), (1.0, 1.0, 0.12)))
    assert set(points) == {"step_01", "landing"}
    assert np.allclose(points["landing"][:, 2], 0.12)


def test_a_slope_is_walked_up_to_its_top() -> None:
    ramp = box((0.0, -0.5, 0.0), (2.0, 0.5, 0.8))
    vertices = ramp.vertices.copy()
    vertices[(vertices[:, 0] == 0.0) & (vertices[:, 2] > 0.0), 2] = 0.0
    points = found("terrain_stairs", MeshData(vertices, ramp.faces))
    assert set(points) == {"step_01", "landing"}
    assert np.ptp(points["step_01"][:, 2]) > 0.6
    assert points["landing"][:, 2].min() > 0.7


def test_nothing_to_step_on_is_told_by_silence() -> None:
    assert found("terrain_stairs", box((0.0, 0.0, 0.0), (1.0, 1.0, 0.01))) == {}


def test_same_points_every_time() -> None:
    one, two = found("terrain_stairs", stairs(3)), found("terrain_stairs", stairs(3))
    assert all(np.array_equal(one[name], two[name]) for name in one)
