# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials without light (KHR_materials_unlit: scans, VRM), which Blender imports as lamps: they are lit as any other here.

In a room that is lit, a thing that shines by itself has no shade, throws light on the table, and no MTL says it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import bpy

_GLTF = frozenset({".glb", ".gltf", ".vrm"})


def light_unlit(materials: Iterable[bpy.types.Material | None], path: Path) -> tuple[str, ...]:
    """Give those that the glTF importer made of emission a painted surface of the same colour and opacity; an end of a
    sentence for the user where there was any. path: file that they come from."""
    if path.suffix.lower() not in _GLTF:
        return ()
    found = {m.session_uid: m for m in materials if m is not None and _relit(m)}
    names = ", ".join(sorted(material.name for material in found.values()))
    return (f"lit as any other material, though unlit in the file: {names}.",) if names else ()


def _relit(material: bpy.types.Material) -> bool:
    tree = material.node_tree
    output = tree.get_output_node("CYCLES") if tree is not None else None
    top = _from(output.inputs["Surface"]) if output is not None else None
    if top is None or top.type != "MIX_SHADER" or _kind(top.inputs[0]) != "LIGHT_PATH":
        return False
    shown = _from(top.inputs[2])
    opacity = None
    if shown is not None and shown.type == "MIX_SHADER" and _kind(shown.inputs[1]) == "BSDF_TRANSPARENT":
        opacity, shown = shown.inputs[0], _from(shown.inputs[2])
    if shown is None or shown.type != "EMISSION":
        return False
    painted = tree.nodes.new("ShaderNodeBsdfPrincipled")
    painted.inputs["Roughness"].default_value, painted.inputs["Specular IOR Level"].default_value = 1.0, 0.0
    _take(tree, shown.inputs["Color"], painted.inputs["Base Color"])
    if opacity is not None:
        _take(tree, opacity, painted.inputs["Alpha"])
    tree.links.new(painted.outputs[0], output.inputs["Surface"])
    return True


def _from(socket: bpy.types.NodeSocket) -> bpy.types.Node | None:
    return socket.links[0].from_node if socket.links else None


def _kind(socket: bpy.types.NodeSocket) -> str:
    node = _from(socket)
    return node.type if node is not None else ""


def _take(tree: bpy.types.NodeTree, source: bpy.types.NodeSocket, target: bpy.types.NodeSocket) -> None:
    """Feed `target` with what feeds `source`."""
    if source.links:
        tree.links.new(source.links[0].from_socket, target)
    else:
        target.default_value = source.default_value
