# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shader's colour and alpha are made of, as a small expression, and its value at points of the surface.

Only what importers build: pictures with their UV map and its transform, colours of the mesh, constants, mixes, and the
arithmetic of cut-outs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
"""(N, 3) linear colours, or (N, 1) numbers."""


@dataclass(frozen=True)
class Chart:
    """Where a picture lies: a UV map (empty: the one that renders) and what is done to its coordinates.

    matrix: rows of a 2 x 3 transform."""

    layer: str = ""
    matrix: tuple[tuple[float, float, float], tuple[float, float, float]] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))

    def of(self, uvs: Values) -> Values:
        """Coordinates (..., 2) on the picture."""
        matrix = np.array(self.matrix, dtype=np.float32)
        return uvs @ matrix[:, :2].T + matrix[:, 2]


@dataclass(frozen=True)
class Constant:
    value: tuple[float, ...]


@dataclass(frozen=True)
class Picture:
    """image: full name; alpha: its alpha instead of its colour; beyond: along x and y, what is seen beyond its rim, in
    Blender's words (REPEAT, MIRROR, EXTEND, CLIP)."""

    image: str
    chart: Chart
    alpha: bool = False
    beyond: tuple[str, str] = ("REPEAT", "REPEAT")


@dataclass(frozen=True)
class MeshColour:
    """A colour attribute of the mesh; alpha: its alpha instead."""

    name: str
    alpha: bool = False


@dataclass(frozen=True)
class Operation:
    """kind: of a Math or Mix node, in Blender's own words; arguments: for a mix factor, first, second."""

    kind: str
    arguments: tuple[Expression, ...]


Expression = Constant | Picture | MeshColour | Operation


class UnknownNodeError(Exception):
    """A shader is made of something else."""


def leaves(expression: Expression) -> list[Expression]:
    """Pictures, mesh colours and constants of an expression."""
    if not isinstance(expression, Operation):
        return [expression]
    return [leaf for argument in expression.arguments for leaf in leaves(argument)]


def read(socket: bpy.types.NodeSocket) -> Expression:
    """What feeds a socket. Raises UnknownNodeError."""
    if not socket.links:
        value = getattr(socket, "default_value", 0.0)
        return Constant((float(value),) if isinstance(value, (int, float)) else tuple(float(v) for v in value[:3]))
    link = socket.links[0]
    node, output = link.from_node, link.from_socket
    reader = _NODES.get(node.type)
    if reader is None:
        raise UnknownNodeError(node.type)
    return reader(node, output)


def _picture(node: bpy.types.Node, output: bpy.types.NodeSocket) -> Expression:
    if node.image is None or node.projection != "FLAT" or node.image.source not in ("FILE", "GENERATED"):
        raise UnknownNodeError("picture")
    chart, beyond = _wrapped(node.inputs["Vector"], node.extension)
    return Picture(node.image.name_full, chart, output.name == "Alpha", beyond)


def _wrapped(socket: bpy.types.NodeSocket, extension: str) -> tuple[Chart, tuple[str, str]]:
    """Chart of a picture's coordinates, and what is seen beyond its rim: the glTF importer wraps x and y by nodes where the
    file asks for two different ways."""
    node = socket.links[0].from_node if socket.links else None
    if node is None or node.type != "COMBXYZ":
        return _chart(socket), (extension, extension)
    ways, source = [], None
    for axis in range(2):
        link = node.inputs[axis].links[0] if node.inputs[axis].links else None
        way = extension
        if link is not None and link.from_node.type == "MATH":
            way = _WAYS.get(link.from_node.operation, "")
            link = link.from_node.inputs[0].links[0] if link.from_node.inputs[0].links else None
        if link is None or not way or link.from_node.type != "SEPXYZ" or link.from_socket.name != "XY"[axis]:
            raise UnknownNodeError("wrapping")
        ways.append(way)
        source = link.from_node.inputs[0]
    assert source is not None  # two axes were gone through
    return _chart(source), (ways[0], ways[1])


_WAYS: Mapping[str, str] = {"WRAP": "REPEAT", "PINGPONG": "MIRROR"}


def _chart(socket: bpy.types.NodeSocket) -> Chart:
    if not socket.links:
        return Chart()
    node, output = socket.links[0].from_node, socket.links[0].from_socket
    if node.type == "UVMAP":
        return Chart(node.uv_map)
    if node.type == "TEX_COORD" and output.name == "UV":
        return Chart()
    if node.type == "ATTRIBUTE":
        return Chart(node.attribute_name)
    if node.type == "REROUTE":
        return _chart(node.inputs[0])
    if node.type == "MAPPING" and node.vector_type in ("POINT", "TEXTURE"):
        inner = _chart(node.inputs["Vector"])
        whole = _mapping(node) @ np.vstack([np.array(inner.matrix), (0.0, 0.0, 1.0)])
        (a, b, c), (d, e, f) = whole[:2].tolist()
        return Chart(inner.layer, ((a, b, c), (d, e, f)))
    raise UnknownNodeError(node.type)


def _mapping(node: bpy.types.Node) -> NDArray[np.float64]:
    if any(node.inputs[name].links for name in ("Location", "Rotation", "Scale")):
        raise UnknownNodeError("mapping")
    (x, y, _), (_, _, turn), (s, t, _) = (node.inputs[n].default_value for n in ("Location", "Rotation", "Scale"))
    if any(abs(v) > 1e-6 for v in node.inputs["Rotation"].default_value[:2]):
        raise UnknownNodeError("mapping")
    c, n = math.cos(turn), math.sin(turn)
    matrix = np.array([[c * s, -n * t, x], [n * s, c * t, y], [0.0, 0.0, 1.0]])
    return np.linalg.inv(matrix) if node.vector_type == "TEXTURE" else matrix


def _mix(node: bpy.types.Node, _: bpy.types.NodeSocket) -> Expression:
    if node.type == "MIX_RGB":
        factor, first, second = (read(node.inputs[k]) for k in range(3))
    elif node.data_type == "RGBA":
        factor, first, second = (read(node.inputs[k]) for k in (0, 6, 7))
    elif node.data_type == "FLOAT":
        factor, first, second = (read(node.inputs[k]) for k in (0, 2, 3))
    else:
        raise UnknownNodeError("mix")
    blend = node.blend_type if node.type == "MIX_RGB" or node.data_type == "RGBA" else "MIX"
    if blend not in ("MIX", "MULTIPLY"):
        raise UnknownNodeError(blend)
    return Operation(f"MIX {blend}", (factor, first, second))


def _math(node: bpy.types.Node, _: bpy.types.NodeSocket) -> Expression:
    if node.operation not in _NUMBERS:
        raise UnknownNodeError(node.operation)
    return Operation(node.operation, (read(node.inputs[0]), read(node.inputs[1])))


_NODES: Mapping[str, Callable[[bpy.types.Node, bpy.types.NodeSocket], Expression]] = {
    "TEX_IMAGE": _picture,
    "MIX": _mix,
    "MIX_RGB": _mix,
    "MATH": _math,
    "REROUTE": lambda node, _: read(node.inputs[0]),
    "RGB": lambda node, _: Constant(tuple(float(v) for v in node.outputs[0].default_value[:3])),
    "VALUE": lambda node, _: Constant((float(node.outputs[0].default_value),)),
    "VERTEX_COLOR": lambda node, output: MeshColour(node.layer_name, output.name == "Alpha"),
    "ATTRIBUTE": lambda node, output: MeshColour(node.attribute_name, output.name == "Alpha"),
}
_NUMBERS: Mapping[str, Callable[[Values, Values], Values]] = {
    "ADD": lambda a, b: a + b,
    "SUBTRACT": lambda a, b: a - b,
    "MULTIPLY": lambda a, b: a * b,
    "LESS_THAN": lambda a, b: (a < b).astype(np.float32),
    "GREATER_THAN": lambda a, b: (a > b).astype(np.float32),
    "ROUND": lambda a, b: np.floor(a + 0.5) + 0.0 * b,
}


def value(expression: Expression, leaf: Callable[[Picture | MeshColour], Values]) -> Values:
    """The expression's value at the points for which `leaf` gives those of pictures and mesh colours."""
    if isinstance(expression, Constant):
        return np.array([expression.value], dtype=np.float32)
    if not isinstance(expression, Operation):
        return leaf(expression)
    found = [value(argument, leaf) for argument in expression.arguments]
    if expression.kind in _NUMBERS:
        return _NUMBERS[expression.kind](_number(found[0]), _number(found[1]))
    factor = np.clip(_number(found[0]), 0.0, 1.0)
    second = found[1] * found[2] if expression.kind == "MIX MULTIPLY" else found[2]
    return (1.0 - factor) * found[1] + factor * second


def _number(values: Values) -> Values:
    """(N, 1): of colours, their brightness, as Blender turns them into numbers."""
    if values.shape[1] == 1:
        return values
    return values @ np.array([[0.2126], [0.7152], [0.0722]], dtype=np.float32)
