# SPDX-License-Identifier: GPL-3.0-or-later
"""Statics against what is known without it: closed forms, trimesh, scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.statics import convex_hull_2d, edge_margin, facet_normals, same_rest, snap_rotation, stance
from grail_addon.core.settle.statics_com import centre_of_mass, is_closed, weld
from grail_addon.core.settle.statics_rolls import rolls
from grail_addon.core.settle.statics_rotation import (
    axis_rotation,
    matrix_from_quat,
    rotation_angle,
    smallest_rotation,
    tilt,
)
from grail_addon.core.settle.statics_split import crossings, pieces

coordinate = st.integers(-1000, 1000).map(lambda i: i / 1000.0)
points_2d = hnp.arrays(np.float64, st.tuples(st.integers(3, 30), st.just(2)), elements=coordinate)
angle = st.floats(-3.0, 3.0)
direction = hnp.arrays(np.float64, 3, elements=st.floats(-1, 1)).filter(lambda v: float(np.linalg.norm(v)) > 0.1)


def data(mesh: trimesh.Trimesh) -> MeshData:
    return MeshData(np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces, dtype=np.int32))


def area_2d(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2


@given(points_2d)
def test_hull_2d_has_scipys_area_and_holds_all_points(points: np.ndarray) -> None:
    hull = convex_hull_2d(points)
    if np.linalg.matrix_rank(points - points[0]) < 2:
        assert len(hull) <= 2
        return
    assert area_2d(hull) == pytest.approx(ConvexHull(points).volume, rel=1e-9)
    # every corner is one of the points, and no point lies outside
    assert {tuple(c) for c in hull} <= {tuple(p) for p in points}
    assert all(edge_margin(hull, p) >= 0 or abs(edge_margin(hull, p)) < 1e-9 for p in points)


@given(st.floats(0.1, 2), st.floats(0.1, 2), coordinate, coordinate)
def test_margin_in_a_rectangle_is_the_distance_to_its_nearest_side(w: float, h: float, x: float, y: float) -> None:
    rectangle = convex_hull_2d(np.array([(-w, -h), (w, -h), (w, h), (-w, h)]))
    inside = min(w - abs(x), h - abs(y))
    outside = math.hypot(max(abs(x) - w, 0), max(abs(y) - h, 0))
    margin = edge_margin(rectangle, np.array([x, y]))
    assert margin == pytest.approx(inside if inside > 0 else -outside, abs=1e-12)


@given(direction, direction)
def test_smallest_rotation_turns_onto_the_target_by_the_angle_between(a: np.ndarray, b: np.ndarray) -> None:
    turn = smallest_rotation(a, b)
    between = math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))
    assert np.allclose(turn @ a / np.linalg.norm(a), b / np.linalg.norm(b), atol=1e-9)
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-9) and np.linalg.det(turn) > 0
    assert rotation_angle(turn, np.eye(3)) == pytest.approx(between, abs=1e-6)


@pytest.mark.parametrize("axis", np.eye(3))
def test_smallest_rotation_of_opposite_directions_is_half_a_turn(axis: np.ndarray) -> None:
    turn = smallest_rotation(axis, -axis)
    assert np.allclose(turn @ axis, -axis) and np.linalg.det(turn) == pytest.approx(1.0)


@given(direction, angle)
def test_rotations_agree_with_scipy(axis: np.ndarray, amount: float) -> None:
    truth = Rotation.from_rotvec(axis / np.linalg.norm(axis) * amount)
    assert np.allclose(axis_rotation(axis, amount), truth.as_matrix(), atol=1e-12)
    assert np.allclose(matrix_from_quat(truth.as_quat()), truth.as_matrix(), atol=1e-12)
    assert rotation_angle(axis_rotation(axis, amount), np.eye(3)) == pytest.approx(abs(amount), abs=1e-7)


@given(st.floats(0.02, 0.3), st.floats(0.02, 0.3), st.floats(0.02, 0.3), st.floats(0, 6.28), st.floats(0, 0.999))
def test_a_block_stands_until_it_is_tilted_past_its_edge(
    w: float, d: float, h: float, azimuth: float, share: float
) -> None:
    """Two-sided: with the COM just inside the footprint it is stable, just outside it is not."""
    block = trimesh.creation.box((w, d, h)).vertices
    reach = min(
        w / 2 / max(abs(math.cos(azimuth)), 1e-12), d / 2 / max(abs(math.sin(azimuth)), 1e-12)
    )  # from the middle to the footprint's edge
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    inside = stance(block, out * reach * share, 1e-6)
    outside = stance(block, out * reach * (2.0 - share), 1e-6)
    assert inside.stable and inside.margin > 0 and not outside.stable and outside.margin < 0
    centred = stance(block, np.zeros(3), 1e-6)
    assert centred.tip_angle_deg == pytest.approx(math.degrees(math.atan2(min(w, d) / 2, h / 2)))
    assert outside.tip_angle_deg == 0.0


@given(st.floats(0.05, 0.9), st.floats(0, 6.28))
def test_snap_levels_a_tilt_below_its_limit_and_leaves_a_larger_one(degrees: float, azimuth: float) -> None:
    box = trimesh.creation.box((0.1, 0.2, 0.3))
    normals, _ = facet_normals(box.vertices, np.asarray(box.faces, np.int32))
    tilted = tilt(math.radians(degrees), azimuth)
    turned, snapped = snap_rotation(box.vertices, normals, np.zeros(3), tilted, 1.0, 0.0005)
    assert snapped == pytest.approx(degrees, abs=1e-6)
    assert np.allclose(np.abs(turned[2]), (0, 0, 1), atol=1e-12)
    same, none = snap_rotation(box.vertices, normals, np.zeros(3), tilted, degrees * 0.9, 0.0005)
    assert none is None and np.array_equal(same, tilted)


def test_snap_refuses_a_facet_that_does_not_carry_the_body() -> None:
    box = trimesh.creation.box((0.1, 0.1, 0.1))
    normals, _ = facet_normals(box.vertices, np.asarray(box.faces, np.int32))
    com = np.array([0.06, 0.0, 0.0])
    assert snap_rotation(box.vertices, normals, com, tilt(0.01, 0.3), 1.0, 0.0005)[1] is None


SOLIDS = {
    "box": trimesh.creation.box((0.1, 0.2, 0.3)),
    "ball": trimesh.creation.icosphere(3, radius=0.1),
    "cone": trimesh.creation.cone(0.05, 0.2),
    "torus": trimesh.creation.torus(0.1, 0.03),
    "ring": trimesh.creation.annulus(0.05, 0.1, 0.2),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_com_of_a_closed_mesh_is_trimeshs(name: str) -> None:
    solid = SOLIDS[name]
    com, method = centre_of_mass(data(solid))
    assert method == "volume"
    assert np.allclose(com, solid.center_mass, atol=1e-9)


@pytest.mark.parametrize("name", SOLIDS)
@pytest.mark.parametrize("harm", ["holes", "flipped"])
def test_com_survives_damage_within_three_percent(name: str, harm: str) -> None:
    solid = SOLIDS[name].subdivide()
    faces = np.asarray(solid.faces, np.int32).copy()
    chosen = np.random.default_rng(1).random(len(faces)) < 0.15
    if harm == "holes":
        faces = faces[~chosen]
    else:
        faces[chosen] = faces[chosen][:, ::-1]
    com, method = centre_of_mass(MeshData(np.asarray(solid.vertices), faces))
    assert method == "parity"
    assert np.linalg.norm(com - solid.center_mass) < 0.03 * solid.extents.max()


def test_com_of_a_sheet_is_its_surfaces() -> None:
    corners = np.array([(0.0, 0, 0), (2, 0, 1), (2, 1, 1), (0, 1, 0)])
    for faces in ([(0, 1, 2), (0, 2, 3)], [(0, 1, 2), (0, 2, 3), (2, 1, 0), (3, 2, 0)]):  # one-sided, then two-sided
        com, method = centre_of_mass(MeshData(corners, np.array(faces, np.int32)))
        assert method == "surface" and np.allclose(com, (1, 0.5, 0.5))


def test_texture_seams_do_not_open_a_mesh() -> None:
    box = trimesh.creation.box((1, 1, 1))
    split = MeshData(np.asarray(box.triangles).reshape(-1, 3), np.arange(36, dtype=np.int32).reshape(-1, 3))
    assert is_closed(weld(split))
    assert not is_closed(weld(MeshData(split.vertices, split.faces[1:])))
    flipped = split.faces.copy()
    flipped[0] = flipped[0][::-1]
    assert not is_closed(weld(MeshData(split.vertices, flipped)))


ROLLING = {
    "can of 12 sides, lying": (trimesh.creation.cylinder(0.03, 0.1, sections=12), (1, 0, 0), True),
    "can of 64 sides, lying": (trimesh.creation.cylinder(0.03, 0.1, sections=64), (1, 0, 0), True),
    "bar of 8 sides": (trimesh.creation.cylinder(0.03, 0.1, sections=8), (1, 0, 0), False),
    "can, upright": (trimesh.creation.cylinder(0.03, 0.1, sections=32), (0, 0, -1), False),
    "ball": (trimesh.creation.icosphere(2), (0, 0, -1), True),
    "cone, lying": (trimesh.creation.cone(0.05, 0.2), (1, 0, 0.25), True),
    "cone, upright": (trimesh.creation.cone(0.05, 0.2), (0, 0, -1), False),
    "narrow block, upright": (trimesh.creation.box((0.1, 0.13, 1)), (0, 0, -1), False),
    "cube": (trimesh.creation.box((1, 1, 1)), (0, 0, -1), False),
    "torus, lying": (trimesh.creation.torus(0.1, 0.03), (0, 0, -1), False),
    "torus, on its edge": (trimesh.creation.torus(0.1, 0.03), (1, 0, 0), True),
    "icosahedron": (trimesh.creation.icosahedron(), (0, 0, -1), False),
}


@pytest.mark.parametrize("name", ROLLING)
def test_what_rolls(name: str) -> None:
    solid, down, expected = ROLLING[name]
    hull = solid.convex_hull
    unit = np.array(down, dtype=np.float64) / np.linalg.norm(down)
    assert rolls(np.asarray(hull.vertices), np.asarray(hull.faces, np.int32), solid.center_mass, unit) is expected


def test_same_rest_looks_at_height_and_side_but_not_yaw() -> None:
    down = np.array([0.0, 0.0, -1.0])
    near, far = tilt(math.radians(4), 0.3) @ down, tilt(math.radians(6), 0.3) @ down
    assert same_rest(0.1, down, 0.1005, near, 0.1, False)
    assert not same_rest(0.1, down, 0.1, far, 0.1, False)
    assert same_rest(0.1, down, 0.1, far, 0.1, True)
    assert not same_rest(0.1, down, 0.102, down, 0.1, True)


def test_pieces_are_the_parts_that_touch_nowhere() -> None:
    boxes = [trimesh.creation.box((1, 1, 1)), trimesh.creation.icosphere(1), trimesh.creation.cone(1, 2)]
    for k, box in enumerate(boxes):
        box.apply_translation((4.0 * k, 0, 0))
    found = pieces(data(trimesh.util.concatenate(boxes)))
    assert sorted(len(p.faces) for p in found) == sorted(len(b.faces) for b in boxes)
    assert all(is_closed(p.faces.astype(np.int64)) for p in found)


@given(coordinate, coordinate, st.floats(0.01, 1.0))
def test_crossing_edges_know_their_height(x: float, y: float, height: float) -> None:
    lower = np.array([[(x - 1, y, 0.0), (x + 1, y, 0.0)]])
    upper = np.array([[(x, y - 1, height - 0.5), (x, y + 1, height + 0.5)]])
    xy, gap = crossings(upper, lower, 10.0)
    assert np.allclose(xy, [[x, y]]) and gap == pytest.approx([height])
    assert len(crossings(upper, lower, height / 2 - 0.5)[1]) == 0  # farther than asked for
    assert len(crossings(upper + np.array([0, 1.5, 0]), lower, 10.0)[1]) == 0  # passes beside
