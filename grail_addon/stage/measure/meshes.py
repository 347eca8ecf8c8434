# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender meshes as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.mesh import MeshData
from ...steps.blender_calls import blender_call
from ..compat import triangles_of

_OUTWARDS = 26
"""Directions along the axes and the diagonals of faces and corners."""


def _outermost(points: Array) -> NDArray[np.int64]:
    """Indices of the points (N, 3) that lie farthest out in each of the 26 directions; the first where several do."""
    x, y, z = (np.ascontiguousarray(column) for column in points.T)
    sums, differences = x + y, x - y
    along = [x, y, z, sums, differences, x + z, x - z, y + z, y - z]
    along += [sums + z, sums - z, differences + z, differences - z]
    return np.array([end for values in along for end in (values.argmax(), values.argmin())])


def thinned(points: Array, most: int) -> Array:
    """Up to `most` (at least 27) of the points (N, 3): the outermost ones always, the others evenly by index."""
    if len(points) <= most:
        return points
    even = np.linspace(0, len(points) - 1, most - _OUTWARDS).astype(int)
    return points[np.union1d(_outermost(points), even)]


def mesh_arrays(mesh: bpy.types.Mesh) -> MeshData:
    """Vertices and triangles of a mesh datablock in its own frame; polygons are cut as Blender draws them.

    Vertex order is the datablock's own, so indices can be used on either side. No faces gives (0, 3) faces.
    """
    # Blender stores single precision: reading into float32 is the fast path of foreach_get
    vertices = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    with blender_call("foreach_get"):
        mesh.vertices.foreach_get("co", vertices)
    with blender_call("Mesh.loop_triangles"):
        mesh.calc_loop_triangles()
        faces = triangles_of(mesh)
    return MeshData(vertices.reshape(-1, 3).astype(np.float64), faces)


def mesh_from_object(
    obj: bpy.types.Object,
    depsgraph: bpy.types.Depsgraph | None = None,
    matrix: Sequence[Sequence[float]] | NDArray[np.float64] | None = None,
) -> MeshData:
    """Mesh of `obj` as triangles.

    depsgraph: of a view layer that holds the object: modifiers, pose and shape keys count. None: the datablock as it
    stands, whatever scene is open. matrix: 4x4 that takes the object's frame elsewhere (`obj.matrix_world` for world
    space); None leaves vertices in the object's own frame. Objects that cannot become a mesh give an empty one.
    """
    source = obj.evaluated_get(depsgraph) if depsgraph is not None else obj
    data = mesh_arrays(source.data) if source.type == "MESH" else _converted(source)
    return data if matrix is None else moved(data, matrix)


def moved(data: MeshData, matrix: Sequence[Sequence[float]] | NDArray[np.float64]) -> MeshData:
    """The mesh under a 4x4 matrix, its outside still outside."""
    m = np.asarray(matrix, dtype=np.float64)
    made = data.transformed(m[:3, :3], m[:3, 3])
    if np.linalg.det(m[:3, :3]) < 0.0:  # a mirror turns triangles inside out
        return MeshData(made.vertices, np.ascontiguousarray(made.faces[:, ::-1]))
    return made


def _converted(source: bpy.types.Object) -> MeshData:
    """Mesh of a curve, text, surface or metaball; empty for lights, cameras, empties, hair."""
    if source.type not in {"CURVE", "SURFACE", "FONT", "META"}:
        return MeshData(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int32))
    mesh = source.to_mesh()
    try:
        return mesh_arrays(mesh)
    finally:
        source.to_mesh_clear()


def merged(meshes: Sequence[MeshData]) -> MeshData:
    """Several meshes of one frame as one; vertex indices shift by the vertices before them."""
    if not meshes:
        return MeshData(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int32))
    offsets = np.cumsum([0, *(len(m.vertices) for m in meshes[:-1])])
    faces = [m.faces + np.int32(o) for m, o in zip(meshes, offsets, strict=True)]
    return MeshData(np.concatenate([m.vertices for m in meshes]), np.concatenate(faces).astype(np.int32))
