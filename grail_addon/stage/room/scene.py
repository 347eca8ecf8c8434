# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage: a Blender scene of its own with a room, one object and one person, which outlives single variants.

The room is appended once and stays warm; object and person only change their pose between variants. The user's own
scenes are never touched, and `close` removes the data blocks that the stage made and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ...core.arrays import Array
from ...core.camera import Camera
from ...core.mesh import MeshData
from ...core.pose import Pose
from ...core.settle.support import Support
from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps, at_once, offload
from ..importers.objects import ImportedObject, import_object
from ..importers.textures import images_of
from ..measure.posed_mesh import PosedMesh
from ..owned import BlockRef, OwnedData
from ..person.character import CharacterSettings, load_character
from ..person.person import Person
from .alone import scene_alone
from .camera import new_camera, set_camera
from .contents import SURFACES, drawn_objects, joined, pieces, places
from .fresh_scene import fresh_scene
from .lights import LightRig
from .opacity import set_opacity
from .pictures import room_textures
from .render_memory import FilesSeen, forget_renders, remove_but_images
from .scene_file import append_scene, open_scene, scenes_in
from .scenery import CONDITION, Scenery
from .see_through import may_show_through
from .support import find_support

OBJECT_ID = 1
CHARACTER_ID = 2
FIRST_ROOM_ID = 10
GROUND_REACH = 0.3
_DOWN = Vector((0.0, 0.0, -1.0))


def _matrix(pose: Pose) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, :3] = pose.rotation * pose.scale  # columns scaled: scale first, then rotation
    matrix[:3, 3] = pose.translation
    return Matrix(matrix.tolist())  # a bare list would be read by columns


def height_under(surfaces: Iterable[PosedMesh], xy: tuple[float, float], z: float) -> float:
    """Height of the highest of the surfaces under `xy` within GROUND_REACH of `z`; `z` where there is none."""
    start = Vector((*xy, z + GROUND_REACH))
    hits = [t.tree.ray_cast(start, _DOWN, 2 * GROUND_REACH)[0] for t in surfaces]
    return max((hit.z for hit in hits if hit is not None), default=z)


class Stage:
    """One room with what stands in it. notes: what the user should know of its file.

    Its data may vanish at any tick, by undo, by deletion, by opening another file: then its methods raise StageLost, and
    `close` still removes what is left."""

    def __init__(self, scene_file: Path) -> None:
        """Open it at once."""
        at_once(self._opening(scene_file))

    @classmethod
    def opened(cls, scene_file: Path) -> Steps[Stage]:
        """A stage, opened step by step."""
        stage = cls.__new__(cls)
        yield from stage._opening(scene_file)
        return stage

    def _opening(self, scene_file: Path) -> Steps[None]:
        self._owned = OwnedData()
        self._object_owned = OwnedData(within=self._owned)
        try:
            scenes = scenes_in(scene_file)
            opened = (yield from offload(lambda: open_scene(scene_file), "room")) if len(scenes) > 1 else ""
            yield Pause("room")
            with self._owned.recording():
                appended = append_scene(scene_file, scenes, opened)
                self._file_names, self.notes = appended.names, appended.notes
                source = BlockRef.of(appended.scene)
            yield Pause("room")
            scene, notes = yield from fresh_scene(source, self._owned)
            self.notes += tuple(f"{scene_file.name}: {note}" for note in notes)
            yield Pause("room")
            with self._owned.recording():
                scene.block.camera = new_camera(scene.block)  # the file's own is left as it is
            self.textures = yield from room_textures(self._owned, scene_file)
            yield Pause("room")
            self._scene, self._camera = scene, BlockRef.of(scene.block.camera)
            self.lights = LightRig(scene.block, self._owned)
            self.scenery = Scenery(scene.block)
            self._room: dict[str, PosedMesh] = {}
            self._numbers: dict[int, tuple[int, str]] = {}
            self._known: dict[tuple[int, bytes], PosedMesh] = {}
            self._shown: dict[int, bytes] | None = None
            self._unread: list[int] = []
            self._static_surfaces: dict[str, PosedMesh] = {}
            self._files = FilesSeen()
            self.object: PosedMesh | None = None
            self._imported: ImportedObject | None = None
            self._alone: BlockRef | None = None
            self._statics: dict[str, ImportedObject] = {}
            self._last_number = FIRST_ROOM_ID - 1
            yield Pause("room")
            self._number_room()
        except BaseException:
            self._owned.remove()
            raise

    @property
    def scene(self) -> bpy.types.Scene:
        """Its scene; never keep it across ticks. Raises StageLost."""
        return self._scene.block

    @property
    def intact(self) -> bool:
        """Whether all that was made for it is still there."""
        return self._owned.intact and self._object_owned.intact

    @property
    def view_layer(self) -> bpy.types.ViewLayer:
        return self.scene.view_layers[0]

    def depsgraph(self) -> bpy.types.Depsgraph:
        """The stage as it stands now, evaluated."""
        with blender_call("ViewLayer.update"):
            self.view_layer.update()
        return self.view_layer.depsgraph

    def names(self) -> dict[int, str]:
        """Id in the render's index pass -> name a user knows."""
        rooms = {posed.number: name for name, posed in self.room.items()}
        return {OBJECT_ID: "object", CHARACTER_ID: "character", **rooms}

    def _number_room(self) -> None:
        """Give a number to each object that is drawn, or may be by a choice of scenery, and has none."""
        drawn = {obj.session_uid: obj for obj in drawn_objects(self.depsgraph())}
        choices = {obj.session_uid: obj for obj in self.scene.objects if CONDITION in obj and obj.type in SURFACES}
        new = [obj for obj in sorted({**drawn, **choices}.values(), key=self._file_name) if not obj.pass_index]
        for obj in new:
            obj.pass_index = self._next_number()
            self._numbers[obj.session_uid] = (obj.pass_index, self._file_name(obj))
        if new and any(settings.type == "EMITTER" for settings in self._owned.of_kind("particles")):
            with blender_call("Scene.frame_set"):  # the numbers have thrown away what was emitted
                self.scene.frame_set(self.scene.frame_current)

    def dress(self, numbers: Mapping[str, float], fixed: Mapping[str, str]) -> dict[str, str]:
        """Show a choice of what the scene offers, see `Scenery.dress`; what comes in is measured with the next look
        at `room`."""
        if self.scenery.offers:
            self._shown = None
        return self.scenery.dress(numbers, fixed)

    def measured(self) -> Steps[None]:
        """Measure what is drawn and not known yet of the room, and make its search trees."""
        if self._shown is None:
            yield Pause("measure room")
            self._number_room()
            yield Pause("measure room")
            self._room = {}
            self._shown = {uid: at for uid, at in places(self.depsgraph()).items() if uid in self._numbers}
            self._unread = [uid for uid, at in self._shown.items() if (uid, at) not in self._known]
        while self._unread:
            yield Pause("measure room")
            found = pieces(self.depsgraph(), self._unread)
            for uid, mesh in (yield from offload(partial(joined, found), "measure room")).items():
                number, name = self._numbers[uid]
                self._known[uid, self._shown[uid]] = PosedMesh(name, number, mesh)
            self._unread = self._unread[len(found) :]
        if not self._room:
            known = [self._known[key] for key in self._shown.items() if key in self._known]
            self._room = {posed.name: posed for posed in sorted(known, key=lambda posed: posed.number)}
            room = list(self._room.values())
            yield from offload(lambda: [(surface.tree, surface.world.bounds) for surface in room], "search trees")

    @property
    def room(self) -> dict[str, PosedMesh]:
        """Name -> surface of all that stands in the room but object and person."""
        at_once(self.measured())
        return {**self._room, **self._static_surfaces}

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _file_name(self, obj: bpy.types.Object) -> str:
        """Name that a user knows for an object of this stage."""
        return self._file_names.get(obj.session_uid, obj.name)

    def _collection(self) -> bpy.types.Collection:
        return self.scene.collection

    def add_static(self, name: str, mesh_file: Path, pose: Pose, opacity: float) -> Steps[None]:
        """Put a further mesh on the stage; its lowest point comes to the pose's z."""
        imported = yield from import_object(mesh_file, self._collection, self._owned, name)
        with self._owned.recording():
            obj = imported.object
            set_opacity(obj, opacity)
        obj.pass_index = self._next_number()
        self._file_names[obj.session_uid] = name
        self._static_surfaces[name] = PosedMesh(name, obj.pass_index, imported.mesh)
        self._statics[name] = imported
        self.place_static(name, pose)

    def place_static(self, name: str, pose: Pose) -> Pose:
        """Move a static object so that its lowest point stands at the pose's z; returns the pose of its frame."""
        imported = self._statics[name]
        turned = imported.mesh.scaled(pose.scale).transformed(pose.rotation, np.zeros(3))
        translation = pose.translation - [0.0, 0.0, turned.bounds[0][2]]
        world = turned.transformed(np.eye(3), translation)
        placed = Pose(pose.rotation, translation, pose.scale)
        imported.object.matrix_world = _matrix(placed)
        self._static_surfaces[name] = PosedMesh(name, self._static_surfaces[name].number, world)
        return placed

    def load_object(self, mesh_file: Path, opacity: float = 1.0, unit: float = 1.0) -> Steps[MeshData]:
        """Import the object (replacing the one before) and return its mesh in its own frame. unit: metres that one of
        the file's units is."""
        self.remove_object()
        yield Pause("object")
        self._imported = yield from import_object(mesh_file, self._collection, self._object_owned, "object", unit)
        yield Pause("object")
        with self._object_owned.recording():
            obj = self._imported.object
            set_opacity(obj, opacity)
            if may_show_through(obj.data.materials):
                self._alone = BlockRef.of(scene_alone(obj, self.scene.cycles.device))
        obj.pass_index = OBJECT_ID
        if self._files.have_changed(images_of(obj)):
            forget_renders(self.scene)
        return self._imported.mesh

    @property
    def alone(self) -> bpy.types.Scene | None:
        """A scene of the object alone; None where all its materials are opaque. Raises StageLost."""
        return None if self._alone is None else self._alone.block

    @property
    def statics(self) -> Mapping[str, ImportedObject]:
        """The further meshes that stand in the room, by name."""
        return self._statics

    def add_person(self, character: Path, name: str, pose_file: Path | None, texture_dir: Path) -> Steps[Person]:
        """Load a character and measure it."""
        settings = CharacterSettings(init_pose_file=pose_file, texture_dir=texture_dir)
        handle = yield from load_character(character, self._scene, self._owned, settings, name)
        person = Person(handle, CHARACTER_ID, pose_file)
        yield from person.measure()
        return person

    def aim(self, camera: Camera) -> None:
        """Make the stage's camera and resolution those of `camera`."""
        set_camera(self.scene, self._camera.block, camera)

    @property
    def imported(self) -> ImportedObject:
        """The object as it was imported. Raises LookupError before `load_object`."""
        if self._imported is None:
            raise LookupError("no object on the stage")
        return self._imported

    def remove_object(self) -> None:
        """Take the object off the stage with all its data."""
        remove_but_images(self._object_owned, self._owned)
        self._imported = self.object = self._alone = None

    def move_object(self, pose: Pose) -> None:
        """Pose the object for the eye alone: what is measured of it stays as it was placed."""
        self.imported.object.matrix_world = _matrix(pose)

    def place_object(self, pose: Pose) -> PosedMesh:
        """Pose the object: p_world = rotation @ (scale * v) + translation."""
        self.move_object(pose)
        world = self.imported.mesh.scaled(pose.scale).transformed(pose.rotation, pose.translation)
        self.object = PosedMesh("object", OBJECT_ID, world)
        return self.object

    @contextmanager
    def object_hidden(self) -> Iterator[None]:
        """Leave the object out of renders for a while."""
        obj = self.imported.object
        obj.hide_render = True
        try:
            yield
        finally:
            obj.hide_render = False

    def support_at(self, xy: tuple[float, float], z: float) -> Support:
        """What carries an object at `xy`, looked for about height `z`; its name as in the scene file."""
        return find_support(self.room.values(), xy, z, self._scene.name)

    def ground_height(self, xy: tuple[float, float], z: float) -> float:
        """Height of the surface under `xy` within 0.3 m of `z`; `z` where there is none."""
        return height_under(self.room.values(), xy, z)

    def level_under(self, under: PosedMesh, points: Array) -> float | None:
        """Height of `under` below points (N, 3), metres; None where it is missing or not level (1 mm)."""
        hits = [under.tree.ray_cast(Vector(p) + Vector((0.0, 0.0, 0.05)), _DOWN, 1.0)[0] for p in points]
        heights = [hit.z for hit in hits if hit is not None]
        if len(heights) < len(points) or not heights or max(heights) - min(heights) > 0.001:
            return None
        return max(heights)

    def closing(self) -> Steps[None]:
        """Remove the stage with all data that was made for it, see `OwnedData.remove`."""
        scene = self._scene.find()
        if scene is not None:
            scene.render.use_persistent_data = False  # or Cycles keeps it all for the next scene of that name
        self.remove_object()
        yield Pause("close")
        self._owned.remove()

    def close(self) -> None:
        """The same at once."""
        at_once(self.closing())
