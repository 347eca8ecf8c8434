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
from ...steps.effects import Pause, Steps, at_once
from ..measure.meshes import mesh_arrays
from .baked import mesh_corners
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
    return at_once(exported(source if isinstance(source, MeshData) else lambda: source, folder))()


def exported(source: Callable[[], bpy.types.Object] | MeshData, folder: Path) -> Steps[Callable[[], Path]]:
    """As `write_mesh`, with what needs Blender done: what writes the files and returns the path. source: gives the object
    when it is needed."""
    later: Later = []
    if isinstance(source, MeshData):
        arrays, materials = ObjArrays(source.vertices, source.faces), []
    else:

        def mesh() -> bpy.types.Mesh:
            return source().data

        data = mesh_arrays(mesh())
        yield Pause()
        slots, corners = yield from mesh_corners(mesh)
        arrays = ObjArrays(data.vertices, data.faces, corners.uvs.get(""), slots, slots=len(mesh().materials))
        written = yield from write_materials(
            lambda: list(mesh().materials), folder, lambda slot: corners.part(_of_slot(arrays, slot)), later
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
