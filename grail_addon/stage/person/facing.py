# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a character faces, read from its bones, or from the feet of its mesh where it has none.

Formats and tools disagree (VRM 0.x faces +Y, glTF +Z before its axes are turned), so nothing is taken on trust.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import bpy
import numpy as np

from ...core.arrays import Array
from ...core.bones import joint_sources
from ...core.mesh import MeshData
from .pose import joint_positions

FORWARD = np.array([0.0, -1.0, 0.0])
_EYE = re.compile(r"(^|[^a-z])(face)?eye(ball)?s?([^a-z]|$)", re.I)
_PAIRS = (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"))
_FEET = (("left_ankle", "left_toes"), ("right_ankle", "right_toes"))
_LEAST = 0.15  # length that a level direction must have, as a share of what it was measured on
_SOLE, _SHIN = (0.005, 0.015, 0.03), (0.08, 0.1, 0.12)  # of the height: level cuts through a standing body
_TOES = 0.012  # of the height: how far soles must reach out in front of the shins, at least


def forward_of_bones(joints: Mapping[str, Array], eyes: Array | None = None) -> Array | None:
    """Level unit vector (3,) out of the chest, z up; None where the bones do not tell.

    joints: name -> (3,) position of a body that stands, see `core.bones`. eyes: (3,) between the eyes. Hips and
    shoulders say it most exactly, but rigs with left and right exchanged exist: feet and eyes decide which of the two.
    """
    across = _level([joints[left] - joints[right] for left, right in _PAIRS if left in joints and right in joints])
    hints = [joints[toes] - joints[ankle] for ankle, toes in _FEET if ankle in joints and toes in joints]
    if eyes is not None and "head" in joints:
        hints.append(eyes - joints["head"])
    hint = _level(hints)
    if across is None:
        return hint
    forward = np.cross(across, [0.0, 0.0, 1.0])
    return -forward if hint is not None and float(forward @ hint) < -0.5 else forward


def _level(vectors: list[Array]) -> Array | None:
    """Level unit vector along the sum of vectors; None where they cancel out or stand upright."""
    if not vectors:
        return None
    total = np.sum([v / max(float(np.linalg.norm(v)), 1e-9) for v in vectors], axis=0) * [1.0, 1.0, 0.0]
    length = float(np.linalg.norm(total))
    return total / length if length > _LEAST * len(vectors) else None


@dataclass(frozen=True, eq=False)
class Front:
    """Where a body with bones faces before it is posed. body (3,): level unit vector, None where the bones do not tell;
    head (3, 3): turn of the bone that carries the face, None where there is none. All in the world."""

    body: Array | None
    head: Array | None

    @classmethod
    def of(cls, armature: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> Front:
        eyes = [
            np.array(armature.matrix_world @ bone.matrix_local.translation)
            for bone in armature.data.bones
            if _EYE.search(bone.name)
        ]
        middle = np.mean(eyes, axis=0) if eyes else None
        return cls(forward_of_bones(joint_positions(armature, depsgraph), middle), _head_turn(armature, depsgraph))

    def face(self, armature: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> Array:
        """Unit vector (3,) out of the face as the body is posed now, turned to -Y by its root."""
        now = _head_turn(armature, depsgraph)
        if self.body is None or self.head is None or now is None:
            return FORWARD
        return np.asarray(now @ self.head.T @ self.body)


def _head_turn(armature: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> Array | None:
    """(3, 3) rotation of the head's bone in the world."""
    now = armature.evaluated_get(depsgraph)
    source = joint_sources(now.pose.bones.keys()).get("head")
    if source is None:
        return None
    turn = (now.matrix_world @ now.pose.bones[source.bone].matrix).to_quaternion().to_matrix()
    return np.array(turn, dtype=np.float64)


def forward_of_mesh(mesh: MeshData) -> Array | None:
    """Level unit vector (3,) that the feet of a standing body, z up, point along; None where they do not tell."""
    low, high = mesh.bounds
    height = float(high[2] - low[2])
    sole, shin = (_middle(mesh, [low[2] + share * height for share in shares]) for shares in (_SOLE, _SHIN))
    if sole is None or shin is None or float(np.linalg.norm(sole - shin)) < _TOES * height:
        return None
    direction = np.append(sole - shin, 0.0)
    return np.asarray(direction / np.linalg.norm(direction))


def _middle(mesh: MeshData, heights: list[float]) -> Array | None:
    """Middle (2,) of the box round what level cuts at these heights meet; None where they meet nothing."""
    edges = np.unique(np.sort(mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    a, b = mesh.vertices[edges[:, 0]], mesh.vertices[edges[:, 1]]
    found = []
    for z in heights:
        cut = (a[:, 2] < z) != (b[:, 2] < z)
        share = (z - a[cut, 2]) / (b[cut, 2] - a[cut, 2])
        found.append(a[cut, :2] + share[:, None] * (b[cut, :2] - a[cut, :2]))
    points = np.concatenate(found)
    return np.asarray((points.min(axis=0) + points.max(axis=0)) / 2) if len(points) else None


def turn_to_front(forward: Array) -> float:
    """Degrees about z that bring a level unit vector to -Y; 0 where it is there within 20 degrees, and a multiple of 90
    where it is within 15 degrees of one: bones are seldom exact to the degree."""
    angle = float(
        np.degrees(np.arctan2(forward[0], -forward[1]))
    )  # of the vector from -Y, counter-clockwise from above
    if abs(angle) <= 20.0:
        return 0.0
    quarter = round(angle / 90.0) * 90.0
    return -quarter if abs(angle - quarter) <= 15.0 else -angle
