# SPDX-License-Identifier: GPL-3.0-or-later
"""Use My Scene: the open file as a stage, written as a named scene that the command line runs, too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..preferences import preferences
from ..properties import FILE, STAGE_MARK, home_scene, settings
from . import running
from .my_scene_facts import person_objects, person_root, scene_faults
from .request import results_folder, working_folder
from .state import STATE

if TYPE_CHECKING:
    from ..core.own_scene import OwnScene


@dataclass(frozen=True)
class MySceneView:
    """What was saved: name of the scene, its pipeline file, and what the command line is called with."""

    name: str
    file: str
    command: str


def data_folder() -> Path:
    """The user's data folder: of the preferences, else `data` where relative paths start."""
    chosen = preferences().data_dir
    return Path(bpy.path.abspath(chosen)) if chosen else working_folder() / "data"


class GRAIL_OT_save_my_scene(bpy.types.Operator):
    """Write the open scene as a stage into your data folder: room, object and person as files of their own, and a pipeline file. Your .blend stays as it is"""

    bl_idname = "grail.save_my_scene"
    bl_label = "Save as Named Scene"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if STAGE_MARK in context.scene:
            cls.poll_message_set("Go back to your scene first")
            return False
        faults = scene_faults(settings(context), context.scene)
        if faults:
            cls.poll_message_set(faults[0])
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        view = running.attempted(self, lambda: save_scene(context))
        if view is None:
            return {"CANCELLED"}
        STATE.views["my_scene"] = view
        self.report({"INFO"}, view.file)
        return {"FINISHED"}


def save_scene(context: bpy.types.Context) -> MySceneView:
    """Write all files of the scene. Raises UserError or OSError where that is not possible."""
    from ..core.files import write_text
    from ..core.own_scene import DATASET, file_name, pipeline_text
    from ..stage.own_scene.write import write_object, write_person, write_room

    own, scene, data = settings(context), context.scene, data_folder()
    obj = own.my_object
    members = person_objects(own.my_character, scene) if own.my_character is not None else []
    name = file_name(own.my_name) or file_name(scene.name) or "my_scene"
    found, to_origin = _measure(context, name, members)
    folder = data / "scenes"
    write_object(obj, data / DATASET / found.category)
    if members:
        write_person(members, to_origin, found.character, data / "characters" / f"{found.character}.blend")
    write_room(scene, context.view_layer, [obj, *obj.children_recursive, *members], name, folder / f"{name}.blend")
    file = folder / f"{name}.yaml"
    folders = {
        "character_dir": str(data / "characters"),
        "texture_dir": str(data / "characters"),
        "results_dir": str(results_folder(context)),
    }
    command = f'blender -b -P run_batch.py -- --config "{file}" --data_dir "{data}"'
    write_text(file, pipeline_text(found, folders, command))
    return MySceneView(name, str(file), command)


def _measure(context: bpy.types.Context, name: str, members: list[Any]) -> tuple[OwnScene, Matrix]:
    """The scene's keys, and the motion that puts the person on the origin, facing -Y."""
    from ..core.errors import InputError, Problem
    from ..core.own_scene import OwnScene, camera_place, file_name
    from ..stage.own_scene.write import ground_point

    own, scene = settings(context), context.scene
    obj, camera = own.my_object, own.my_camera or scene.camera
    _, turn, scale = obj.matrix_world.decompose()
    if min(scale) <= 0 or not _is_straight(obj.matrix_world):
        raise InputError(Problem(f"{obj.name} is mirrored or skewed.", "Apply its scale first."))
    obj_pos = np.array(own.my_support) if own.my_support_name else _under(obj)
    view = camera.matrix_world
    ahead = -np.array(view.to_3x3().col[2])
    character, at, facing, to_origin = own.character.strip() or "kid", None, 0.0, Matrix.Identity(4)
    if members:
        root = person_root(own.my_character)
        at, facing = ground_point(members, root), root.matrix_world.to_euler("XYZ").z
        to_origin = Matrix.Rotation(-facing, 4, "Z") @ Matrix.Translation(-Vector(at))
        character = file_name(own.my_character.name) or "person"
    return OwnScene(
        name=name,
        task="manipulation" if own.task == FILE else own.task,
        category=file_name(obj.name) or "object",
        obj_pos=obj_pos,
        obj_rot=np.degrees(np.array(turn.to_euler("XYZ"))),
        obj_scale=np.array(scale),
        camera=camera_place(np.array(view.translation), ahead, obj_pos),
        character=character,
        character_pos=at,
        character_turn=math.degrees(facing),
        support=own.my_support_name,
    ), to_origin


def _is_straight(matrix: Matrix) -> bool:
    axes = matrix.to_3x3().normalized()
    return abs(axes.determinant() - 1.0) < 1e-3


def _under(obj: bpy.types.Object) -> Any:
    """The point under the middle of an object's box."""
    corners = np.array([obj.matrix_world @ Vector(corner) for corner in obj.bound_box])
    low, high = corners.min(axis=0), corners.max(axis=0)
    return np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])


class GRAIL_OT_use_my_scene(bpy.types.Operator):
    """Make frames with the scene that was saved: Setup takes its pipeline file"""

    bl_idname = "grail.use_my_scene"
    bl_label = "Use in Setup"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if "my_scene" not in STATE.views:
            cls.poll_message_set("Save the scene first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        own, view = settings(context), STATE.views["my_scene"]
        own.task, own.config_file = FILE, view.file
        own.dataset = own.category = own.character = ""
        self.report({"INFO"}, view.command)
        return {"FINISHED"}


class GRAIL_OT_forget_support(bpy.types.Operator):
    """Let the object stand where it stands in your scene"""

    bl_idname = "grail.forget_support"
    bl_label = "Forget Support"

    def execute(self, context: bpy.types.Context) -> set[str]:
        home_scene(context).grail.my_support_name = ""
        return {"FINISHED"}


CLASSES = (GRAIL_OT_save_my_scene, GRAIL_OT_use_my_scene, GRAIL_OT_forget_support)
