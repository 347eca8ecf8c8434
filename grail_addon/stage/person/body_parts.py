# SPDX-License-Identifier: GPL-3.0-or-later
"""Surface points of a character's head, hands and feet, so that the gate measures skin and not only bones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import bpy
import numpy as np

from ...core.arrays import Array
from ...core.bones import joint_sources
from ...core.gate.facts import BodyPart
from ..measure.meshes import mesh_from_object
from .character import CharacterHandle

POINTS_PER_PART = 200
_MOST_WEIGHT = 0.5  # a vertex belongs to the part that moves it by more than half
_FIRST_JOINT: Mapping[BodyPart, str] = {
    "head": "head",
    "left_hand": "left_wrist",
    "right_hand": "right_wrist",
    "left_foot": "left_ankle",
    "right_foot": "right_ankle",
}


def part_pieces(handle: CharacterHandle) -> Iterator[dict[BodyPart, Array]]:
    """Object by object, body part -> its world points (N, 3) as posed; only parts that bones identify are in it.

    A part is what its first bone and all bones below it (fingers, toes, jaw) move: by vertex groups, or as whole
    objects that hang on one of them; a robot knows its own. Nothing for a character without bones.
    """
    if handle.robot is not None:
        to_world = np.array(handle.root.block.matrix_world)
        yield {part: points @ to_world[:3, :3].T + to_world[:3, 3] for part, points in handle.robot.parts.items()}
        return
    if handle.armature is None:
        return
    bones = _bones_of_parts(handle.armature.block)
    for ref in handle.parts:
        obj, layer = ref.block, handle.scene.block.view_layers[0]
        if obj.type == "MESH" and not obj.hide_render:
            layer.update()
            yield _points_of(obj, layer.depsgraph, bones)


def joined_parts(pieces: Sequence[Mapping[BodyPart, Array]]) -> dict[BodyPart, Array]:
    """Body part -> its points (N, 3) of all pieces."""
    parts = {part for piece in pieces for part in piece}
    return {part: np.concatenate([piece[part] for piece in pieces if part in piece]) for part in sorted(parts)}


def _bones_of_parts(armature: bpy.types.Object) -> dict[BodyPart, frozenset[str]]:
    bones = armature.data.bones
    sources = joint_sources(bones.keys())
    parts: dict[BodyPart, frozenset[str]] = {}
    for part, joint in _FIRST_JOINT.items():
        if joint in sources:
            first = bones[sources[joint].bone]
            parts[part] = frozenset({first.name, *(b.name for b in first.children_recursive)})
    return parts


def _points_of(
    obj: bpy.types.Object, depsgraph: bpy.types.Depsgraph, bones: Mapping[BodyPart, frozenset[str]]
) -> dict[BodyPart, Array]:
    """The object's vertices of each part, world, in the datablock's order."""
    now = obj.evaluated_get(depsgraph)
    mesh = mesh_from_object(obj, depsgraph, now.matrix_world)
    world, is_drawn = mesh.vertices, np.zeros(len(mesh.vertices), dtype=bool)
    is_drawn[mesh.faces.ravel()] = True
    if obj.parent_type == "BONE":
        return {part: world[is_drawn] for part, names in bones.items() if obj.parent_bone in names}
    part_of_group = {
        group.index: part for group in obj.vertex_groups for part, names in bones.items() if group.name in names
    }
    if not part_of_group:
        return {}
    chosen: dict[BodyPart, list[int]] = {}
    for vertex in now.data.vertices:
        weights: dict[BodyPart, float] = {}
        for entry in vertex.groups:
            part = part_of_group.get(entry.group)
            if part is not None:
                weights[part] = weights.get(part, 0.0) + entry.weight
        for part, weight in weights.items():
            if weight > _MOST_WEIGHT:
                chosen.setdefault(part, []).append(vertex.index)
    return {part: world[[i for i in indices if is_drawn[i]]] for part, indices in chosen.items()}
