# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's materials: one picture or one colour into one Principled node, so that a frame stays cheap."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import bpy

from ..objects.canvas import png_bytes, rgb
from .finishes import FINISHES


@cache
def _painted(name: str) -> tuple[bytes, tuple[float, float]]:
    """A finish's picture as a PNG file's bytes, and its size in metres; painted once for all scene files."""
    texture = FINISHES[name].texture
    assert texture is not None
    image, size = texture()
    return png_bytes(image), size


def _load_packed(name: str, png: bytes) -> bpy.types.Image:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.png"
        path.write_bytes(png)
        image = bpy.data.images.load(str(path))
        image.pack()
    image.name = name
    image.filepath_raw = f"//{name}.png"  # no trace of the temporary folder in the file
    for packed in image.packed_files:
        packed.filepath = f"//{name}.png"
    return image


def make_material(name: str) -> bpy.types.Material:
    """The material `name` of FINISHES in the open file, made once. KeyError: no such finish."""
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    finish = FINISHES[name]
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):  # later ones always have nodes
        material.use_nodes = True
    tree = material.node_tree
    shader = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = finish.rough
    shader.inputs["Metallic"].default_value = finish.metal
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(finish.code)]
    shader.inputs["Base Color"].default_value = (*linear, 1.0)
    material.diffuse_color = (*linear, 1.0)
    if finish.glow:
        shader.inputs["Emission Color"].default_value = (*linear, 1.0)
        shader.inputs["Emission Strength"].default_value = finish.glow
        material.cycles.emission_sampling = "NONE"  # lamps light the room; sampling the glow would only add noise
    if finish.texture is not None:
        png, size = _painted(name)
        picture = tree.nodes.new("ShaderNodeTexImage")
        picture.image = _load_packed(name, png)
        picture.extension = "REPEAT" if finish.wrap else "MIRROR"
        scale = tree.nodes.new("ShaderNodeMapping")
        scale.inputs["Scale"].default_value = (1 / size[0], 1 / size[1], 1.0)
        place = tree.nodes.new("ShaderNodeTexCoord")
        tree.links.new(place.outputs["UV"], scale.inputs["Vector"])
        tree.links.new(scale.outputs["Vector"], picture.inputs["Vector"])
        tree.links.new(picture.outputs["Color"], shader.inputs["Base Color"])
        if finish.bump:
            relief = tree.nodes.new("ShaderNodeBump")
            relief.inputs["Distance"].default_value = finish.bump
            tree.links.new(picture.outputs["Color"], relief.inputs["Height"])
            tree.links.new(relief.outputs["Normal"], shader.inputs["Normal"])
        if finish.glow:
            tree.links.new(picture.outputs["Color"], shader.inputs["Emission Color"])
            shader.inputs["Base Color"].default_value = (0.0, 0.0, 0.0, 1.0)
            tree.links.remove(shader.inputs["Base Color"].links[0])
    return material
