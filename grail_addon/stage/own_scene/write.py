# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes parts of the open file to files of their own: the room, the object's mesh, the person. All copies that are made
for it are removed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.arrays import Array
from ...core.files import atomic_path
from ..importers.write import write_mesh
from ..measure.meshes import merged, mesh_from_object

_LEFT_OUT = frozenset({"CAMERA", "SPEAKER"})
SOLES = 0.05
"""Share of a person's height above the lowest point that counts as soles."""


def write_object(obj: bpy.types.Object, folder: Path) -> Path:
    """Write the object's mesh, modifiers applied, in its own frame and unscaled, with materials; the path of the OBJ."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    mesh = bpy.data.meshes.new_from_object(
        obj.evaluated_get(depsgraph), preserve_all_data_layers=True, depsgraph=depsgraph
    )
    copy = bpy.data.objects.new(obj.name, mesh)
    try:
        mesh.calc_loop_triangles()
        return write_mesh(copy, folder)
    finally:
        bpy.data.objects.remove(copy)
        bpy.data.meshes.remove(mesh)


def shown_objects(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> Iterator[bpy.types.Object]:
    """Objects of a scene that are rendered: in collections that neither the view layer nor the render leaves out."""
    seen: set[str] = set()
    waiting = [layer.layer_collection]
    while waiting:
        here = waiting.pop()
        if here.exclude or here.collection.hide_render:
            continue
        waiting += here.children
        for obj in here.collection.objects:
            if obj.name not in seen and not obj.hide_render:
                seen.add(obj.name)
                yield obj


def write_room(
    scene: bpy.types.Scene, layer: bpy.types.ViewLayer, without: Sequence[bpy.types.Object], name: str, path: Path
) -> None:
    """Write a .blend with one scene `name`: all that is rendered but the objects in `without` and cameras."""
    copy = scene.copy()  # Blender 5.2.2 crashes where a scene that was made anew is written
    try:
        copy.name, copy.camera = name, None
        _unlink_all(copy)
        for obj in shown_objects(scene, layer):
            if obj not in without and obj.type not in _LEFT_OUT:
                copy.collection.objects.link(obj)
        _write({copy}, path)
    finally:
        bpy.data.scenes.remove(copy)


def _unlink_all(scene: bpy.types.Scene) -> None:
    """Take everything off a copy of a scene: objects, collections, and what extensions keep in it."""
    for child in list(scene.collection.children):
        scene.collection.children.unlink(child)
    for obj in list(scene.collection.objects):
        scene.collection.objects.unlink(obj)
    for found in scene.bl_rna.properties:
        if found.is_runtime:
            scene.property_unset(found.identifier)


def ground_point(members: Sequence[bpy.types.Object], root: bpy.types.Object) -> Array:
    """Point (3,) on the ground between a person's feet: under the root where that is between them, else between the soles."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    meshes = [o for o in members if o.type == "MESH" and not o.hide_render]
    parts = [mesh_from_object(o, depsgraph, o.evaluated_get(depsgraph).matrix_world) for o in meshes]
    vertices = merged(parts).vertices
    low, high = vertices[:, 2].min(), vertices[:, 2].max()
    soles = vertices[vertices[:, 2] <= low + SOLES * (high - low), :2]
    near, far = soles.min(axis=0), soles.max(axis=0)
    own = np.array(root.matrix_world.translation)[:2]
    middle = own if bool((near <= own).all() and (own <= far).all()) else (near + far) / 2
    return np.array([middle[0], middle[1], low])


def write_person(members: Sequence[bpy.types.Object], to_origin: Matrix, name: str, path: Path) -> None:
    """Write a .blend with a collection `name` of the person's objects. to_origin: the motion that puts the person on the
    origin, facing -Y."""
    with _copies(members, to_origin) as copies:
        collection = bpy.data.collections.new(name)
        try:
            for copy in copies:
                collection.objects.link(copy)
            _write({collection}, path)
        finally:
            bpy.data.collections.remove(collection)


@contextmanager
def _copies(members: Sequence[bpy.types.Object], motion: Matrix) -> Iterator[list[bpy.types.Object]]:
    """Copies of objects, moved by `motion`, that refer to each other as the originals do; gone again afterwards."""
    copies = {obj: obj.copy() for obj in members}
    try:
        for obj, copy in copies.items():
            if obj.parent in copies:
                copy.parent = copies[obj.parent]
            else:
                copy.parent = None
                copy.matrix_world = motion @ obj.matrix_world
            for owner in (*copy.modifiers, *copy.constraints, *_bone_constraints(copy)):
                for name in ("object", "target"):
                    other = getattr(owner, name, None)
                    if other in copies:
                        setattr(owner, name, copies[other])
        yield list(copies.values())
    finally:
        for copy in copies.values():
            bpy.data.objects.remove(copy)


def _bone_constraints(obj: bpy.types.Object) -> list[Any]:
    return [] if obj.pose is None else [c for bone in obj.pose.bones for c in bone.constraints]


def _write(blocks: set[Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temp:
        bpy.data.libraries.write(str(temp), blocks, path_remap="ABSOLUTE", compress=True)
