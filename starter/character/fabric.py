# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of sewn cloth: creases, seams, ribs and uneven dye, from the attributes that `rig.add_sewing` writes."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from .sewing import NO_SEAM

Socket = bpy.types.NodeSocket


@dataclass(frozen=True)
class Sewn:
    """crease, fine: depth (m) of broad and of small creases; seam: width (m) of a seam's groove; stitch: distance (m) of
    a second line of stitches on either side, 0 for none; ribs: whether it is knitted in ribs; uneven: how much the dye
    varies."""

    crease: float = 0.0
    fine: float = 0.0
    seam: float = 0.0022
    stitch: float = 0.0
    ribs: bool = False
    uneven: float = 0.12


_SEAM_DEPTH, _RIB_DEPTH = 0.0016, 0.0012
_SEAM_DARK = 0.60
# ribs round a sleeve or neck, and round the trunk, which is wider than this radius (m)
_RIBS_NARROW, _RIBS_WIDE, _WIDE = 72, 216, 0.085


class _Tree:
    """Short ways to add nodes to a tree and link them."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree

    def _into(self, socket: Socket, value: Socket | float) -> None:
        if isinstance(value, Socket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def math(self, operation: str, *values: Socket | float) -> Socket:
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, values, strict=False):
            self._into(socket, value)
        return node.outputs[0]

    def step(self, value: Socket, start: float, end: float, low: float = 0.0, high: float = 1.0) -> Socket:
        """`low` up to `start`, `high` from `end` on, smooth between."""
        node = self.tree.nodes.new("ShaderNodeMapRange")
        node.interpolation_type = "SMOOTHSTEP"
        for name, given in (("From Min", start), ("From Max", end), ("To Min", low), ("To Max", high)):
            node.inputs[name].default_value = given
        self._into(node.inputs["Value"], value)
        return node.outputs["Result"]

    def noise(self, place: Socket, scale: tuple[float, float, float], detail: float = 0.0) -> Socket:
        """Smooth noise about 0.5 whose features are `scale` per metre along the axes of `place`."""
        stretch = self.tree.nodes.new("ShaderNodeVectorMath")
        stretch.operation = "MULTIPLY"
        stretch.inputs[1].default_value = scale
        self.tree.links.new(place, stretch.inputs[0])
        node = self.tree.nodes.new("ShaderNodeTexNoise")
        node.inputs["Scale"].default_value = 1.0
        node.inputs["Detail"].default_value = detail
        node.inputs["Distortion"].default_value = 0.5
        self.tree.links.new(stretch.outputs[0], node.inputs["Vector"])
        return node.outputs["Fac" if "Fac" in node.outputs else "Factor"]

    def bump(self, height: Socket, depth: float, below: Socket | None) -> Socket:
        node = self.tree.nodes.new("ShaderNodeBump")
        node.inputs["Distance"].default_value = depth
        self.tree.links.new(height, node.inputs["Height"])
        if below:
            self.tree.links.new(below, node.inputs["Normal"])
        return node.outputs["Normal"]


def _creases(make: _Tree, place: Socket, strength: Socket, scale: tuple[float, float, float]) -> Socket:
    """Height of narrow crests between wide hollows, across the limb for the most part."""
    away = make.math("ABSOLUTE", make.math("SUBTRACT", make.noise(place, scale), 0.5))
    return make.math("MULTIPLY", make.step(away, 0.24, 0.0), strength)


def _seams(make: _Tree, colour: Socket, sewn: Sewn) -> Socket:
    """1 on the cloth, 0 in the middle of a seam or of a line of stitches."""
    parts = make.tree.nodes.new("ShaderNodeSeparateColor")
    make.tree.links.new(colour, parts.inputs[0])
    whole: Socket | None = None
    for channel in parts.outputs:
        away = make.math("MULTIPLY", make.math("ABSOLUTE", make.math("SUBTRACT", channel, 0.5)), 2 * NO_SEAM)
        groove = make.step(away, 0.0002, sewn.seam / 2)
        if sewn.stitch:
            line = make.math("ABSOLUTE", make.math("SUBTRACT", away, sewn.stitch))
            groove = make.math("MINIMUM", groove, make.step(line, 0.0003, 0.0009, 0.55))
        whole = groove if whole is None else make.math("MINIMUM", whole, groove)
    assert whole is not None
    return whole


def _ribs(make: _Tree, place: Socket) -> Socket:
    parts = make.tree.nodes.new("ShaderNodeSeparateXYZ")
    make.tree.links.new(place, parts.inputs[0])
    x, y, _ = parts.outputs
    angle = make.math("ARCTAN2", y, x)
    radius = make.math("SQRT", make.math("ADD", make.math("POWER", x, 2.0), make.math("POWER", y, 2.0)))
    wide = make.math("GREATER_THAN", radius, _WIDE)
    count = make.math("MULTIPLY_ADD", wide, float(_RIBS_WIDE - _RIBS_NARROW), float(_RIBS_NARROW))
    wave = make.math("SINE", make.math("MULTIPLY", angle, count))
    return make.math("MULTIPLY_ADD", wave, 0.5, 0.5)


def link_sewn(
    tree: bpy.types.NodeTree, sewn: Sewn, colour: tuple[float, float, float], surface: bpy.types.Node
) -> Socket:
    """Link the colour of sewn cloth to `surface` and return the normal, for the weave's own bump to go on from."""
    make = _Tree(tree)
    attribute = tree.nodes.new("ShaderNodeAttribute")
    attribute.attribute_name = "Place"
    place = attribute.outputs["Vector"]
    seams = tree.nodes.new("ShaderNodeVertexColor")
    seams.layer_name = "Seams"
    cloth = _seams(make, seams.outputs["Color"], sewn)
    normal: Socket | None = None
    # here and there cloth lies smooth
    patch = make.step(make.noise(place, (9.0, 9.0, 14.0)), 0.36, 0.66, 0.15)
    strength = make.math("MULTIPLY", seams.outputs["Alpha"], patch)
    if sewn.crease:
        broad = _creases(make, place, strength, (10.0, 10.0, 25.0))
        normal = make.bump(broad, sewn.crease, normal)
    if sewn.fine:
        small = _creases(make, place, strength, (26.0, 26.0, 55.0))
        normal = make.bump(small, sewn.fine, normal)
    normal = make.bump(cloth, _SEAM_DEPTH, normal)
    shade = make.step(cloth, 0.0, 1.0, _SEAM_DARK)
    if sewn.ribs:
        ribs = _ribs(make, place)
        normal = make.bump(ribs, _RIB_DEPTH, normal)
        shade = make.math("MULTIPLY", shade, make.step(ribs, 0.0, 0.6, 0.72))
    dye = make.noise(place, (500.0, 500.0, 500.0), 3.0)
    shade = make.math("MULTIPLY", shade, make.step(dye, 0.25, 0.75, 1 - sewn.uneven, 1 + sewn.uneven))
    scaled = tree.nodes.new("ShaderNodeVectorMath")
    scaled.operation = "SCALE"
    scaled.inputs[0].default_value = colour
    tree.links.new(shade, scaled.inputs["Scale"])
    tree.links.new(scaled.outputs[0], surface.inputs["Base Color"])
    return normal
