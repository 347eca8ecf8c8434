# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender meshes as arrays: base and evaluated, moved and mirrored."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.mesh import MeshData  # noqa: E402
from grail_addon.stage.measure.meshes import merged, mesh_from_object  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

QUAD = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 2.0, 0.0), (0.0, 2.0, 0.0)]


def add_quad() -> bpy.types.Object:
    mesh = bpy.data.meshes.new("quad")
    mesh.from_pydata(QUAD, [], [(0, 1, 2, 3)])
    obj = bpy.data.objects.new("quad", mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def normals(data: MeshData) -> np.ndarray:
    a, b, c = (data.vertices[data.faces[:, k]] for k in range(3))
    n = np.cross(b - a, c - a)
    return n / np.linalg.norm(n, axis=1)[:, None]


def test_datablock_needs_no_scene() -> None:
    data = mesh_from_object(add_quad())
    assert data.vertices.dtype == np.float64 and data.faces.dtype == np.int32
    assert np.array_equal(data.vertices, QUAD)
    assert data.faces.shape == (2, 3) and set(data.faces.ravel()) == {0, 1, 2, 3}
    assert np.allclose(normals(data), (0, 0, 1))


@pytest.mark.parametrize("corners", [3, 4, 5, 0])
def test_triangles_are_those_that_blender_says_one_by_one(corners: int) -> None:
    """Of polygons of one size or of all (0), in a plane or not, some of them concave."""
    rng = np.random.default_rng(corners)
    sizes = [corners or int(n) for n in rng.integers(3, 9, 300)]
    starts = np.cumsum([0, *sizes])
    mesh = bpy.data.meshes.new("polygons")
    mesh.from_pydata(
        rng.normal(size=(int(starts[-1]), 3)), [], [range(a, a + n) for a, n in zip(starts, sizes, strict=False)]
    )
    obj = bpy.data.objects.new("polygons", mesh)
    found = mesh_from_object(obj).faces
    assert found.tolist() == [list(triangle.vertices) for triangle in mesh.loop_triangles]


def test_modifiers_count_only_with_a_depsgraph() -> None:
    obj = add_quad()
    obj.modifiers.new("thick", "SOLIDIFY").thickness = 0.5
    assert len(mesh_from_object(obj).vertices) == 4
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert len(mesh_from_object(obj, depsgraph).vertices) == 8


def test_mirror_keeps_the_outside_outside() -> None:
    matrix = np.diag([-3.0, 1.0, 1.0, 1.0])
    matrix[:3, 3] = (5.0, 6.0, 7.0)
    data = mesh_from_object(add_quad(), matrix=matrix)
    assert np.allclose(data.vertices, np.array(QUAD) * (-3, 1, 1) + (5, 6, 7))
    assert np.allclose(normals(data), (0, 0, 1))


def test_curve_and_empty() -> None:
    curve = bpy.data.curves.new("tube", "CURVE")
    curve.dimensions, curve.bevel_depth = "3D", 0.1
    spline = curve.splines.new("POLY")
    spline.points.add(1)
    spline.points[1].co = (0.0, 0.0, 1.0, 1.0)
    obj = bpy.data.objects.new("tube", curve)
    assert len(mesh_from_object(obj).faces) > 0
    assert len(mesh_from_object(bpy.data.objects.new("nothing", None)).vertices) == 0


def test_merged_shifts_indices() -> None:
    one = mesh_from_object(add_quad())
    both = merged([one, one.transformed(np.eye(3), np.array([0.0, 0.0, 1.0]))])
    assert both.faces.max() == 7 and both.faces.dtype == np.int32
    assert np.allclose(both.vertices[both.faces[2:]][..., 2], 1.0)
    assert len(merged([]).vertices) == 0
