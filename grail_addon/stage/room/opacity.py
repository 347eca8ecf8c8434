# SPDX-License-Identifier: GPL-3.0-or-later
"""Make an object see-through, whatever its materials are."""

from __future__ import annotations

import bpy


def set_opacity(obj: bpy.types.Object, opacity: float) -> None:
    """Mix each of the object's materials with a transparent shader; 1 leaves them alone."""
    if opacity >= 1.0:
        return
    if not obj.material_slots:
        obj.data.materials.append(bpy.data.materials.new(f"{obj.name} material"))
    for slot in obj.material_slots:
        material = slot.material.copy() if slot.material else bpy.data.materials.new(f"{obj.name} material")
        if not material.node_tree:
            material.use_nodes = True
        slot.material = material
        tree = material.node_tree
        output = tree.get_output_node("CYCLES")
        if output is None or not output.inputs["Surface"].links:
            continue
        surface = output.inputs["Surface"].links[0].from_socket
        mix, clear = tree.nodes.new("ShaderNodeMixShader"), tree.nodes.new("ShaderNodeBsdfTransparent")
        mix.inputs[0].default_value = opacity
        tree.links.new(clear.outputs[0], mix.inputs[1])
        tree.links.new(surface, mix.inputs[2])
        tree.links.new(mix.outputs[0], output.inputs["Surface"])
