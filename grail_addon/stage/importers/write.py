# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract's mesh folder: `model.obj` with its `.mtl` and textures, unscaled, in the object frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.files import write_text
from ...core.mesh import MeshData
from ..measure.meshes import mesh_arrays
from .baked import Corners, mesh_corners
from .materials import WrittenMaterial, write_materials
from .obj_text import ObjArrays, mtl_text, obj_text
from .textures import Later

OBJ_NAME = "model.obj"
MTL_NAME = "model.mtl"


def write_mesh(source: bpy.types.Object | MeshData, folder: Path) -> Path:
    """Write `{folder}/model.obj`, and `.mtl` and textures where there are materials; return the OBJ's path.

    source: a mesh object (its datablock as it stands, without modifiers and object transform) or plain arrays.
    Vertices have the order and the exact single-precision values of `mesh_arrays`. Files are written one by one
    atomically, the OBJ last, so that an OBJ never refers to something that is not there yet.
    """
    return exported(source, folder)()


def exported(source: bpy.types.Object | MeshData, folder: Path) -> Callable[[], Path]:
    """As `write_mesh`, with what needs Blender done: what writes the files and returns the path."""
    later: Later = []
    if isinstance(source, MeshData):
        arrays, materials = ObjArrays(source.vertices, source.faces), []
    else:
        arrays = _corner_arrays(source.data)
        written = write_materials(
            list(source.data.materials), folder, lambda slot: _corners(source.data, arrays, slot), later
        )
        materials = [material.mtl for material in written]
        arrays = _with_uvs(arrays, written)

    def write() -> Path:
        for work in later:
            work()
        if materials:
            write_text(folder / MTL_NAME, mtl_text(materials))
        write_text(folder / OBJ_NAME, obj_text(arrays, folder.name, MTL_NAME if materials else None))
        return folder / OBJ_NAME

    return write


def _with_uvs(arrays: ObjArrays, written: Sequence[WrittenMaterial]) -> ObjArrays:
    """With the materials' names, and the UVs of those that have their own."""
    uvs = arrays.uvs
    for slot, material in enumerate(written):
        if material.uvs is not None:
            uvs = np.zeros((len(arrays.faces), 3, 2), np.float32) if uvs is None else uvs.copy()
            uvs[_of_slot(arrays, slot)] = material.uvs
    return replace(arrays, uvs=uvs, materials=[material.mtl.name for material in written])


def _of_slot(arrays: ObjArrays, slot: int) -> NDArray[np.bool_]:
    """(M,) which triangles show the material of a slot; slots that are not there count as the last one."""
    assert arrays.material_index is not None and arrays.slots  # a mesh with materials
    return np.clip(arrays.material_index, 0, arrays.slots - 1) == slot


def _corners(mesh: bpy.types.Mesh, arrays: ObjArrays, slot: int) -> Corners:
    """What the triangles of a slot have at their corners."""
    return mesh_corners(mesh)[1].part(_of_slot(arrays, slot))


def _corner_arrays(mesh: bpy.types.Mesh) -> ObjArrays:
    data = mesh_arrays(mesh)
    triangles = mesh.loop_triangles
    loops = np.empty(len(triangles) * 3, dtype=np.int32)
    triangles.foreach_get("loops", loops)
    slots = np.empty(len(triangles), dtype=np.int32)
    triangles.foreach_get("material_index", slots)
    uvs = None
    layer = next((uv for uv in mesh.uv_layers if uv.active_render), None)
    if layer is not None:
        flat = np.empty(len(mesh.loops) * 2, dtype=np.float32)
        layer.uv.foreach_get("vector", flat)
        uvs = flat.reshape(-1, 2)[loops].reshape(-1, 3, 2)
    return ObjArrays(data.vertices, data.faces, uvs, slots, slots=len(mesh.materials))
