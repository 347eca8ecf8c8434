# SPDX-License-Identifier: GPL-3.0-or-later
"""Wavefront OBJ and MTL as text, for plain parsers: triangles, numbers with all their digits, no axis conversion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MtlMaterial:
    """A material as MTL knows it. colour: linear RGB; maps: MTL keyword -> file name beside the MTL."""

    name: str
    colour: tuple[float, float, float] = (0.8, 0.8, 0.8)
    roughness: float = 0.5
    metallic: float = 0.0
    specular: float = 0.5
    alpha: float = 1.0
    emission: tuple[float, ...] = (0.0, 0.0, 0.0)
    maps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class ObjArrays:
    """What an OBJ holds. vertices (N, 3); faces (M, 3) vertex indices; uvs (M, 3, 2), one for each corner.

    material_index (M,) into `materials`; empty materials mean none; slots: how many there are.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]
    uvs: NDArray[np.float32] | None = None
    material_index: NDArray[np.int32] | None = None
    materials: Sequence[str] = ()
    slots: int = 0


def obj_text(arrays: ObjArrays, name: str, mtl_file: str | None) -> str:
    """The OBJ. Vertices keep their order and value (9 digits restore single precision); faces are grouped by material.

    No normals: readers such as trimesh would split vertices by them, and a mesh could come in with other vertices.
    """
    lines = [
        "# metres once scaled; axes as the object frame's",
        *([f"mtllib {mtl_file}"] if mtl_file else []),
        f"o {name}",
    ]
    lines += _rows("v", arrays.vertices)
    columns = [arrays.faces + 1]
    pattern = "{0}"
    if arrays.uvs is not None:
        values, index = _unique_rows(arrays.uvs.reshape(-1, 2))
        lines += _rows("vt", values)
        columns.append(index.reshape(-1, 3) + 1)
        pattern = "{0}/{1}"
    lines += _face_lines(arrays, np.stack(columns, axis=-1), pattern)
    return "\n".join(lines) + "\n"


def _rows(keyword: str, values: NDArray[np.floating]) -> list[str]:
    pattern = f"{keyword} " + " ".join(["%.9g"] * values.shape[1])
    return [pattern % tuple(row) for row in values.tolist()]


def _unique_rows(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    unique, index = np.unique(values, axis=0, return_inverse=True)
    return unique, index.reshape(-1)


def _face_lines(arrays: ObjArrays, corners: NDArray[np.int64], pattern: str) -> list[str]:
    """corners: (M, 3, columns) indices as written."""
    width = corners.shape[2]
    # three corners in one format string: corner k takes the numbers k * width ... of its row
    face = "f " + " ".join(pattern.format(*(f"{{{k * width + c}}}" for c in range(width))) for k in range(3))

    def written(rows: NDArray[np.int64]) -> list[str]:
        return [face.format(*row) for row in rows.reshape(len(rows), -1).tolist()]

    if not arrays.materials or arrays.material_index is None:
        return written(corners)
    lines: list[str] = []
    slots = np.clip(arrays.material_index, 0, len(arrays.materials) - 1)
    for slot in np.unique(slots).tolist():
        lines += [f"usemtl {arrays.materials[slot]}", *written(corners[slots == slot])]
    return lines


def mtl_text(materials: Sequence[MtlMaterial]) -> str:
    """The MTL, with the widespread PBR keywords (Pr, Pm) beside the classic ones."""
    lines = []
    for m in materials:
        has_map = any(key == "map_Kd" for key, _ in m.maps)
        # readers multiply Kd with its map: with a map it must be white
        colour = (1.0, 1.0, 1.0) if has_map else m.colour
        lines += [
            f"newmtl {m.name}",
            "Ka 1 1 1",
            "Kd " + " ".join(f"{c:.6g}" for c in colour),
            "Ks " + " ".join([f"{m.specular:.6g}"] * 3),
            f"Ns {1000.0 * (1.0 - m.roughness) ** 2:.6g}",  # the mapping that Blender's importer inverts
            f"Pr {m.roughness:.6g}",
            f"Pm {m.metallic:.6g}",
            f"d {m.alpha:.6g}",
            *(["Ke " + " ".join(f"{c:.6g}" for c in m.emission)] if any(m.emission) else ()),
            "illum 2",
            *(f"{key} {file}" for key, file in m.maps),
            "",
        ]
    return "\n".join(lines)
