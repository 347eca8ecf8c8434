# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's materials: one picture or one colour into one Principled node, so that a frame stays cheap."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import bpy
import numpy as np

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


def _shader(material: bpy.types.Material) -> bpy.types.ShaderNode:
    return next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")


def _linear(color: Sequence[float]) -> list[float]:
    """sRGB 0..1 -> linear."""
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]


@cache
def _mean(name: str) -> tuple[float, ...]:
    """Mean linear colour of a finish's picture."""
    texture = FINISHES[name].texture
    assert texture is not None
    image, _ = texture()
    thin = image[::7, ::7].reshape(-1, 3)
    return tuple(float(c) for c in np.mean([_linear(p) for p in thin[:: max(len(thin) // 2000, 1)]], axis=0))


def tinted(name: str, code: str) -> bpy.types.Material:
    """The material `name` in another colour (sRGB `code`), with the same picture."""
    own = f"{name} {code}"
    if own in bpy.data.materials:
        return bpy.data.materials[own]
    material = make_material(name).copy()
    material.name = own
    tree, shader, wanted = material.node_tree, _shader(material), _linear(rgb(code))
    material.diffuse_color = (*wanted, 1.0)
    base = shader.inputs["Base Color"]
    if not base.links:
        base.default_value = (*wanted, 1.0)
        return material
    gain = tree.nodes.new("ShaderNodeVectorMath")
    gain.operation = "MULTIPLY"
    gain.inputs[1].default_value = [w / m for w, m in zip(wanted, _mean(name), strict=True)]
    tree.links.new(base.links[0].from_socket, gain.inputs[0])
    tree.links.new(gain.outputs[0], base)
    return material


def make_material(name: str) -> bpy.types.Material:
    """The material `name` of FINISHES in the open file, made once. KeyError: no such finish."""
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    finish = FINISHES[name]
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):  # later ones always have nodes
        material.use_nodes = True
    tree = material.node_tree
    shader = _shader(material)
    shader.inputs["Roughness"].default_value = finish.rough
    shader.inputs["Metallic"].default_value = finish.metal
    linear = _linear(rgb(finish.code))
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
