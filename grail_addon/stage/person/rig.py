# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig's bones turned by rotations of the character's own frame: what a pose, a gaze and a start pose have in common.

A bone's turn is the rotation that carries it from how the file shows it to how it is to be; bones without one follow
their parent. Nothing here moves a bone's joint by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import bpy
import numpy as np
from mathutils import Matrix

from ...core.arrays import Array
from ...core.bones import body_bones
from ...steps.effects import Pause, Steps, offload
from ..owned import BlockRef


@dataclass(frozen=True, eq=False)
class _Bone:
    parent: str | None
    head: Array
    tail: Array
    matrix: Array
    basis: Array
    channels: Mapping[str, tuple[float, ...]]


_AT_ONCE = 40
"""Bones that are read in one go: about two milliseconds."""
_CHANNELS = ("location", "rotation_quaternion", "rotation_euler", "rotation_axis_angle", "scale")


def _rotation(matrix: Matrix) -> Array:
    """The rotation (3, 3) in a matrix, its scale left out."""
    return np.array(matrix.to_3x3().normalized())


def _read_bone(bone: bpy.types.PoseBone, stored: bpy.types.PoseBone, to_root: Matrix, root_turn: Array) -> _Bone:
    """A bone as evaluated and as stored. to_root: from the armature's frame to the character's, root_turn its rotation."""
    head, tail = (np.array(to_root @ end) for end in (bone.head, bone.tail))
    matrix = root_turn @ _rotation(bone.matrix)
    parent = bone.parent.name if bone.parent is not None else None
    channels = {name: tuple(getattr(stored, name)) for name in _CHANNELS}
    return _Bone(parent, head, tail, matrix, _rotation(stored.matrix_basis), channels)


def bone_directions(
    armature: bpy.types.Object, root: bpy.types.Object, depsgraph: bpy.types.Depsgraph, names: Iterable[str]
) -> dict[str, Array]:
    """Unit vectors (3,) along some bones as they are now, in the character's frame."""
    now = armature.evaluated_get(depsgraph)
    to_root = root.matrix_world.inverted() @ now.matrix_world
    bones = [now.pose.bones[name] for name in names]
    return {bone.name: _unit(np.array(to_root @ bone.tail) - np.array(to_root @ bone.head)) for bone in bones}


def _unit(along: Array) -> Array:
    return np.asarray(along / max(float(np.linalg.norm(along)), 1e-12))


class Rig:
    """The bones of an armature as the file shows them. to_root (3, 3): turn from the armature's frame to the character's."""

    def __init__(self, bones: Mapping[str, _Bone], to_root: Array, named: Mapping[str, str]) -> None:
        self.bones, self._to_root, self.named = bones, to_root, named

    @classmethod
    def read(cls, armature: BlockRef, root: BlockRef, evaluated: Callable[[], bpy.types.Depsgraph]) -> Steps[Rig]:
        """The bones as they are now. root: the character's, at its own origin; evaluated: gives its scene as it stands."""
        yield Pause()
        names: list[str] = armature.block.pose.bones.keys()
        bones: dict[str, _Bone] = {}
        to_root = np.eye(3)
        for start in range(0, len(names), _AT_ONCE):
            yield Pause()
            obj = armature.block
            now = obj.evaluated_get(evaluated())
            place = root.block.matrix_world.inverted() @ now.matrix_world
            to_root = _rotation(place)
            for name in names[start : start + _AT_ONCE]:
                bones[name] = _read_bone(now.pose.bones[name], obj.pose.bones[name], place, to_root)
        return cls(bones, to_root, (yield from offload(lambda: body_bones(bones))))

    def chain(self, name: str) -> list[str]:
        """The bone and all above it, itself first."""
        found, at = [], name
        while at is not None:
            found.append(at)
            at = self.bones[at].parent  # type: ignore[assignment]  # None ends the loop
        return found

    def turn(self, turns: Mapping[str, Array], name: str | None) -> Array:
        """The turn (3, 3) of a bone: its own, or that of the nearest above it that has one."""
        at = name
        while at is not None:
            if at in turns:
                return turns[at]
            at = self.bones[at].parent
        return np.eye(3)

    def head_of(self, turns: Mapping[str, Array], name: str) -> Array:
        """Where a bone's joint (3,) comes to lie in the character's frame."""
        path = self.chain(name)[::-1]
        place = self.bones[path[0]].head
        for above, below in pairwise(path):
            place = place + self.turn(turns, above) @ (self.bones[below].head - self.bones[above].head)
        return place

    def direction(self, name: str, towards: str | None = None) -> Array:
        """Unit vector (3,) along a bone as the file shows it; to the joint `towards` where it is given."""
        end = self.bones[name].tail if towards is None else self.bones[towards].head
        return _unit(end - self.bones[name].head)

    def turns_of(self, local: Mapping[str, Array]) -> dict[str, Array]:
        """Turns that give bones these rotations (3, 3) of their own, as a pose bone has them."""
        turns: dict[str, Array] = {}
        for name in sorted(local, key=lambda n: len(self.chain(n))):  # parents first
            bone = self.bones[name]
            above = self.turn(turns, bone.parent)
            turns[name] = above @ bone.matrix @ bone.basis.T @ local[name] @ bone.matrix.T
        return turns

    def apply(self, armature: bpy.types.Object, turns: Mapping[str, Array], before: Iterable[str] = ()) -> None:
        """Turn the bones; those of `before` that have no turn now are put back to how the file shows them."""
        for name in dict.fromkeys((*turns, *before)):
            bone, pose = self.bones[name], armature.pose.bones[name]
            if name not in turns:
                for channel, values in bone.channels.items():
                    setattr(pose, channel, values)
                continue
            above = self.turn(turns, bone.parent)
            local = bone.basis @ bone.matrix.T @ (above.T @ turns[name]) @ bone.matrix
            place, _, scale = pose.matrix_basis.decompose()
            pose.matrix_basis = Matrix.LocRotScale(place, Matrix(local.tolist()), scale)
