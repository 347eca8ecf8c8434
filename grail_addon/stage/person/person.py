# SPDX-License-Identifier: GPL-3.0-or-later
"""The person on a stage: loaded once, posed by moving its root; its surface and joints follow as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ...core.arrays import Array
from ...core.gate.facts import BodyPart
from ...core.mesh import MeshData
from ...core.pose import Pose
from ...core.robot.record import RobotRecord
from ...core.rotations import from_euler_deg
from ..importers.lost import Textures
from ..measure.posed_mesh import OwnFrame, PosedMesh
from .body_parts import joined_parts, part_pieces
from .character import CharacterSettings, evaluated_mesh, joints, load_character, place_character


@dataclass(frozen=True, eq=False)
class _Measured:
    """A person at the origin. joints: name -> (3,); parts: body part -> (N, 3) points of its surface."""

    mesh: MeshData
    joints: Mapping[str, Array]
    parts: Mapping[BodyPart, Array]


class Person:
    """A character whose own pose stays, while the place it stands at changes from variant to variant."""

    def __init__(
        self, path: Path, scene: bpy.types.Scene, name: str, number: int, pose_file: Path | None, texture_dir: Path
    ) -> None:
        self.name, self.number = name, number
        settings = CharacterSettings(init_pose_file=pose_file, texture_dir=texture_dir)
        self._handle = load_character(path, scene, settings, name)
        for part in self._handle.parts:
            part.block.pass_index = number
        self._visible = tuple(part for part in self._handle.parts if not part.block.hide_render)
        self._measured: _Measured | None = None
        self._placed: tuple[tuple[float, ...], PosedMesh] | None = None

    def measure(self) -> Iterator[None]:
        """Measure mesh, joints and body parts, with a yield between them; what needs them measures the rest itself.

        Evaluated once, at the origin: from here on only a rigid motion and a scale are added.
        """
        if self._measured is not None:
            return
        mesh = evaluated_mesh(self._handle)
        yield
        found = joints(self._handle)
        pieces = []
        for piece in part_pieces(self._handle):
            pieces.append(piece)
            yield
        self._measured = _Measured(mesh, found, joined_parts(pieces))

    @property
    def _body(self) -> _Measured:
        for _ in self.measure():
            pass
        assert self._measured is not None  # the end of `measure` sets it
        return self._measured

    @cached_property
    def _own(self) -> OwnFrame:
        return OwnFrame(self._body.mesh)

    @property
    def shown(self) -> bool:
        """Whether it is rendered."""
        return not self._root.hide_render

    @property
    def _root(self) -> bpy.types.Object:
        return self._handle.root.block

    def show(self, shown: bool) -> None:
        """Take the person into the renders or leave it out; parts that the file hides stay hidden."""
        self._root.hide_render = not shown
        for part in self._visible:
            part.block.hide_render = not shown

    @property
    def position(self) -> tuple[float, float, float]:
        """The ground point between the feet, metres, world."""
        x, y, z = self._root.location
        return x, y, z

    @property
    def robot(self) -> RobotRecord | None:
        """What the sidecars say of a robot; None for a person."""
        return None if self._handle.robot is None else self._handle.robot.record

    @property
    def notes(self) -> Sequence[str]:
        return self._handle.notes

    @property
    def textures(self) -> Textures:
        """What became of its pictures."""
        return self._handle.textures

    @property
    def files(self) -> Sequence[Path]:
        """What else was opened for it, or looked for and not found."""
        return self._handle.files

    def place(self, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]) -> PosedMesh:
        """Put the ground point between the feet at `position` (metres, world); its surface there."""
        mesh = self._body.mesh
        place_character(self._handle, position, turn_deg, scale)
        key = (*position, *turn_deg, *scale)
        if self._placed is None or self._placed[0] != key:
            turn = from_euler_deg(tuple(turn_deg))
            world = mesh.scaled(np.array(scale)).transformed(turn, np.array(position))
            to_world = np.eye(4)
            to_world[:3, :3], to_world[:3, 3] = turn * np.array(scale), position
            posed = PosedMesh("character", self.number, world, self._own, Matrix(np.linalg.inv(to_world).tolist()))
            self._placed = (key, posed)
        return self._placed[1]

    def pose(self, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]) -> Pose:
        """Pose of the character file's own frame as the output contract writes it."""
        handle, turn = self._handle, from_euler_deg(tuple(turn_deg))
        along_file = np.abs(handle.file_turn.T) @ np.array(scale)  # exact for turns by quarters and for one scale
        shift = turn @ (handle.file_shift * np.array(scale))
        return Pose(turn @ handle.file_turn, np.array(position) + shift, along_file * handle.file_scale)

    def height(self, scale: Sequence[float]) -> float:
        """Metres from sole to crown, posed and scaled."""
        low, high = self._body.mesh.bounds
        return float(high[2] - low[2]) * float(scale[2])

    def joints(
        self, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]
    ) -> Mapping[str, Array]:
        """Joint name -> (3,) in the world; empty without bones."""
        turn = from_euler_deg(tuple(turn_deg))
        return {name: turn @ (point * scale) + np.array(position) for name, point in self._body.joints.items()}

    def part_points(
        self, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]
    ) -> Mapping[BodyPart, Array]:
        """Body part -> (N, 3) points of its surface in the world; empty without bones."""
        turn = from_euler_deg(tuple(turn_deg))
        return {part: (points * scale) @ turn.T + np.array(position) for part, points in self._body.parts.items()}

    def face_forward(self, turn_deg: Sequence[float]) -> Array:
        """Unit vector out of the face, as posed."""
        return from_euler_deg(tuple(turn_deg)) @ self._handle.face
