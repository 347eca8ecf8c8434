# SPDX-License-Identifier: GPL-3.0-or-later
"""A short-lived Bullet world: a scene of its own with a support and bodies, stepped frame by frame, then removed.

Nothing of the user's data is touched and nothing is left in bpy.data. A step may come at any later tick: what is gone
by then (undo, another file) ends in StageLost. The scene need not be the active one, so a
heavy scene that is open costs nothing. Poses are of the body's centre of mass, metres, float64 from Blender's float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.arrays import Array
from ...core.rotations import to_quat_xyzw
from ...core.settle.settings import SettleSettings
from ...core.settle.statics_rotation import matrix_from_quat
from ...steps.blender_calls import blender_call
from ...steps.port import StageLost
from ..owned import BlockRef, OwnedData

SCENE_NAME = "grail_settle"
LAYERS = 20  # Blender's collision collections: bodies of different layers pass through each other


@dataclass(frozen=True, eq=False)
class Hull:
    """A closed convex surface. vertices (N, 3), faces (M, 3) wound outwards; metres."""

    vertices: Array
    faces: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class RigidPose:
    """Body to world: rotation (3, 3), position (3,) of the body's origin, which is its centre of mass."""

    rotation: Array
    position: Array


class World:
    """Use as a context manager; bodies are added before the first step."""

    def __init__(self, settings: SettleSettings, frames: int, substeps: int, iterations: int) -> None:
        self._settings = settings
        self._frames = frames
        self._substeps = substeps
        self._iterations = iterations
        self._owned = OwnedData()
        self._bodies: list[int] = []  # session uids
        self._of_hull: dict[int, BlockRef] = {}

    def __enter__(self) -> World:
        with self._owned.recording():
            scene = bpy.data.scenes.new(SCENE_NAME)
            self._scene = BlockRef.of(scene)
            scene.render.fps, scene.render.fps_base = self._settings.fps, 1.0
            scene.gravity = (0.0, 0.0, -9.81)
            with bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
                bpy.ops.rigidbody.world_add()
            world = scene.rigidbody_world
            world.collection = bpy.data.collections.new(SCENE_NAME)
        world.substeps_per_frame = self._substeps
        world.solver_iterations = self._iterations
        world.point_cache.frame_start, world.point_cache.frame_end = 1, self._frames + 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._owned.remove()

    def _mesh(self, vertices: Array, faces: NDArray[np.int32]) -> bpy.types.Mesh:
        mesh = bpy.data.meshes.new(SCENE_NAME)
        mesh.from_pydata(vertices.tolist(), [], faces.tolist())
        return mesh

    def _shared_mesh(self, part: Hull) -> bpy.types.Mesh:
        """One mesh for all bodies of the same hull."""
        if id(part) not in self._of_hull:
            self._of_hull[id(part)] = BlockRef.of(self._mesh(part.vertices, part.faces))
        return self._of_hull[id(part)].block

    def _object(self, mesh: bpy.types.Mesh, shape: str, layers: Sequence[int]) -> bpy.types.Object:
        obj = bpy.data.objects.new(SCENE_NAME, mesh)
        scene = self._scene.block
        scene.collection.objects.link(obj)
        scene.rigidbody_world.collection.objects.link(obj)  # being in the world's collection makes it a rigid body
        body = obj.rigid_body
        body.collision_shape = shape
        body.mesh_source = "BASE"
        # without this Blender keeps 0.04 m of margin: bodies hover over mesh supports or sink into them
        body.use_margin, body.collision_margin = True, 0.0
        body.friction, body.restitution = self._settings.friction, self._settings.restitution
        body.collision_collections = [layer in layers for layer in range(LAYERS)]
        return obj

    def add_box_support(self) -> None:
        """A slab whose top is z = 0."""
        half, deep = self._settings.support_size / 2, self._settings.support_thickness
        corners = np.array([(x, y, z) for z in (-deep / 2, deep / 2) for y in (-half, half) for x in (-half, half)])
        quads = np.array([(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)], np.int32)
        with self._owned.recording():
            slab = self._object(self._mesh(corners, quads), "BOX", range(LAYERS))
        slab.location.z = -deep / 2  # Blender centres a BOX shape on the origin, wherever the vertices are
        slab.rigid_body.type = "PASSIVE"

    def add_mesh_support(self, vertices: Array, faces: NDArray[np.int32]) -> None:
        """An uneven surface, exactly as it is."""
        with self._owned.recording():
            self._object(self._mesh(vertices, faces), "MESH", range(LAYERS)).rigid_body.type = "PASSIVE"

    def add_body(self, parts: Sequence[Hull], start: RigidPose, damping: tuple[float, float]) -> None:
        """A body at `start`, in a layer of its own; at most 20 of them. damping: linear, angular.

        parts: convex pieces about the centre of mass; one makes a plain hull, several a compound.
        """
        layer = len(self._bodies)
        if layer >= LAYERS:
            raise ValueError(f"a world has {LAYERS} layers for as many bodies")
        with self._owned.recording():
            meshes = [self._shared_mesh(part) for part in parts]
            single = len(parts) == 1
            # a compound's own mesh does not count, but only an object with a mesh can be a body
            obj = self._object(meshes[0], "CONVEX_HULL" if single else "COMPOUND", [layer])
            for mesh in [] if single else meshes:
                self._object(mesh, "CONVEX_HULL", [layer]).parent = obj
        obj.rotation_mode = "QUATERNION"
        x, y, z, w = to_quat_xyzw(start.rotation)
        obj.rotation_quaternion, obj.location = (w, x, y, z), start.position.tolist()
        body = obj.rigid_body
        body.mass, body.use_deactivation = 1.0, False
        body.linear_damping, body.angular_damping = damping
        self._bodies.append(obj.session_uid)

    def set_damping(self, linear: float, angular: float) -> None:
        """Damp all bodies like this from the next step on.

        Set between two steps, never by keyframes: Blender orders an animated damping neither before nor after the step
        of the same frame, so its threads make a race of it.
        """
        for obj in self._found(self._scene.block):
            obj.rigid_body.linear_damping, obj.rigid_body.angular_damping = linear, angular

    def step(self, frame: int) -> list[Array]:
        """Go to `frame`; call with 1, 2, 3, ... without a gap (Blender's cache answers anything else with old poses).

        Frame 1 is the start. Returns each body's matrix (4, 4), body to world.
        """
        scene = self._scene.block
        with blender_call("Scene.frame_set"):
            scene.frame_set(frame)
        return [np.array(obj.matrix_world, dtype=np.float64) for obj in self._found(scene)]

    def _found(self, scene: bpy.types.Scene) -> list[bpy.types.Object]:
        """The bodies in the order they were added."""
        there = {obj.session_uid: obj for obj in scene.collection.objects}
        if not there.keys() >= set(self._bodies):
            raise StageLost
        return [there[uid] for uid in self._bodies]


def pose_of(matrix: Array) -> RigidPose:
    """RigidPose of a body's matrix (4, 4), through a unit quaternion: float32 columns are not quite orthonormal."""
    return RigidPose(matrix_from_quat(to_quat_xyzw(matrix[:3, :3])), matrix[:3, 3].copy())
