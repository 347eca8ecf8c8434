# SPDX-License-Identifier: GPL-3.0-or-later
"""Surface points of a character's head, hands and feet, so that the gate measures skin and not only bones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.bones import joint_sources
from ...core.gate.facts import BodyPart
from ...core.mesh import MeshData
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from ..measure.meshes import mesh_from_object, moved
from ..owned import BlockRef
from .character import CharacterHandle

POINTS_PER_PART = 200
_AT_ONCE = 500  # vertices that are looked at in one go: a millisecond or two
_MOST_WEIGHT = 0.5  # a vertex belongs to the part that moves it by more than half
_FIRST_JOINT: Mapping[BodyPart, str] = {
    "head": "head",
    "left_hand": "left_wrist",
    "right_hand": "right_wrist",
    "left_foot": "left_ankle",
    "right_foot": "right_ankle",
}


def part_pieces(handle: CharacterHandle) -> Steps[list[dict[BodyPart, Array]]]:
    """For each object body part -> its world points (N, 3) as posed; only parts that bones identify are in it.

    A part is what its first bone and all bones below it (fingers, toes, jaw) move: by vertex groups, or as whole
    objects that hang on one of them; a robot knows its own. Nothing for a character without bones.
    """
    if handle.robot is not None:
        to_world = np.array(handle.root.block.matrix_world)
        return [{part: points @ to_world[:3, :3].T + to_world[:3, 3] for part, points in handle.robot.parts.items()}]
    pieces: list[dict[BodyPart, Array]] = []
    if handle.armature is None:
        return pieces
    bones = _bones_of_parts(handle.armature.block)
    for ref in handle.parts:
        yield Pause("posed person")
        obj = ref.block
        if obj.type == "MESH" and not obj.hide_render:
            pieces.append((yield from _points_of(ref, handle, bones)))
    return pieces


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


def _evaluated(ref: BlockRef, handle: CharacterHandle) -> tuple[bpy.types.Object, bpy.types.Depsgraph]:
    """The object as it stands now, and what it was evaluated in. Neither is to be kept across ticks."""
    layer = handle.scene.block.view_layers[0]
    with blender_call("ViewLayer.update"):
        layer.update()
    return ref.block.evaluated_get(layer.depsgraph), layer.depsgraph


def _points_of(
    ref: BlockRef, handle: CharacterHandle, bones: Mapping[BodyPart, frozenset[str]]
) -> Steps[dict[BodyPart, Array]]:
    """The object's vertices of each part, world, in the datablock's order."""
    _evaluated(ref, handle)
    yield Pause("measure person")
    obj = ref.block
    now, depsgraph = _evaluated(ref, handle)
    data, matrix = mesh_from_object(obj, depsgraph), np.array(now.matrix_world)
    world = (yield from offload(lambda: moved(data, matrix), "measure person")).vertices
    is_drawn = yield from offload(lambda: _is_drawn(data), "measure person")
    obj = ref.block
    if obj.parent_type == "BONE":
        return {part: world[is_drawn] for part, names in bones.items() if obj.parent_bone in names}
    part_of_group = {
        group.index: part for group in obj.vertex_groups for part, names in bones.items() if group.name in names
    }
    chosen: dict[BodyPart, list[int]] = {}
    for start in range(0, len(world) if part_of_group else 0, _AT_ONCE):
        yield Pause("body parts")
        _choose(_evaluated(ref, handle)[0].data.vertices[start : start + _AT_ONCE], part_of_group, chosen)
    return (yield from offload(lambda: _drawn_points(world, is_drawn, chosen), "body parts"))


def _is_drawn(mesh: MeshData) -> NDArray[np.bool_]:
    """(N,): whether a triangle of the mesh has this vertex."""
    found = np.zeros(len(mesh.vertices), dtype=bool)
    found[mesh.faces.ravel()] = True
    return found


def _drawn_points(
    world: Array, is_drawn: NDArray[np.bool_], chosen: dict[BodyPart, list[int]]
) -> dict[BodyPart, Array]:
    """The points (N, 3) of each part that are drawn, of all points and the indices of a part's. Empties `chosen`: to free a
    hundred thousand numbers takes a millisecond, which a window need not wait for."""
    found = {part: np.array(indices, dtype=np.int64) for part, indices in chosen.items()}
    chosen.clear()
    return {part: world[index[is_drawn[index]]] for part, index in found.items()}


def _choose(
    vertices: Sequence[bpy.types.MeshVertex], part_of_group: Mapping[int, BodyPart], chosen: dict[BodyPart, list[int]]
) -> None:
    """Add the indices of those that mostly one part moves to `chosen`."""
    for vertex in vertices:
        weights: dict[BodyPart, float] = {}
        for entry in vertex.groups:
            part = part_of_group.get(entry.group)
            if part is not None:
                weights[part] = weights.get(part, 0.0) + entry.weight
        for part, weight in weights.items():
            if weight > _MOST_WEIGHT:
                chosen.setdefault(part, []).append(vertex.index)
