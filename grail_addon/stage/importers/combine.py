# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything solid in a scratch scene as one mesh object: transforms baked, materials and UV maps kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import bpy
import numpy as np
from mathutils import Matrix

from ...core.mesh import MeshData
from ...steps.blender_calls import blender_call
from .drawn import undrawn
from .scratch import Scratch

UV_NAME = "UVMap"
_SOLID = frozenset({"MESH", "CURVE", "SURFACE", "FONT", "META"})


def combine(place: Scratch, name: str) -> tuple[bpy.types.Object | None, tuple[str, ...]]:
    """One new object in the scratch scene with identity transform, None if nothing there has faces; and for the user
    what was left out, as ends of sentences.

    Modifiers, poses and instances count as evaluated; what is hidden or not drawn is left out. A mesh that stands alone
    and untransformed keeps its vertices bit for bit.
    """
    left_out = undrawn(list(place.scene.objects))
    names = ", ".join(sorted(obj.name for obj in left_out))
    meshes = _baked(place, left_out)
    if not meshes:
        return None, ()
    if len(meshes) > 1:
        for mesh in meshes:
            _use_one_uv_name(mesh)
        _fill_bare(meshes)
    objects = []
    for mesh in meshes:
        obj = bpy.data.objects.new(name, mesh)
        place.scene.collection.objects.link(obj)
        objects.append(obj)
    result = objects[0]
    if len(objects) > 1:
        with (
            place.override(
                object=result, active_object=result, selected_objects=objects, selected_editable_objects=objects
            ),
            blender_call("object.join"),
        ):
            bpy.ops.object.join()
        _activate_uv(result.data)
    result.data.name = name
    _mend_uv_names(result.data)
    _paint_with_vertex_colours(result.data)
    return result, (f"not drawn, left out: {names}.",) if names else ()


def _baked(place: Scratch, left_out: Collection[bpy.types.Object]) -> list[bpy.types.Mesh]:
    depsgraph = place.depsgraph()
    # first collect: making meshes while iterating over instances would invalidate them
    found = [
        (inst.object.original, inst.matrix_world.copy())
        for inst in depsgraph.object_instances
        if inst.show_self and inst.object.type in _SOLID and not inst.object.hide_render
    ]
    found = [(obj, matrix) for obj, matrix in found if obj not in left_out]
    # by name: importers hand out their objects in an order of their own, which changes between versions
    found.sort(key=lambda pair: (pair[0].name, tuple(map(tuple, pair[1]))))
    meshes = []
    for obj, matrix in found:
        with blender_call("meshes.new_from_object"):
            mesh = bpy.data.meshes.new_from_object(
                obj.evaluated_get(depsgraph), preserve_all_data_layers=True, depsgraph=depsgraph
            )
        if len(mesh.polygons) == 0:
            continue
        if matrix != Matrix.Identity(4):
            mesh.transform(matrix)
            if matrix.determinant() < 0.0:  # a mirror turns faces inside out
                mesh.flip_normals()
        meshes.append(mesh)
    return meshes


def _fill_bare(meshes: list[bpy.types.Mesh]) -> None:
    """Give parts without a material a plain one where others have some: 4.2 would show them in another part's."""
    bare = [mesh for mesh in meshes if len(mesh.materials) == 0]
    if not bare or len(bare) == len(meshes):
        return
    plain = bpy.data.materials.new("plain")
    for mesh in bare:
        mesh.materials.append(plain)


def _use_one_uv_name(mesh: bpy.types.Mesh) -> None:
    """Give the UV map that renders the common name, so that joining lays the maps on top of each other."""
    uv = next((layer for layer in mesh.uv_layers if layer.active_render), None)
    if uv is None or uv.name == UV_NAME:
        return
    old = uv.name
    taken = mesh.uv_layers.get(UV_NAME)
    if taken is not None:
        taken.name = f"{UV_NAME}.other"
        _rename_in_materials(mesh.materials, UV_NAME, taken.name)
    uv.name = UV_NAME
    _rename_in_materials(mesh.materials, old, UV_NAME)


def _mend_uv_names(mesh: bpy.types.Mesh) -> None:
    """Where a material asks for UVs of a name that the mesh does not have, and it has some, give it those that render: USD
    files, Blender's own too, call them otherwise in the material than on the mesh."""
    uv = next((layer for layer in mesh.uv_layers if layer.active_render), None)
    if uv is None:
        return
    for material in mesh.materials:
        nodes = material.node_tree.nodes if material is not None and material.node_tree is not None else ()
        for node in nodes:
            if getattr(node, "uv_map", "") and node.uv_map not in mesh.uv_layers:
                node.uv_map = uv.name


def _rename_in_materials(materials: Iterable[bpy.types.Material | None], old: str, new: str) -> None:
    for material in materials:
        if material is None or material.node_tree is None:
            continue
        for node in material.node_tree.nodes:
            if getattr(node, "uv_map", None) == old:
                node.uv_map = new


def _activate_uv(mesh: bpy.types.Mesh) -> None:
    uv = mesh.uv_layers.get(UV_NAME)
    if uv is not None:
        uv.active = True
        uv.active_render = True


def _paint_with_vertex_colours(mesh: bpy.types.Mesh) -> None:
    """Scans often carry colours and no material: show them, as every viewer does."""
    if len(mesh.materials) > 0 or len(mesh.color_attributes) == 0:
        return
    material = bpy.data.materials.new("vertex colours")
    if material.node_tree is None:  # 5.0 and later always have one, and warn about the switch
        material.use_nodes = True
    nodes = material.node_tree.nodes
    attribute = nodes.new("ShaderNodeAttribute")
    attribute.attribute_name = mesh.color_attributes[0].name
    shader = next(n for n in nodes if n.type == "BSDF_PRINCIPLED")
    material.node_tree.links.new(attribute.outputs["Color"], shader.inputs["Base Color"])
    mesh.materials.append(material)


def repair(mesh: bpy.types.Mesh) -> str:
    """Repair indices and doubled faces, before anything draws them; why the mesh cannot be used, see `flaw`."""
    coordinates = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    with blender_call("foreach_get"):
        mesh.vertices.foreach_get("co", coordinates)
    if not np.isfinite(coordinates).all():  # before the repair, which turns them into zeros
        return "some of its coordinates are not numbers"
    with blender_call("Mesh.validate"):
        mesh.validate()
    return ""


def flaw(data: MeshData) -> str:
    """Why a mesh cannot be used, as the end of a sentence; empty where it can."""
    if len(data.faces) == 0:
        return "it has no faces"
    a, b, c = (data.vertices[data.faces[:, k]] for k in range(3))
    # areas far below what single precision resolves at this size are lines and points
    if data.size == 0.0 or float(np.linalg.norm(np.cross(b - a, c - a), axis=1).max()) < 1e-10 * data.size**2:
        return "all its faces are without area"
    return ""
