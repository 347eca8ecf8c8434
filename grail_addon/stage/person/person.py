# SPDX-License-Identifier: GPL-3.0-or-later
"""The person on a stage: loaded once, moved by its root, posed by its bones; its surface and joints follow as plain
arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.gate.facts import BodyPart
from ...core.mesh import MeshData
from ...core.pose import Pose
from ...core.robot.record import RobotRecord
from ...core.rotations import from_euler_deg
from ...core.variant.gaze import Gaze
from ...core.variant.poses import Side
from ...steps.effects import Pause, Steps, at_once, offload
from ..importers.lost import Textures
from ..measure.meshes import thinned
from ..measure.posed_mesh import OwnFrame, PosedMesh
from .body_parts import POINTS_PER_PART, joined_parts, part_pieces
from .character import CharacterHandle, evaluated_mesh, joints, place_character
from .pose import read_poses
from .poser import AS_LOADED, Bent, Poser, Posture

_ORIGIN = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


@dataclass(frozen=True, eq=False)
class _Measured:
    """A person at the origin. joints: name -> (3,); parts: body part -> (N, 3) points of its surface."""

    mesh: MeshData
    joints: Mapping[str, Array]
    parts: Mapping[BodyPart, Array]

    @cached_property
    def own(self) -> OwnFrame:
        """The mesh with a search tree that serves every place it is put to."""
        return OwnFrame(self.mesh)


class Person:
    """A character whose place, posture and gaze change from variant to variant."""

    def __init__(self, handle: CharacterHandle, number: int, pose_file: Path | None) -> None:
        self.name, self.number = handle.name, number
        self._handle = handle
        poses = read_poses(pose_file) if pose_file is not None and self._handle.robot is None else []
        self._poser = Poser(self._handle, poses)
        for part in self._handle.parts:
            part.block.pass_index = number
        self._visible = tuple(part for part in self._handle.parts if not part.block.hide_render)
        self._known: dict[Posture, tuple[Bent, _Measured | None]] = {AS_LOADED: (Bent(), None)}
        self._posture, self._looked_at, self._head = AS_LOADED, (), np.eye(3)
        self._gaze: Gaze | None = None
        self._measured: _Measured | None = None
        self._loaded_mesh: MeshData | None = None
        self._loaded_parts: Mapping[BodyPart, Array] | None = None
        self._placed: tuple[tuple[float, ...], PosedMesh] | None = None

    def measure(self) -> Steps[None]:
        """Measure mesh, joints and body parts; what needs them before measures them itself.

        Evaluated once for each posture and gaze, at the origin: from there on only a rigid motion and a scale are added.
        """
        if self._measured is not None:
            return
        mesh = yield from self._mesh_at_origin()
        yield Pause("measure person")
        found = joints(self._handle)
        if self._loaded_parts is None:  # the first measurement is of the person as loaded
            pieces = yield from part_pieces(self._handle)
            self._loaded_parts = yield from offload(lambda: joined_parts(pieces), "measure person")
            self._loaded_mesh = mesh
            parts: Mapping[BodyPart, Array] = self._loaded_parts
        else:
            parts = yield from offload(
                lambda: {part: mesh.vertices[index] for part, index in self._part_indices.items()}, "measure person"
            )
        few = yield from offload(
            lambda: {part: thinned(points, POINTS_PER_PART) for part, points in parts.items()}, "measure person"
        )
        self._measured = _Measured(mesh, found, few)

    @cached_property
    def _part_indices(self) -> dict[BodyPart, Array]:
        """Body part -> which vertices of the mesh are its points, in every posture."""
        assert self._loaded_mesh is not None and self._loaded_parts is not None  # postures come after a measurement
        return _indices(self._loaded_mesh.vertices, self._loaded_parts)

    def _to_origin(self) -> None:
        place_character(self._handle, *_ORIGIN)
        self._placed = None

    def _mesh_at_origin(self) -> Steps[MeshData]:
        self._to_origin()
        return (yield from evaluated_mesh(self._handle))

    @property
    def _body(self) -> _Measured:
        at_once(self.measure())
        assert self._measured is not None  # the end of `measure` sets it
        return self._measured

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

    @property
    def pose_count(self) -> int:
        """How many poses its pose file has; 1 without one."""
        return max(len(self._poser.file_poses), 1)

    def assume(self, posture: Posture) -> Steps[None]:
        """Take a posture, gaze straight ahead, feet on the ground; found once for each posture.

        Raises UserError where the rig is not known well enough, or does not follow.
        """
        yield from self._as_loaded()
        if posture == self._posture and not self._looked_at:
            return
        if posture not in self._known:
            yield Pause("posture")
            self._known[posture] = ((yield from self._poser.find(posture, self._soles)), None)
            yield Pause("posture")
        bent, measured = self._known[posture]
        self._poser.take(bent)
        self._posture, self._looked_at, self._gaze, self._head = posture, (), None, np.eye(3)
        self._measured = measured
        yield from self.measure()
        self._known[posture] = (bent, self._measured)

    def _as_loaded(self) -> Steps[None]:
        """The first measurement, of the person as loaded, which every other needs."""
        if self._loaded_parts is None:
            yield from self.measure()
            self._known[AS_LOADED] = (Bent(), self._measured)

    def look_at(
        self, target: Array, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]
    ) -> Steps[None]:
        """Turn head and eyes to the world point `target` (3,), for a person that is to stand as `place` takes it."""
        local = from_euler_deg(tuple(turn_deg)).T @ (np.asarray(target) - position) / scale
        key = tuple(np.round(local, 6))
        if key == self._looked_at:
            return
        yield from self._as_loaded()
        yield Pause("gaze")
        self._to_origin()  # where it is measured: so it is evaluated once, with the turned head
        found = yield from self._poser.look(self._known[self._posture][0], local)
        if found is not None:
            self._gaze, self._head = found
            self._looked_at, self._measured = key, None
            yield from self.measure()

    @property
    def gaze(self) -> dict[str, Any] | None:
        """Turns of head and eyes, degrees, and by how much they miss what is looked at; None for a gaze ahead."""
        return None if self._gaze is None else {k: round(v, 3) + 0.0 for k, v in asdict(self._gaze).items()}

    def _soles(self) -> Steps[tuple[dict[Side, float], float]]:
        """Height of the lowest point of each foot, where they are known, and of the whole body."""
        mesh = yield from self._mesh_at_origin()
        return (yield from offload(lambda: self._lowest(mesh), "posture"))

    def _lowest(self, mesh: MeshData) -> tuple[dict[Side, float], float]:
        found: dict[Side, float] = {}
        feet: tuple[tuple[Side, BodyPart], ...] = (("left", "left_foot"), ("right", "right_foot"))
        for side, part in feet:
            index = self._part_indices.get(part)
            if index is not None and len(index):
                found[side] = float(mesh.vertices[index][:, 2].min())
        return found, float(mesh.bounds[0][2])

    def place(self, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]) -> PosedMesh:
        """Put the ground point between the feet at `position` (metres, world); its surface there."""
        place_character(self._handle, position, turn_deg, scale)
        return self._surface_at(position, turn_deg, scale)

    def placed(self, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]) -> Steps[PosedMesh]:
        """`place`, with the surface taken in a thread: it has a hundred thousand points."""
        yield from offload(lambda: self._surface_at(position, turn_deg, scale), "placement")
        return self.place(position, turn_deg, scale)

    def _surface_at(self, position: Sequence[float], turn_deg: Sequence[float], scale: Sequence[float]) -> PosedMesh:
        key = (*position, *turn_deg, *scale)
        if self._placed is None or self._placed[0] != key:
            turn = from_euler_deg(tuple(turn_deg))
            world = self._body.mesh.scaled(np.array(scale)).transformed(turn, np.array(position))
            to_world = np.eye(4)
            to_world[:3, :3], to_world[:3, 3] = turn * np.array(scale), position
            posed = PosedMesh("character", self.number, world, self._body.own, Matrix(np.linalg.inv(to_world).tolist()))
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
        """Unit vector out of the face: as posed, and as a gaze turns the head."""
        return from_euler_deg(tuple(turn_deg)) @ self._head @ self._handle.face


def _indices(vertices: Array, parts: Mapping[BodyPart, Array]) -> dict[BodyPart, Array]:
    """Body part -> which of `vertices` (N, 3) its points are, the last of several at one place; the points are among them to
    the last bit."""
    keys = _keys(vertices)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    found = {part: order[np.searchsorted(keys, _keys(points), side="right") - 1] for part, points in parts.items()}
    if all(
        vertices[index].tobytes() == points.tobytes()
        for (index, points) in zip(found.values(), parts.values(), strict=True)
    ):
        return found
    lookup = {row.tobytes(): i for i, row in enumerate(vertices)}  # two vertices have one key
    return {part: np.array([lookup[p.tobytes()] for p in points], dtype=np.int64) for part, points in parts.items()}


def _keys(points: Array) -> NDArray[np.uint64]:
    """A number for each of the points (N, 3), which hardly ever is that of another point."""
    bits = np.ascontiguousarray(points).view(np.uint64)
    mixed: NDArray[np.uint64] = ((bits ^ (bits >> np.uint64(29))) * _ODD).sum(axis=1, dtype=np.uint64)
    return mixed


_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
