# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender materials as MTL, with their textures saved beside it under plain names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import bpy

from .obj_text import MtlMaterial
from .textures import save_image

_MAPS = (("map_Kd", "Base Color"), ("map_Pr", "Roughness"), ("map_Pm", "Metallic"), ("norm", "Normal"))


def plain_names(names: Sequence[str]) -> list[str]:
    """Names of letters, digits, `_` and `-` only, each once; Blender's `.001` is dropped so that files don't depend on
    what else is open."""
    result: list[str] = []
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", re.sub(r"\.\d{3,}$", "", name)).strip("_") or "unnamed"
        plain, count = stem, 1
        while plain in result:
            count += 1
            plain = f"{stem}_{count}"
        result.append(plain)
    return result


def write_materials(materials: Sequence[bpy.types.Material | None], folder: Path) -> list[MtlMaterial]:
    """MTL materials in slot order; the textures are saved in `folder`, one file per image."""
    names = plain_names([m.name if m is not None else "none" for m in materials])
    saved: dict[str, str | None] = {}
    return [_mtl(m, name, folder, saved) for m, name in zip(materials, names, strict=True)]


def _mtl(material: bpy.types.Material | None, name: str, folder: Path, saved: dict[str, str | None]) -> MtlMaterial:
    shader = _principled(material)
    if shader is None:
        colour = tuple(material.diffuse_color[:3]) if material is not None else (0.8, 0.8, 0.8)
        return MtlMaterial(name, colour)
    maps = []
    for key, socket in _MAPS:
        image = _image_behind(shader.inputs[socket])
        if image is None:
            continue
        if image.name_full not in saved:
            saved[image.name_full] = save_image(image, folder, _image_stem(image, saved))
        file = saved[image.name_full]
        if file is not None:
            maps.append((key, file))
    return MtlMaterial(
        name,
        colour=tuple(shader.inputs["Base Color"].default_value[:3]),
        roughness=shader.inputs["Roughness"].default_value,
        metallic=shader.inputs["Metallic"].default_value,
        alpha=shader.inputs["Alpha"].default_value,
        maps=tuple(maps),
    )


def _image_stem(image: bpy.types.Image, saved: dict[str, str | None]) -> str:
    name = re.sub(r"\.\d{3,}$", "", image.name)
    taken = [Path(file).stem for file in saved.values() if file]
    return plain_names([*taken, Path(name).stem or "texture"])[-1]


def _principled(material: bpy.types.Material | None) -> bpy.types.ShaderNode | None:
    if material is None or material.node_tree is None:
        return None
    return next((n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED"), None)


def _image_behind(socket: bpy.types.NodeSocket) -> bpy.types.Image | None:
    """The nearest image texture that feeds a socket, through mixes, normal maps and the like."""
    queue, seen = [link.from_node for link in socket.links], set()
    while queue:
        node = queue.pop(0)
        if node.name in seen:
            continue
        seen.add(node.name)
        if node.type == "TEX_IMAGE":
            if node.image is not None:
                return node.image
            continue
        queue += [link.from_node for s in node.inputs for link in s.links]
    return None
