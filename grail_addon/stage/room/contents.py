# SPDX-License-Identifier: GPL-3.0-or-later
"""What Cycles draws of a room, as plain meshes: every object of the evaluated scene and every instance of one.

The scene is shown in the viewport as it is rendered, see `fresh_scene`, so the viewport's depsgraph has what counts:
modifiers, geometry nodes, instanced collections, particles, curves and text, and none of what is switched off.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

import bpy
import numpy as np

from ...core.mesh import MeshData
from ..measure.meshes import merged, mesh_arrays

SURFACES = frozenset({"MESH", "CURVE", "SURFACE", "FONT", "META"})
"""Types of objects that may have a surface."""


def drawn_objects(depsgraph: bpy.types.Depsgraph) -> list[bpy.types.Object]:
    """The objects of the file that have a surface for the camera, instanced ones too, each once."""
    found = {obj.session_uid: obj for obj, _ in _drawn(depsgraph)}
    return list(found.values())


def places(depsgraph: bpy.types.Depsgraph) -> dict[int, bytes]:
    """Session uid of each object that has a surface for the camera -> where it is drawn, as a key."""
    found: dict[int, list[bytes]] = {}
    for obj, instance in _drawn(depsgraph):
        found.setdefault(obj.session_uid, []).append(np.array(instance.matrix_world, dtype=np.float32).tobytes())
    return {uid: b"".join(matrices) for uid, matrices in found.items()}


def surfaces(depsgraph: bpy.types.Depsgraph, wanted: Set[int]) -> dict[int, MeshData]:
    """Session uid of each wanted object -> its surface in the world, all instances of it as one mesh."""
    parts: dict[int, list[MeshData]] = {}
    for obj, instance in _drawn(depsgraph):
        if obj.session_uid in wanted:
            parts.setdefault(obj.session_uid, []).append(_world_mesh(instance))
    meshes = ((uid, merged(found)) for uid, found in parts.items())
    return {uid: mesh for uid, mesh in meshes if len(mesh.faces)}


def _drawn(
    depsgraph: bpy.types.Depsgraph,
) -> Iterator[tuple[bpy.types.Object, bpy.types.DepsgraphObjectInstance]]:
    """Object of the file, and one of the places where it is drawn, which lives until the next one is asked for.

    The mesh of a curve, text or metaball comes as an instance of its own.
    """
    for instance in depsgraph.object_instances:
        if instance.object.type == "MESH" and instance.show_self and instance.object.visible_camera:
            yield instance.object.original, instance


def _world_mesh(instance: bpy.types.DepsgraphObjectInstance) -> MeshData:
    matrix = np.array(instance.matrix_world, dtype=np.float64)
    world = mesh_arrays(instance.object.data).drawn().transformed(matrix[:3, :3], matrix[:3, 3])
    if np.linalg.det(matrix[:3, :3]) < 0.0:  # a mirror turns triangles inside out
        return MeshData(world.vertices, np.ascontiguousarray(world.faces[:, ::-1]))
    return world
