# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes of more triangles than are looked at one by one settle as the same body in few triangles does."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("bpy")

from grail_addon.core.mesh import MeshData
from grail_addon.core.settle import statics_coarse, statics_com
from grail_addon.core.settle.settings import SettleSettings
from grail_addon.core.settle.statics_coarse import FINE_FACES, coarse
from grail_addon.core.settle.statics_com import centre_of_mass, is_closed, volume_and_centroid, weld
from grail_addon.core.settle.support import FlatSupport, MeshSupport
from grail_addon.drivers.blocking import drain
from grail_addon.stage.settle import hull, parts, settle
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy

ROWS, COLUMNS = 150, 300


def ring(rows: int = ROWS, columns: int = COLUMNS, bumps: float = 0.1) -> MeshData:
    """A lumpy closed ring of 2 * rows * columns triangles, single precision as files have it."""
    around, along = np.meshgrid(
        np.linspace(0, 2 * np.pi, rows, endpoint=False),
        np.linspace(0, 2 * np.pi, columns, endpoint=False),
        indexing="ij",
    )
    tube = 0.03 * (1.0 + bumps * np.sin(7 * around) * np.cos(5 * along))
    reach = 0.08 + tube * np.cos(around)
    points = np.stack([reach * np.cos(along), 0.8 * reach * np.sin(along), tube * np.sin(around)], axis=-1)
    cell = np.arange(rows * columns).reshape(rows, columns)
    right, up = np.roll(cell, -1, axis=1), np.roll(cell, -1, axis=0)
    corner = np.roll(up, -1, axis=1)
    faces = np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((cell, corner, up), (cell, right, corner))])
    return MeshData(points.reshape(-1, 3).astype(np.float32).astype(np.float64), faces.astype(np.int32))


def seams(mesh: MeshData) -> MeshData:
    """The same with three vertices of its own for each triangle, as files with normals by corner have it."""
    return MeshData(
        mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(3 * len(mesh.faces), dtype=np.int32).reshape(-1, 3)
    )


def lidless(mesh: MeshData) -> MeshData:
    return MeshData(mesh.vertices, mesh.faces[: int(0.97 * len(mesh.faces))])


def partly_inside_out(mesh: MeshData) -> MeshData:
    """The ring and a block beside it that is wound the other way."""
    block = box((0.2, -0.03, -0.03), (0.3, 0.03, 0.03))
    return join(mesh, MeshData(block.vertices, np.ascontiguousarray(block.faces[:, ::-1])))


KINDS = {"closed": ring(), "seams": seams(ring()), "lidless": lidless(ring()), "inside out": partly_inside_out(ring())}


@pytest.fixture
def all_are_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of fine meshes lowered, so that a small one goes the way of those of millions of triangles."""
    for module in (statics_com, statics_coarse):
        monkeypatch.setattr(module, "FINE_FACES", 1000)
    monkeypatch.setattr(hull, "VERY_DENSE", 5001)


def settled(mesh: MeshData):
    return drain(settle(mesh, 1.0, np.eye(3), FlatSupport(0.0), SettleSettings(drops=2)))


@pytest.mark.parametrize("name", KINDS)
def test_the_centre_of_mass_is_that_of_all_triangles(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = KINDS[name]
    exact, how = centre_of_mass(mesh)
    for module in (statics_com, statics_coarse):
        monkeypatch.setattr(module, "FINE_FACES", 1000)
    found, method = centre_of_mass(mesh)
    assert method == how == ("parity" if name == "lidless" else "volume")
    off = float(np.linalg.norm(found - exact)) / mesh.size
    assert off < {"closed": 1e-9, "seams": 1e-9, "lidless": 5e-3, "inside out": 1e-4}[name]


@pytest.mark.parametrize("mesh", KINDS.values(), ids=KINDS.keys())
def test_the_stand_in_keeps_what_is_closed_and_moves_no_point_far(mesh: MeshData) -> None:
    small = coarse(mesh)
    assert is_closed(weld(small)) == is_closed(weld(mesh))
    assert np.allclose(small.bounds, mesh.bounds, atol=mesh.size / 256)


@pytest.mark.parametrize("bumps", [0.0, 0.1, 0.5])
def test_the_hull_is_the_same(bumps: float, monkeypatch: pytest.MonkeyPatch) -> None:
    points = ring(bumps=bumps).vertices
    exact = drain(hull.convex_hull(points))
    monkeypatch.setattr(hull, "VERY_DENSE", 5001)
    found = drain(hull.convex_hull(points))
    for direction in hull.sphere_directions(500):
        assert (found.vertices @ direction).max() == pytest.approx((exact.vertices @ direction).max(), abs=1e-6)


@pytest.mark.parametrize("name", ["closed", "seams", "lidless"])
def test_it_comes_to_rest_as_ever(name: str, all_are_fine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = settled(KINDS[name])
    monkeypatch.undo()
    plain = settled(KINDS[name])
    assert fine.stable and fine.settled and fine.gap_mm == pytest.approx(0.0, abs=1e-6)
    assert np.allclose(fine.obj_R[2], plain.obj_R[2], atol=1e-3)
    assert fine.obj_t[2] == pytest.approx(plain.obj_t[2], abs=1e-4)


@pytest.mark.parametrize(
    "mesh", [ring(60, 120), seams(ring(60, 120)), ring(60, 120, bumps=0.4)], ids=["ring", "seams", "lumps"]
)
def test_on_an_uneven_support_its_stand_in_comes_to_rest_as_it_does(
    mesh: MeshData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ring lies flat on a hump's top: height and the way up are those of all triangles."""
    x, y = np.meshgrid(np.linspace(-0.4, 0.4, 25), np.linspace(-0.4, 0.4, 25), indexing="ij")
    cell = np.arange(625).reshape(25, 25)
    a, b, c, d = cell[:-1, :-1], cell[1:, :-1], cell[1:, 1:], cell[:-1, 1:]
    faces = np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))]).astype(np.int32)
    support = MeshSupport(np.stack([x, y, 0.05 * (x * x + y * y)], axis=-1).reshape(-1, 3), faces)

    def at_rest():
        return drain(settle(mesh, 1.0, np.eye(3), support, SettleSettings(drops=1)))

    plain = at_rest()
    for module in (parts, statics_coarse):
        monkeypatch.setattr(module, "FINE_FACES", 1000)
    fine = at_rest()
    assert fine.stable == plain.stable and fine.settled == plain.settled
    assert np.allclose(fine.obj_R[2], plain.obj_R[2], atol=0.02)
    assert fine.obj_t[2] == pytest.approx(plain.obj_t[2], abs=0.003)


def test_what_is_held_against_near_facets_is_as_against_all() -> None:
    points = np.random.default_rng(3).normal(size=(30_000, 3)) * (0.1, 0.03, 0.2)
    facets = drain(hull._facets(points[::9]))
    near, all_of_them = hull.outside_near(points, facets, 1.0), hull._outside(points, facets, 1.0)
    assert 10 < len(all_of_them) < len(points) and np.array_equal(near, all_of_them)


@pytest.mark.slow
def test_more_triangles_than_are_looked_at_one_by_one() -> None:
    fine = settled(ring(520, 1040))
    assert len(ring(520, 1040).faces) > FINE_FACES
    plain = settled(ring())
    assert fine.stable and fine.com_method == "volume"
    assert np.allclose(fine.obj_R[2], plain.obj_R[2], atol=5e-3)


def loose(count: int, inside_out: float = 0.0) -> MeshData:
    """So many small tetrahedra in a ball, that share of them inside out."""
    draw = np.random.default_rng(1)
    way = draw.standard_normal((count, 3))
    places = 0.1 * way / np.linalg.norm(way, axis=1)[:, None] * draw.random((count, 1)) ** (1 / 3)
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]) + 4 * np.arange(count)[:, None, None]
    turned = draw.random(count) < inside_out
    faces[turned] = faces[turned][..., ::-1]
    points = (places[:, None] + 0.001 * corners).reshape(-1, 3)
    return MeshData(points, faces.reshape(-1, 3).astype(np.int32))


def soup(count: int) -> MeshData:
    """Triangles that meet nowhere."""
    draw = np.random.default_rng(2)
    points = draw.uniform(-0.1, 0.1, (count, 1, 3)) + 0.02 * draw.standard_normal((count, 3, 3))
    return MeshData(points.reshape(-1, 3), np.arange(3 * count, dtype=np.int32).reshape(-1, 3))


def test_thousands_of_loose_pieces_are_one_body_whichever_way_they_are_wound() -> None:
    """Work grows with the triangles, not with the pieces squared."""
    mixed = loose(20_000, inside_out=0.3)
    right, _ = centre_of_mass(loose(20_000))
    found, method = centre_of_mass(mixed)
    assert method == "volume" and np.allclose(found, right, atol=5e-5)  # a few lie in others, as hollows do
    assert not np.allclose(volume_and_centroid(mixed)[1], right, atol=1e-4)


@pytest.mark.parametrize("mesh", [loose(3000), soup(2000)], ids=["loose", "soup"])
def test_a_mesh_of_very_many_pieces_has_few_convex_parts(mesh: MeshData) -> None:
    made = drain(parts.PartsCache().of(mesh))
    assert 1 <= len(made) <= parts.GRID_CELLS**3
    all_points = np.concatenate(made)
    for direction in hull.sphere_directions(50):
        assert (all_points @ direction).max() == pytest.approx((mesh.vertices @ direction).max(), abs=0.03 * mesh.size)


@pytest.mark.parametrize("mesh", list(KINDS.values()), ids=list(KINDS))
def test_what_is_closed_is_told_without_a_sort(mesh: MeshData) -> None:
    found = statics_coarse.is_balanced(mesh.faces, statics_coarse.point_keys(mesh.vertices))
    assert found == is_closed(weld(mesh))
