# SPDX-License-Identifier: GPL-3.0-or-later
"""Procedural materials (colours are linear RGB). Bumps use rest coordinates, so they do not swim with the pose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import bpy

from .fabric import Sewn, link_sewn
from .people import USUAL, Colour


@dataclass(frozen=True)
class Bump:
    """Small relief: feature `scale` per metre, `depth` metres, from smooth noise or from cells."""

    scale: float
    depth: float
    cells: bool = False


@dataclass(frozen=True)
class Look:
    """One Principled surface; `tinted` multiplies the colour by the mesh's Tint attribute, `sewn` is cloth with seams."""

    colour: tuple[float, float, float]
    roughness: float
    sheen: float = 0.0
    coat: float = 0.0
    specular: float = 0.5
    subsurface: float = 0.0
    tinted: bool = False
    bump: Bump | None = None
    sewn: Sewn | None = None


TINT_MOST = 2.0
"""Largest factor that the Tint attribute holds; it is stored as a part of this."""

LOOKS = {
    "sweater": Look(
        (0.115, 0.20, 0.235), 0.88, sheen=0.12, bump=Bump(900, 0.0007), sewn=Sewn(crease=0.014, fine=0.0015)
    ),
    "ribbing": Look((0.090, 0.165, 0.195), 0.9, sheen=0.12, bump=Bump(900, 0.0004), sewn=Sewn(ribs=True)),
    "shirt": Look(
        (0.5, 0.5, 0.5), 0.8, bump=Bump(1500, 0.0003), sewn=Sewn(crease=0.016, fine=0.0022, stitch=0.004, uneven=0.05)
    ),
    "button": Look((0.62, 0.60, 0.55), 0.35),
    "trousers": Look(
        (0.055, 0.052, 0.050), 0.85, bump=Bump(1100, 0.0005), sewn=Sewn(crease=0.014, fine=0.0018, stitch=0.005)
    ),
    "shoe": Look((0.17, 0.17, 0.175), 0.75, bump=Bump(500, 0.0005, cells=True), sewn=Sewn(stitch=0.003, uneven=0.08)),
    "sole": Look((0.72, 0.71, 0.68), 0.6),
    "skin": Look(USUAL["skin"], 0.53, specular=0.36, subsurface=0.5, tinted=True, bump=Bump(700, 0.00014)),
    "hair": Look(USUAL["hair"], 0.5, specular=0.35, tinted=True),
    "brow": Look((0.035, 0.022, 0.015), 0.6, specular=0.2),
    "sclera": Look((0.62, 0.575, 0.54), 0.12, coat=0.6, tinted=True),
    "iris": Look((0.075, 0.040, 0.018), 0.4, coat=1.0, specular=0.15, tinted=True),
    "pupil": Look((0.004, 0.004, 0.004), 0.05),
    "lash": Look((0.012, 0.009, 0.008), 0.6, specular=0.1),
}


def _link_bump(
    tree: bpy.types.NodeTree, bump: Bump, surface: bpy.types.Node, below: bpy.types.NodeSocket | None
) -> None:
    place = tree.nodes.new("ShaderNodeTexCoord")
    # Generated runs from 0 to 1 over the texture space, which build.py makes 2 m wide on every mesh
    texture = tree.nodes.new("ShaderNodeTexVoronoi" if bump.cells else "ShaderNodeTexNoise")
    texture.inputs["Scale"].default_value = bump.scale * 2.0
    height = "Distance"
    if not bump.cells:
        texture.inputs["Detail"].default_value = 1.0
        height = "Fac" if "Fac" in texture.outputs else "Factor"
    relief = tree.nodes.new("ShaderNodeBump")
    relief.inputs["Distance"].default_value = bump.depth
    tree.links.new(place.outputs["Generated"], texture.inputs["Vector"])
    tree.links.new(texture.outputs[height], relief.inputs["Height"])
    if below:
        tree.links.new(below, relief.inputs["Normal"])
    tree.links.new(relief.outputs["Normal"], surface.inputs["Normal"])


def _link_tint(tree: bpy.types.NodeTree, look: Look, surface: bpy.types.Node) -> None:
    tint = tree.nodes.new("ShaderNodeVertexColor")
    tint.layer_name = "Tint"
    mix = tree.nodes.new("ShaderNodeVectorMath")
    mix.operation = "MULTIPLY"
    mix.inputs[1].default_value = [TINT_MOST * c for c in look.colour]
    tree.links.new(tint.outputs["Color"], mix.inputs[0])
    tree.links.new(mix.outputs["Vector"], surface.inputs["Base Color"])


def make_material(name: str, look: Look) -> bpy.types.Material:
    """A new material; `name` is also how the build refers to it."""
    material = bpy.data.materials.new(name)
    if not material.node_tree:  # from 5.0 on every material has nodes
        material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    surface = tree.nodes.new("ShaderNodeBsdfPrincipled")
    tree.links.new(surface.outputs["BSDF"], output.inputs["Surface"])
    values: dict[str, object] = {
        "Base Color": (*look.colour, 1.0),
        "Roughness": look.roughness,
        "Sheen Weight": look.sheen,
        "Coat Weight": look.coat,
        "Specular IOR Level": look.specular,
        "Subsurface Weight": look.subsurface,
    }
    if look.subsurface:
        values |= {"Subsurface Radius": (1.0, 0.35, 0.2), "Subsurface Scale": 0.005}
    for socket, value in values.items():
        surface.inputs[socket].default_value = value
    if look.tinted:
        _link_tint(tree, look, surface)
    below = link_sewn(tree, look.sewn, look.colour, surface) if look.sewn else None
    if look.bump:
        _link_bump(tree, look.bump, surface, below)
    material.diffuse_color = (*look.colour, 1.0)
    material.roughness = look.roughness
    return material


def material_maker(person: str, colours: Mapping[str, Colour]) -> Callable[[str], bpy.types.Material]:
    """A function that makes each of the LOOKS once, as `{person} {part}`, and hands it out again.

    colours: part -> colour in place of the usual one.
    """
    made: dict[str, bpy.types.Material] = {}

    def get(name: str) -> bpy.types.Material:
        if name not in made:
            look = LOOKS[name]
            made[name] = make_material(f"{person} {name}", replace(look, colour=colours.get(name, look.colour)))
        return made[name]

    return get
