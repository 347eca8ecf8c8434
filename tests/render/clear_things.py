# SPDX-License-Identifier: GPL-3.0-or-later
"""Boxes whose materials let light through, in the ways that files say it."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from PIL import Image

LOW, HIGH = np.array((-0.06, -0.06, -0.06)), np.array((0.06, 0.06, 0.06))


def quads() -> np.ndarray:
    """(6, 4, 3) corners of a box's sides, wound outwards."""
    made = []
    for axis in range(3):
        for side in (0, 1):
            u, v = np.zeros(3), np.zeros(3)
            u[(axis + 1) % 3] = v[(axis + 2) % 3] = 1.0
            base = np.zeros(3)
            base[axis] = side
            corners = [base, base + u, base + u + v, base + v]
            made.append(corners if side else corners[::-1])
    return LOW + np.array(made) * (HIGH - LOW)


UVS = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def bars(held: int = 255, gone: int = 0) -> Image.Image:
    """Upright bars of alpha `held` on half of the picture, `gone` between them."""
    pixels = np.zeros((128, 128, 4), np.uint8)
    pixels[..., :3] = (200, 60, 40)
    pixels[..., 3] = np.where(np.arange(128) // 16 % 2 == 0, held, gone)
    return Image.fromarray(pixels)


def obj(folder: Path, mtl: str, picture: Image.Image | None = None) -> Path:
    """The box as OBJ with a material of these lines; the picture lies beside it as skin.png."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["mtllib model.mtl", "usemtl skin"]
    lines += [f"v {x} {y} {z}" for x, y, z in quads().reshape(-1, 3)]
    lines += [f"vt {u} {v}" for u, v in UVS]
    lines += ["f " + " ".join(f"{4 * k + c + 1}/{c + 1}" for c in range(4)) for k in range(6)]
    (folder / "model.obj").write_text("\n".join(lines) + "\n")
    (folder / "model.mtl").write_text(f"newmtl skin\nKd 0.8 0.2 0.1\n{mtl}\n")
    if picture is not None:
        picture.save(folder / "skin.png")
    return folder / "model.obj"


def glb(folder: Path, material: dict[str, Any], picture: Image.Image | None = None) -> Path:
    """The same as GLB, with a material as glTF says it; the picture is its base colour."""
    folder.mkdir(parents=True, exist_ok=True)
    points = quads().reshape(-1, 3)[:, (0, 2, 1)] * (1.0, 1.0, -1.0)
    faces = np.array([(4 * k, 4 * k + a, 4 * k + a + 1) for k in range(6) for a in (1, 2)], np.uint32)
    parts = [points.astype("<f4").tobytes(), np.tile(UVS, (6, 1)).astype("<f4").tobytes(), faces.tobytes()]
    if picture is not None:
        packed = io.BytesIO()
        picture.save(packed, format="PNG")
        parts.append(packed.getvalue() + b"\0" * (-len(packed.getvalue()) % 4))
    starts = np.cumsum([0, *(len(part) for part in parts)]).tolist()
    material = {"pbrMetallicRoughness": {"metallicFactor": 0.0}, **material}
    if picture is not None:
        material["pbrMetallicRoughness"]["baseColorTexture"] = {"index": 0}
    document: dict[str, Any] = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "extensionsUsed": list(material.get("extensions", {})), "materials": [material],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 24, "type": "VEC3", "min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()},
            {"bufferView": 1, "componentType": 5126, "count": 24, "type": "VEC2"},
            {"bufferView": 2, "componentType": 5125, "count": 36, "type": "SCALAR"},
        ],
        "bufferViews": [{"buffer": 0, "byteOffset": a, "byteLength": len(p)} for a, p in zip(starts, parts, strict=False)],
        "buffers": [{"byteLength": starts[-1]}],
    }  # fmt: skip
    if picture is not None:
        document |= {"textures": [{"source": 0}], "images": [{"bufferView": 3, "mimeType": "image/png"}]}
    if not document["extensionsUsed"]:
        del document["extensionsUsed"]
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(parts)
    head = struct.pack("<III", 0x46546C67, 2, 28 + len(text) + len(body))
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(body), 0x004E4942) + body
    (folder / "model.glb").write_bytes(head + chunks)
    return folder / "model.glb"


def usda(folder: Path, opacity: float) -> Path:
    """The same as USD with a UsdPreviewSurface."""
    folder.mkdir(parents=True, exist_ok=True)
    points = ", ".join(f"({x}, {y}, {z})" for x, y, z in quads().reshape(-1, 3))
    (folder / "model.usda").write_text(
        '#usda 1.0\n(\n defaultPrim = "Root"\n metersPerUnit = 1\n upAxis = "Z"\n)\ndef Xform "Root" {\n'
        f' def Mesh "Box" (prepend apiSchemas = ["MaterialBindingAPI"]) {{\n  point3f[] points = [{points}]\n'
        f"  int[] faceVertexCounts = {[4] * 6}\n  int[] faceVertexIndices = {list(range(24))}\n"
        "  rel material:binding = </Root/Skin>\n }\n"
        ' def Material "Skin" {\n  token outputs:surface.connect = </Root/Skin/S.outputs:surface>\n'
        '  def Shader "S" {\n   uniform token info:id = "UsdPreviewSurface"\n'
        f"   color3f inputs:diffuseColor = (0.8, 0.2, 0.1)\n   float inputs:opacity = {opacity}\n"
        "   token outputs:surface\n  }\n }\n}\n"
    )
    return folder / "model.usda"


def material(build: Callable[[bpy.types.NodeTree], bpy.types.NodeSocket]) -> bpy.types.Material:
    """A material of nodes; build: gives the shader."""
    made = bpy.data.materials.new("clear")
    if made.node_tree is None:
        made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(build(tree), output.inputs["Surface"])
    return made


def half_clear(tree: bpy.types.NodeTree, opacity: float = 0.5) -> bpy.types.NodeSocket:
    """A Mix of a Transparent and a Diffuse shader."""
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.inputs[0].default_value = opacity
    tree.links.new(tree.nodes.new("ShaderNodeBsdfTransparent").outputs[0], mix.inputs[1])
    tree.links.new(tree.nodes.new("ShaderNodeBsdfDiffuse").outputs[0], mix.inputs[2])
    return mix.outputs[0]


def in_a_group(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """The same in a node group."""
    inner = bpy.data.node_groups.new("clear", "ShaderNodeTree")
    inner.interface.new_socket("Shader", in_out="OUTPUT", socket_type="NodeSocketShader")
    out = inner.nodes.new("NodeGroupOutput")
    inner.links.new(half_clear(inner), out.inputs[0])
    group = tree.nodes.new("ShaderNodeGroup")
    group.node_tree = inner
    return group.outputs[0]
