# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's materials: one picture or one colour into one Principled node, so that a frame stays cheap."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..objects.canvas import rgb, write_png
from . import textures
from .textures import Texture


@dataclass(frozen=True)
class Finish:
    """texture: painted, tiled by metres (mirrored unless `wrap`); or a plain sRGB `code`. glow: emission strength."""

    texture: Callable[[], Texture] | None = None
    code: str = "808080"
    rough: float = 0.5
    metal: float = 0.0
    glow: float = 0.0
    wrap: bool = False


FINISHES: dict[str, Finish] = {
    "oak_floor": Finish(textures.planks, rough=0.42, wrap=True),
    "wall_cream": Finish(lambda: textures.paint("cfc6b4", "cream"), rough=0.85),
    "wall_sage": Finish(lambda: textures.paint("97a694", "sage"), rough=0.85),
    "trim_white": Finish(code="dedbd2", rough=0.4),
    "birch": Finish(lambda: textures.wood("c79c68", "birch"), rough=0.38),
    "walnut": Finish(lambda: textures.wood("6f4c33", "walnut"), rough=0.42),
    "rug_wool": Finish(textures.carpet, rough=0.95),
    "sofa_cloth": Finish(lambda: textures.cloth("857c70", "sofa"), rough=0.9),
    "cushion_ochre": Finish(lambda: textures.cloth("c2913f", "ochre"), rough=0.9),
    "cushion_blue": Finish(lambda: textures.cloth("35566e", "blue"), rough=0.9),
    "linen": Finish(lambda: textures.cloth("c9c1ae", "linen", contrast=0.10), rough=0.9),
    "steel_dark": Finish(code="3a3a3c", rough=0.35, metal=1.0),
    "brass": Finish(code="b08d4f", rough=0.3, metal=1.0),
    "ceramic": Finish(code="e3ddd0", rough=0.2),
    "terracotta": Finish(lambda: textures.paint("b06a48", "terracotta"), rough=0.75),
    "soil": Finish(code="3b2d22", rough=0.95),
    "leaf": Finish(code="3f6b3a", rough=0.45),
    "leaf_light": Finish(code="5d8a4a", rough=0.45),
    "paper": Finish(code="e2dccb", rough=0.8),
    "book_red": Finish(code="8f3a32", rough=0.6),
    "book_blue": Finish(code="2f4f73", rough=0.6),
    "book_green": Finish(code="40634c", rough=0.6),
    "book_ochre": Finish(code="b98a3c", rough=0.6),
    "book_grey": Finish(code="6a6c70", rough=0.6),
    "wicker": Finish(lambda: textures.cloth("a98455", "wicker", 0.9, 0.3), rough=0.8),
    "lamp_shade": Finish(code="f0e2c4", rough=0.8, glow=0.9),
    "outside": Finish(textures.outdoors, rough=1.0, glow=1.6),
    "picture_hills": Finish(
        lambda: textures.landscape("hills", "dcd3bd", ("8aa0a6", "5f7f78", "3f5a4c", "2e3f36"), "d9913f"), rough=0.7
    ),
    "picture_dunes": Finish(
        lambda: textures.landscape("dunes", "c7d3d8", ("d9b98c", "c0895a", "94593c"), "f0e6c8"), rough=0.7
    ),
}


def _load_packed(name: str, texture: Texture) -> bpy.types.Image:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.png"
        write_png(path, texture[0])
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
        texture = finish.texture()
        picture = tree.nodes.new("ShaderNodeTexImage")
        picture.image = _load_packed(name, texture)
        picture.extension = "REPEAT" if finish.wrap else "MIRROR"
        scale = tree.nodes.new("ShaderNodeMapping")
        scale.inputs["Scale"].default_value = (1 / texture[1][0], 1 / texture[1][1], 1.0)
        place = tree.nodes.new("ShaderNodeTexCoord")
        tree.links.new(place.outputs["UV"], scale.inputs["Vector"])
        tree.links.new(scale.outputs["Vector"], picture.inputs["Vector"])
        tree.links.new(picture.outputs["Color"], shader.inputs["Base Color"])
        if finish.glow:
            tree.links.new(picture.outputs["Color"], shader.inputs["Emission Color"])
            shader.inputs["Base Color"].default_value = (0.0, 0.0, 0.0, 1.0)
            tree.links.remove(shader.inputs["Base Color"].links[0])
    return material
