# SPDX-License-Identifier: GPL-3.0-or-later
"""What of an imported file is drawn: one level of detail, no collision hulls, no points and edges without faces.

Only what is drawn counts for hull, size, contact and pose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import bmesh
import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.mesh import MeshData
from ...core.mesh_levels import is_hull, level_of

_NUMBER = re.compile(r"\.\d{3,}$")  # Blender's, of a name that was taken
AREA = 1e-7
"""Of the longest edge squared: smaller triangles are lines and points in single precision."""


def undrawn(objects: Sequence[bpy.types.Object]) -> list[bpy.types.Object]:
    """Meshes that a game engine would not draw beside the others: collision hulls, and of an object that comes in
    several levels of detail (`_LOD0`, `_LOD1` ...) all but the finest. Never all meshes that there are."""
    meshes = [obj for obj in objects if obj.type == "MESH" and not obj.hide_render]
    hulls = [obj for obj in meshes if any(is_hull(_plain(name)) for name in _names(obj))]
    if len(hulls) == len(meshes):
        hulls = []
    levels = {obj: _level(obj) for obj in meshes if obj not in hulls}
    finest: dict[str, int] = {}
    for base, level in levels.values():
        finest[base] = min(finest.get(base, level), level)
    return hulls + [obj for obj, (base, level) in levels.items() if level > finest[base]]


def _names(obj: bpy.types.Object) -> list[str]:
    """Names of the object and of what it hangs on."""
    names = []
    parent: bpy.types.Object | None = obj
    while parent is not None:
        names.append(parent.name)
        parent = parent.parent
    return names


def _plain(name: str) -> str:
    return _NUMBER.sub("", name)


def _level(obj: bpy.types.Object) -> tuple[str, int]:
    """Name without the level of detail, and the level; -1 where no name says one."""
    for name in map(_plain, _names(obj)):
        base, level = level_of(name)
        if level >= 0:
            return base, level
    return _plain(obj.name).casefold(), -1


def undrawn_vertices(data: MeshData) -> NDArray[np.int64]:
    """Indices of the vertices that belong to no face with an area; none where that holds for all."""
    a, b, c = (data.vertices[data.faces[:, k]] for k in range(3))
    longest = np.max([np.einsum("ij,ij->i", edge, edge) for edge in (b - a, c - b, a - c)], axis=0)
    has_area = np.linalg.norm(np.cross(b - a, c - a), axis=1) > AREA * longest
    is_drawn = np.zeros(len(data.vertices), dtype=bool)
    is_drawn[data.faces[has_area].ravel()] = True
    return np.flatnonzero(~is_drawn) if is_drawn.any() else np.zeros(0, dtype=np.int64)


def drop_vertices(mesh: bpy.types.Mesh, indices: NDArray[np.int64]) -> None:
    """Remove vertices with the edges and faces at them. The others keep their order and values."""
    work = bmesh.new()
    try:
        work.from_mesh(mesh)
        work.verts.ensure_lookup_table()
        bmesh.ops.delete(work, geom=[work.verts[i] for i in indices.tolist()], context="VERTS")
        work.to_mesh(mesh)
    finally:
        work.free()
