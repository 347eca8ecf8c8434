# SPDX-License-Identifier: GPL-3.0-or-later
"""What Cycles draws of a room, as plain meshes: every object of the evaluated scene and every instance of one.

The scene is shown in the viewport as it is rendered, see `fresh_scene`, so the viewport's depsgraph has what counts:
modifiers, geometry nodes, instanced collections, particles, curves and text, and none of what is switched off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import bpy
import numpy as np

from ...core.arrays import Array
from ...core.mesh import MeshData
from ..measure.meshes import merged, mesh_arrays, moved
from .fog import is_fog

SURFACES = frozenset({"MESH", "CURVE", "SURFACE", "FONT", "META"})
"""Types of objects that may have a surface."""
MOST_OBJECTS, MOST_POINTS = 8, 10_000
"""Objects, and vertices of them, that are read in one go: a millisecond or two."""


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


Piece = tuple[MeshData, Array]
"""A mesh in its own frame, and the matrix (4, 4) to the world."""


def pieces(depsgraph: bpy.types.Depsgraph, wanted: Sequence[int]) -> dict[int, list[Piece]]:
    """Session uid -> what is drawn of it, for the first of the wanted objects: as many as are read in a few milliseconds,
    at least one."""
    points = dict.fromkeys(wanted, 0)
    for obj, instance in _drawn(depsgraph):
        if obj.session_uid in points:
            points[obj.session_uid] += len(instance.object.data.vertices)
    total, found = 0, dict[int, list[Piece]]()
    for uid in wanted[:MOST_OBJECTS]:
        total += points[uid]
        if found and total > MOST_POINTS:
            break
        found[uid] = []
    for obj, instance in _drawn(depsgraph):
        if obj.session_uid in found:
            matrix = np.array(instance.matrix_world, dtype=np.float64)
            found[obj.session_uid].append((mesh_arrays(instance.object.data), matrix))
    return found


def joined(found: Mapping[int, Sequence[Piece]]) -> dict[int, MeshData]:
    """Session uid -> its surface in the world, all pieces of it as one mesh; only those that have one."""
    meshes = ((uid, merged([moved(mesh.drawn(), matrix) for mesh, matrix in each])) for uid, each in found.items())
    return {uid: mesh for uid, mesh in meshes if len(mesh.faces)}


def _drawn(
    depsgraph: bpy.types.Depsgraph,
) -> Iterator[tuple[bpy.types.Object, bpy.types.DepsgraphObjectInstance]]:
    """Object of the file, and one of the places where it is drawn, which lives until the next one is asked for.

    The mesh of a curve, text or metaball comes as an instance of its own.
    """
    layer = depsgraph.view_layer
    has_ghosts = _has_indirect(layer.layer_collection)
    fog: dict[int, bool] = {}
    for instance in depsgraph.object_instances:
        if instance.object.type != "MESH" or not instance.show_self or not instance.object.visible_camera:
            continue
        obj = instance.object.original
        if obj.session_uid not in fog:
            fog[obj.session_uid] = is_fog(obj)
        owner = instance.parent.original if instance.is_instance and instance.parent is not None else obj
        if not owner.visible_camera:
            continue
        if not fog[obj.session_uid] and not (has_ghosts and owner.indirect_only_get(view_layer=layer)):
            yield obj, instance


def _has_indirect(collection: bpy.types.LayerCollection) -> bool:
    """Whether any collection of a view layer is seen in mirrors and shadows alone."""
    return collection.indirect_only or any(_has_indirect(child) for child in collection.children)
