# SPDX-License-Identifier: GPL-3.0-or-later
"""What mesh files say and Blender's importers pass over: `map_Ka` without `map_Kd`, keywords in other letters, the texture
of a PLY, a grey `map_d`, `Tr` without `d`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np

from ...core.mesh_files.mtl import MtlMap, obj_libraries, read_mtl
from ...core.mesh_files.named import slashes
from ...core.mesh_files.ply import corner_uvs, read_header
from ...steps.blender_calls import blender_call
from ...steps.effects import at_once
from .textures import image_nodes, stored_pixels

_NO_ALPHA = frozenset({8, 24, 48, 96})
"""Bits of a pixel of pictures without alpha."""
_LOOKED_AT = 256  # pixels across of a picture, to tell whether it is grey
_GREY = 0.01


def add_pictures(path: Path, scene: bpy.types.Scene, materials: Sequence[bpy.types.Material]) -> None:
    """Complete the materials that were just imported from `path` into `scene`. A file that cannot be read adds nothing."""
    try:
        if path.suffix.lower() == ".obj":
            _ambient_pictures(path, materials)
        elif path.suffix.lower() == ".ply":
            _ply_picture(path, [o for o in scene.objects if o.type == "MESH"])
    except (OSError, ValueError, IndexError):
        return


def image_named(path: Path) -> bpy.types.Image:
    """The image of a file, which need not be there."""
    if path.is_file():
        return bpy.data.images.load(str(path))
    image = bpy.data.images.new(path.name, 1, 1)
    image.source, image.filepath = "FILE", str(path)
    return image


def _ambient_pictures(path: Path, materials: Sequence[bpy.types.Material]) -> None:
    for library in obj_libraries(path):
        mtl = path.parent / slashes(library)
        if not mtl.is_file():
            continue
        for name, entry in read_mtl(mtl).items():
            picture = entry.maps.get("map_kd") or entry.maps.get("map_ka")
            for material in materials:
                if name in (material.name, re.sub(r"\.\d{3,}$", "", material.name)):
                    if picture is not None:
                        _show(material, picture, mtl.parent)
                    if entry.opacity is None and entry.transparency is not None:
                        _let_through(material, entry.transparency)


def _let_through(material: bpy.types.Material, transparency: float) -> None:
    """What `Tr` says. 0 and 1 count as opaque: some programs write `Tr 1` and mean `d 1`."""
    tree = material.node_tree
    shader = next((n for n in tree.nodes if n.type == "BSDF_PRINCIPLED"), None) if tree is not None else None
    if shader is not None and not shader.inputs["Alpha"].links and 0.0 < transparency < 1.0:
        shader.inputs["Alpha"].default_value = 1.0 - transparency


def _show(material: bpy.types.Material, picture: MtlMap, folder: Path) -> None:
    tree = material.node_tree
    shader = next((n for n in tree.nodes if n.type == "BSDF_PRINCIPLED"), None) if tree is not None else None
    if shader is None or shader.inputs["Base Color"].links:
        return
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image_named(folder / slashes(picture.file))
    tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    if (picture.offset, picture.scale) != ((0.0, 0.0), (1.0, 1.0)):
        mapping, uv = tree.nodes.new("ShaderNodeMapping"), tree.nodes.new("ShaderNodeTexCoord")
        mapping.inputs["Location"].default_value = (*picture.offset, 0.0)
        mapping.inputs["Scale"].default_value = (*picture.scale, 1.0)
        tree.links.new(uv.outputs["UV"], mapping.inputs["Vector"])
        tree.links.new(mapping.outputs["Vector"], node.inputs["Vector"])


def use_grey_cut_outs(obj: bpy.types.Object) -> None:
    """Let the cut-outs of an OBJ come from what is bright in a picture that has no alpha: Blender's importer takes its
    alpha, which is 1 everywhere."""
    nodes = list(image_nodes(obj))
    for node in nodes:
        links = [link for link in node.outputs["Alpha"].links if link.to_socket.name == "Alpha"]
        others = (n for n in nodes if n.image == node.image)
        if links and _has_no_alpha(node.image) and not any(n.outputs["Color"].links for n in others):
            node.image.colorspace_settings.name = "Non-Color"
            for link in links:
                node.id_data.links.new(node.outputs["Color"], link.to_socket)


def _has_no_alpha(image: bpy.types.Image) -> bool:
    """Whether a picture has no alpha, or is grey and opaque all over (as Blender keeps 16 bits of grey)."""
    with blender_call("Image.depth"):  # reads the file
        depth = image.depth
    if depth in _NO_ALPHA or not depth:
        return depth > 0
    pixels = at_once(stored_pixels(image, _LOOKED_AT)).values
    if pixels.shape[2] < 4:
        return False
    return bool((pixels[..., 3] == 1.0).all() and (np.ptp(pixels[..., :3], axis=2) < _GREY).all())


def _ply_picture(path: Path, objects: list[bpy.types.Object]) -> None:
    header = read_header(path)
    if not header.texture or len(objects) != 1 or len(objects[0].data.materials):
        return
    mesh: bpy.types.Mesh = objects[0].data
    if not mesh.uv_layers:
        uvs = corner_uvs(path, header)
        if uvs is None or len(mesh.loops) != uvs.size // 2:
            return
        mesh.uv_layers.new(name="UVMap").uv.foreach_set("vector", uvs.ravel())
    material = bpy.data.materials.new(path.stem)
    if material.node_tree is None:
        material.use_nodes = True
    mesh.materials.append(material)
    _show(material, MtlMap(header.texture), path.parent)
