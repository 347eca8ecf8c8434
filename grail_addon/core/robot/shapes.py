# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangles of a robot's shapes: STL and OBJ files, meshes written in the XML, and MuJoCo's primitives."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..mesh import MeshData
from .frames import numbers
from .model import MeshFile, RobotModel, Shape
from .xml_file import wrong

_AROUND, _UP = 32, 16


def shape_mesh(model: RobotModel, shape: Shape) -> MeshData:
    """A shape's triangles in its body's frame, metres. Raises InputError for a mesh file that cannot be read."""
    local = _file_mesh(model.meshes[shape.mesh], model.path) if shape.mesh else _primitive(shape, model.path)
    return MeshData(shape.frame.points(local.vertices), local.faces)


def _file_mesh(mesh: MeshFile, xml: Path) -> MeshData:
    if mesh.path is None:
        if mesh.vertices is None or mesh.faces is None or not len(mesh.faces):
            raise wrong("a mesh in the robot's XML has no faces.", xml)
        found = MeshData(mesh.vertices, mesh.faces.astype(np.int32))
    else:
        found = _read(mesh.path)
    placed = (found.vertices - mesh.ref.position) @ mesh.ref.rotation  # the reference place becomes the origin
    vertices, faces = placed * mesh.scale, found.faces
    return MeshData(vertices, faces[:, ::-1] if float(np.prod(mesh.scale)) < 0 else faces)


def _read(path: Path) -> MeshData:
    suffix = path.suffix.lower()
    try:
        data = path.read_bytes()
        if suffix == ".stl":
            return _stl(data)
        if suffix == ".obj":
            return _obj(data.decode("utf-8", "replace"))
    except OSError as error:
        raise wrong(f"the robot's mesh cannot be read: {error.strerror}.", path) from error
    except (ValueError, IndexError) as error:
        raise wrong(f"{path.name} cannot be read as {suffix[1:].upper()}: {error}.", path) from error
    raise wrong(f"{path.name}: a robot's meshes are STL or OBJ files.", path, "Convert it, and name the new file.")


def _stl(data: bytes) -> MeshData:
    """Binary or text STL; corners at the same place become one."""
    count = int.from_bytes(data[80:84], "little")
    if len(data) >= 84 and len(data) == 84 + 50 * count:
        layout = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("more", "<u2")])
        corners = np.frombuffer(data, layout, count, 84)["corners"].astype(np.float64).reshape(-1, 3)
    elif data.lstrip().startswith(b"solid"):
        rows = [line.split()[1:4] for line in data.decode("ascii", "replace").splitlines() if "vertex" in line]
        corners = np.array(rows, dtype=np.float64).reshape(-1, 3)
    else:
        raise ValueError("its length is not what its header says")
    if not len(corners) or len(corners) % 3 or not np.isfinite(corners).all():
        raise ValueError("it has no triangles, or coordinates that are no numbers")
    vertices, index = np.unique(corners, axis=0, return_inverse=True)
    return MeshData(vertices, _whole(index.reshape(-1, 3)))


def _whole(faces: NDArray[np.int64]) -> NDArray[np.int32]:
    """The faces whose three corners differ."""
    a, b, c = faces.T
    return np.asarray(faces[(a != b) & (b != c) & (c != a)], dtype=np.int32)


def _obj(text: str) -> MeshData:
    vertices: list[Array] = []
    faces: list[list[int]] = []
    for line in text.splitlines():
        if line.startswith("v "):
            vertices.append(numbers(line[2:])[:3])
        elif line.startswith("f "):
            corners = [int(word.split("/")[0]) for word in line.split()[1:]]
            corners = [c - 1 if c > 0 else len(vertices) + c for c in corners]
            faces += [[corners[0], corners[i], corners[i + 1]] for i in range(1, len(corners) - 1)]
    if not faces:
        raise ValueError("it has no faces")
    index = np.array(faces)
    if index.min() < 0 or index.max() >= len(vertices):
        raise ValueError("a face names a vertex that is not there")
    return MeshData(np.array(vertices, dtype=np.float64), _whole(index))


def _primitive(shape: Shape, xml: Path) -> MeshData:
    size = [*shape.size, 0.0, 0.0, 0.0]
    if not shape.size or shape.size[0] <= 0:
        raise wrong(f"{shape.name} has no size.", xml)
    if shape.kind == "box":
        return _box(np.array(size[:3]))
    if shape.kind in ("sphere", "ellipsoid"):
        radii = np.array(size[:3]) if shape.kind == "ellipsoid" else np.full(3, size[0])
        ball = _turned([(math.sin(a), -math.cos(a)) for a in np.linspace(0.0, math.pi, _UP + 1)])
        return MeshData(ball.vertices * radii, ball.faces)
    if shape.kind == "capsule":
        bends = np.linspace(0.0, math.pi, _UP + 2)
        outline = [(math.sin(a), -math.cos(a)) for a in bends]
        lifts = [-size[1] if a < math.pi / 2 else size[1] for a in bends]
        return _turned([(size[0] * r, size[0] * z + lift) for (r, z), lift in zip(outline, lifts, strict=True)])
    if shape.kind == "cylinder":
        r, h = size[0], size[1]
        return _turned([(0.0, -h), (r, -h), (r, h), (0.0, h)])
    raise wrong(f"{shape.name} is a {shape.kind}, which is not drawn.", xml)


def _box(half: Array) -> MeshData:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64) * half
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return MeshData(corners, np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], dtype=np.int32))


def _turned(outline: list[tuple[float, float]]) -> MeshData:
    """The outline (radius, z), from below to above, turned about z. Points on the axis are its ends."""
    turn = 2 * math.pi * np.arange(_AROUND) / _AROUND
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    rings = outline[1:-1]
    vertices = [np.array([[0.0, 0.0, outline[0][1]], [0.0, 0.0, outline[-1][1]]])]
    vertices += [np.column_stack([r * circle, np.full(_AROUND, z)]) for r, z in rings]
    faces = []
    for i in range(_AROUND):
        j = (i + 1) % _AROUND
        faces.append((0, 2 + j, 2 + i))
        for ring in range(len(rings) - 1):
            a, b = 2 + ring * _AROUND, 2 + (ring + 1) * _AROUND
            faces += [(a + i, a + j, b + j), (a + i, b + j, b + i)]
        last = 2 + (len(rings) - 1) * _AROUND
        faces.append((1, last + i, last + j))
    return MeshData(np.concatenate(vertices), np.array(faces, dtype=np.int32))
