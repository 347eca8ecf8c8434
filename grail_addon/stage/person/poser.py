# SPDX-License-Identifier: GPL-3.0-or-later
"""Bends a loaded character's bones into a posture, and finds the postures: soles of both feet on the ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import bpy
import numpy as np
from mathutils import Matrix

from ...core.arrays import Array
from ...core.errors import UserError
from ...core.variant.gaze import Gaze
from ...core.variant.poses import LIBRARY, SIDES, PoseName, Side, mirrored
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, offload
from .character import CharacterHandle
from .pose import BonePose, local_rotations
from .rig import Rig, bone_directions
from .stance import gaze_turns, missing_limbs, pose_turns

_LEVEL = 5e-5  # metres that the soles of both feet may differ in height
_LEVEL_ROUNDS = 4
_FOLLOWS = 0.02  # how far, in metres over the length of a bone, bones may be from where they were put


@dataclass(frozen=True)
class Posture:
    """How a person stands: a pose of the library, or (name None) pose `number` of its pose file, 0 = as loaded."""

    name: PoseName | None = None
    mirrored: bool = False
    number: int = 0


AS_LOADED = Posture()


@dataclass(frozen=True, eq=False)
class Bent:
    """A posture that was found. turns: of bones against the file; lift: metres that the whole body is raised by."""

    turns: Mapping[str, Array] = field(default_factory=dict)
    lift: float = 0.0


Soles = Callable[[], Steps[tuple[Mapping[Side, float], float]]]
"""Measures the body as it is bent now: height of the lowest point of each foot that is known, and of the whole body."""


class Poser:
    """The bones of a character. file_poses: of its pose file, the first of which it was loaded with."""

    def __init__(self, handle: CharacterHandle, file_poses: Sequence[BonePose]) -> None:
        self._handle, self.file_poses = handle, file_poses
        root = handle.root.block
        self._tops = [(part, part.block.matrix_basis.copy()) for part in handle.parts if part.block.parent == root]
        self._turned: Mapping[str, Array] = {}
        self._as_loaded: Rig | None = None

    @property
    def _rig(self) -> Rig:
        """The bones as loaded. Raises RuntimeError before `_ready`."""
        if self._as_loaded is None:
            raise RuntimeError("the bones have not been read")
        return self._as_loaded

    def _ready(self) -> Steps[None]:
        """Read the bones, before anything is turned. Raises UserError where there are none."""
        if self._as_loaded is not None:
            return
        armature = self._handle.armature
        if armature is None:
            raise UserError(f"{self._handle.name} has no bones to pose.", "Set character_pose: file and gaze: ahead.")
        self._as_loaded = yield from Rig.read(armature, self._handle.root, self._evaluated)

    def _evaluated(self) -> bpy.types.Depsgraph:
        """The character's scene as it stands."""
        layer = self._handle.scene.block.view_layers[0]
        with blender_call("ViewLayer.update"):
            layer.update()
        return layer.depsgraph

    def take(self, bent: Bent) -> None:
        """Bend the body so, from whatever it was in."""
        if self._handle.armature is not None and (bent.turns or self._turned):
            self._rig.apply(self._handle.armature.block, bent.turns, self._turned)
        self._turned = bent.turns
        for part, usual in self._tops:
            part.block.matrix_basis = Matrix.Translation((0.0, 0.0, bent.lift)) @ usual

    def find(self, posture: Posture, soles: Soles) -> Steps[Bent]:
        """What a posture needs; the body is left somewhere on the way. Raises UserError where the rig is not known well
        enough, or does not follow."""
        yield from self._ready()
        yield Pause("posture")
        rig = self._rig
        if posture.name is None:
            turns = rig.turns_of(local_rotations(self.file_poses[posture.number]))
            yield Pause("posture")
            self.take(Bent(turns))
            return Bent(turns, -(yield from soles())[1])
        missing = missing_limbs(rig)
        if missing:
            raise UserError(
                f"the rig of {self._handle.name} is not known: no bone is named like {', '.join(missing[:4])}"
                f"{' ...' if len(missing) > 4 else ''} (it has {', '.join(list(rig.bones)[:6])} ...).",
                "Name its bones as Mixamo, VRM, Unreal, Rigify or RenderPeople rigs do, or set character_pose: file.",
            )
        pose = mirrored(LIBRARY[posture.name]) if posture.mirrored else LIBRARY[posture.name]
        lifts: dict[Side, float] = dict.fromkeys(SIDES, 0.0)
        turns, low = (yield from offload(lambda: pose_turns(rig, pose, lifts), "posture")), 0.0
        for _ in range(_LEVEL_ROUNDS):
            self.take(Bent(turns))
            heights, low = yield from soles()
            if not heights or max(heights.values()) - min(heights.values()) < _LEVEL:
                break
            higher = max(heights, key=lambda side: heights[side])
            lifts[higher] -= heights[higher] - min(heights.values())
            turns = yield from offload(lambda: pose_turns(rig, pose, lifts), "posture")
        yield from self._check_that_it_follows("character_pose: file")
        return Bent(turns, -low)

    def look(self, bent: Bent, target: Array) -> Steps[tuple[Gaze, Array] | None]:
        """Turn head and eyes of the body, bent so, to a point (3,) in the character's frame. Returns the gaze and the
        head's turn (3, 3) against the posture; None, and nothing turned, where no bone is known to be the head."""
        if self._handle.armature is None:
            return None
        yield from self._ready()
        rig = self._rig
        found = yield from offload(lambda: gaze_turns(rig, bent.turns, target - [0.0, 0.0, bent.lift]), "gaze")
        if found is None:
            return None
        turns, gaze = found
        self.take(Bent({**bent.turns, **turns}, bent.lift))
        yield from self._check_that_it_follows("gaze: ahead")
        head = rig.named["head"]
        return gaze, np.asarray(turns[head] @ rig.turn(bent.turns, head).T)

    def _check_that_it_follows(self, fix: str) -> Steps[None]:
        """Raises UserError where bones are held by constraints or drivers and stay where they are."""
        yield Pause()
        assert self._handle.armature is not None  # something was turned
        directions = bone_directions(
            self._handle.armature.block, self._handle.root.block, self._evaluated(), self._turned
        )
        yield Pause()
        for name, turn in self._turned.items():
            if float(np.linalg.norm(turn @ self._rig.direction(name) - directions[name])) > _FOLLOWS:
                message = f"bone {name} of {self._handle.name} does not turn: a constraint or driver holds it."
                raise UserError(message, f"Set {fix}.")
