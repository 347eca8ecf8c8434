# SPDX-License-Identifier: GPL-3.0-or-later
"""Simple meshes as plain arrays, for tests of the stage."""

from __future__ import annotations

import numpy as np

from grail_addon.core.mesh import MeshData

_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=np.float64)
_FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
     [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]], dtype=np.int32,
)  # fmt: skip


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> MeshData:
    """Closed box between two corners, wound outwards."""
    low_array, high_array = np.array(low), np.array(high)
    return MeshData(low_array + _CORNERS * (high_array - low_array), _FACES)


def join(*meshes: MeshData) -> MeshData:
    """Several meshes in one, as they stand."""
    vertices, faces, count = [], [], 0
    for mesh in meshes:
        vertices.append(mesh.vertices)
        faces.append(mesh.faces + count)
        count += len(mesh.vertices)
    return MeshData(np.concatenate(vertices), np.concatenate(faces).astype(np.int32))


def obj_text(mesh: MeshData) -> str:
    """The mesh as a Wavefront OBJ file."""
    lines = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in mesh.vertices]
    return "\n".join([*lines, *(f"f {a + 1} {b + 1} {c + 1}" for a, b, c in mesh.faces)]) + "\n"
