# SPDX-License-Identifier: GPL-3.0-or-later
"""What is called settled stays where it is: let go once more from its pose, at natural damping, it does not move."""

from __future__ import annotations

import math

import numpy as np
import pytest
import trimesh

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.result import SettleResult
from grail_addon.core.settle.settings import SettleSettings
from grail_addon.core.settle.support import FlatSupport, MeshSupport
from grail_addon.drivers.blocking import drain
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy

FEW = SettleSettings(drops=2)


def data(shape: trimesh.Trimesh) -> MeshData:
    return MeshData(np.asarray(shape.vertices, dtype=np.float64), np.asarray(shape.faces, dtype=np.int32))


def broken(seed: int) -> MeshData:
    """An open shell: a lumpy ball that has lost a third of its triangles and everything over a slanted plane."""
    draw = np.random.default_rng(seed)
    ball = data(trimesh.creation.icosphere(3, radius=0.1))
    points = ball.vertices * (1.0 + 0.04 * draw.standard_normal((len(ball.vertices), 1)))
    below = points[ball.faces].mean(axis=1) @ np.array([0.3, 0.2, 0.93]) < 0.02
    return MeshData(points, ball.faces[below & (draw.random(len(ball.faces)) > 1 / 3)]).drawn()


def inverted() -> MeshData:
    block = box((0.05, -0.03, 0.0), (0.1, 0.03, 0.2))
    turned = MeshData(block.vertices, np.ascontiguousarray(block.faces[:, ::-1]))
    return join(box((-0.05, -0.03, 0.0), (0.04, 0.03, 0.05)), turned)


def rocker() -> MeshData:
    """A half round bar, standing on its round side with a weight off the middle."""
    bar = data(trimesh.creation.cylinder(radius=0.1, height=0.2, sections=64))
    half = MeshData(np.minimum(bar.vertices, np.array([np.inf, 0.0, np.inf])), bar.faces)
    turn = trimesh.transformations.rotation_matrix(math.pi / 2, (1, 0, 0))[:3, :3]
    return join(half.transformed(turn, np.zeros(3)), box((0.03, -0.02, 0.0), (0.06, 0.02, 0.06)))


def leaning() -> MeshData:
    """A thin plate that leans by 12 degrees."""
    turn = trimesh.transformations.rotation_matrix(math.radians(12), (0, 1, 0))[:3, :3]
    return box((-0.003, -0.1, 0.0), (0.003, 0.1, 0.3)).transformed(turn, np.zeros(3))


SHAPES = {
    **{f"broken {seed}": broken(seed) for seed in range(4)},
    "inverted piece": inverted(),
    "two touching shells": join(box((0, 0, 0), (0.1, 0.1, 0.1)), box((0.1, 0, 0), (0.16, 0.1, 0.04))),
    "rocker": rocker(),
    "leaning plate": leaning(),
}


def moves(mesh: MeshData, result: SettleResult) -> tuple[float, float]:
    """Metres and degrees that the hull of all points moves and turns in 3 s from the result's pose."""
    from grail_addon.stage.settle.drop import drift
    from grail_addon.stage.settle.hull import convex_hull
    from grail_addon.stage.settle.world import RigidPose

    own_com = result.obj_R.T @ (result.com - result.obj_t)
    hull = drain(convex_hull(mesh.vertices - own_com))
    rest = RigidPose(result.obj_R, np.array([0.0, 0.0, float(result.com[2])]))
    moved = drain(drift([hull], rest, lambda world: world.add_box_support(), mesh.size, FEW))
    return moved.distance, math.degrees(moved.angle)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_settled_does_not_move(name: str) -> None:
    from grail_addon.stage.settle import settle

    mesh = SHAPES[name]
    result = drain(settle(mesh, 1.0, np.eye(3), FlatSupport(), FEW))
    distance, angle = moves(mesh, result)
    if result.settled:
        assert result.drift_mm < 1.0 and result.spin_deg < 0.5
        assert distance < 0.002 and angle < 1.0
    else:
        assert not result.usable and any("more it moved" in reason for reason in result.reasons)


def test_a_ball_on_a_slope_is_settled_only_where_it_stays() -> None:
    from grail_addon.stage.settle import settle

    slope = math.tan(math.radians(1.0))
    corners = np.array([(x, y, slope * x) for x in (-1.0, 1.0) for y in (-1.0, 1.0)])
    support = MeshSupport(corners, np.array([[0, 2, 3], [0, 3, 1]], dtype=np.int32))
    result = drain(settle(data(trimesh.creation.icosphere(3, radius=0.05)), 1.0, np.eye(3), support, FEW))
    assert result.settled == (result.drift_mm < 1.0 and result.spin_deg < 0.5)
    assert result.usable == (result.stable and result.settled and result.on_support)
