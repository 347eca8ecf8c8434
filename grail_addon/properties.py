# SPDX-License-Identifier: GPL-3.0-or-later
"""What a .blend remembers of a request; never a key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from .advanced import GrailAdvanced

TASKS = (
    ("manipulation", "Manipulation", "A person uses an object that stands on a table"),
    ("pickup_table", "Pick Up From Table", "A person picks an object up from a table"),
    ("pickup_ground", "Pick Up From Ground", "A person picks an object up from the ground"),
    ("sitting", "Sitting", "A person sits down on a chair"),
    ("terrain_stairs", "Stairs", "A person climbs stairs or walks over rough ground"),
)
"""(name in pipeline files, label, tooltip) of the five tasks."""
FILE = "FILE"
STAGE_MARK = "grail_stage"
"""Custom property of the scenes that stages are built in; its value names the scene they were made from."""


def _overlays_changed(_: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    from .operators.viewer import overlays_changed  # operators import this module

    overlays_changed(context)


class GrailOverride(bpy.types.PropertyGroup):
    """One key that is set over the pipeline file."""

    name: bpy.props.StringProperty(name="Key", description="Key path as in a pipeline file, such as rendering.samples")
    value: bpy.props.StringProperty(name="Value", description="Value as it would stand in a pipeline file")


class GrailVariant(bpy.types.PropertyGroup):
    """A variant that differs from the others; its `name` is category and scene seed, with / between."""


def _known(kind: str) -> Iterable[str]:
    """Names that the panel knows of a kind: datasets, objects, characters."""
    from .operators.state import STATE

    view = STATE.views.get("setup")
    return () if view is None else getattr(view, kind)


def _search_dataset(_self: Any, _context: Any, _text: str) -> Iterable[str]:
    return _known("datasets")


def _search_character(_self: Any, _context: Any, _text: str) -> Iterable[str]:
    return _known("characters")


def _search_object(_self: Any, _context: Any, text: str) -> Iterable[str]:
    """Objects that may follow those that stand before the last comma."""
    before = text.rpartition(",")[0]
    there = [name.strip() for name in before.split(",") if name.strip()]
    return (", ".join([*there, name]) for name in _known("objects") if name not in there)


def _is_mesh(_self: Any, obj: bpy.types.Object) -> bool:
    return obj.type == "MESH"


def _is_body(_self: Any, obj: bpy.types.Object) -> bool:
    return obj.type in ("ARMATURE", "MESH", "EMPTY")


def _is_camera(_self: Any, obj: bpy.types.Object) -> bool:
    return obj.type == "CAMERA"


class GrailSettings(bpy.types.PropertyGroup):
    """The request that the panels edit."""

    task: bpy.props.EnumProperty(
        name="Task",
        description="What the person does with the object",
        items=(*TASKS, (FILE, "Pipeline File", "A pipeline file of your own says what is made")),
    )
    config_file: bpy.props.StringProperty(
        name="Pipeline File", description="YAML file that says what is made", subtype="FILE_PATH"
    )
    dataset: bpy.props.StringProperty(
        name="Dataset",
        description="Collection that the objects belong to; empty means the one of the pipeline file",
        search=_search_dataset,
        search_options={"SUGGESTION"},
    )
    category: bpy.props.StringProperty(
        name="Objects",
        description="Objects to make frames of, with commas between; empty means all of the pipeline file",
        search=_search_object,
        search_options={"SUGGESTION"},
    )
    character: bpy.props.StringProperty(
        name="Person",
        description="Character that stands beside the object; empty means the one of the pipeline file",
        search=_search_character,
        search_options={"SUGGESTION"},
    )
    results_dir: bpy.props.StringProperty(
        name="Results", description="Folder that all files are written to", subtype="DIR_PATH"
    )
    variants: bpy.props.IntProperty(
        name="Variants", description="How many variants of each object are rendered", default=3, min=1, max=100_000
    )
    first_seed: bpy.props.IntProperty(
        name="First Seed",
        description="Scene seed of the first variant; each seed always gives the same variant",
        default=1,
        min=1,
        max=1_000_000,
    )
    vary_camera: bpy.props.BoolProperty(
        name="Camera", description="Each variant has a camera of its own; else all have that of seed 1", default=True
    )
    vary_light: bpy.props.BoolProperty(
        name="Light", description="Each variant has lights of its own; else all have those of seed 1", default=True
    )
    vary_placement: bpy.props.BoolProperty(
        name="Placement",
        description="In each variant object and person stand elsewhere; else all stand as with seed 1",
        default=True,
    )
    show_mask: bpy.props.BoolProperty(
        name="Mask",
        description="Draw over the full-size picture where the object is (orange), what hides of it (red) and the person (blue)",
        update=_overlays_changed,
    )
    show_depth: bpy.props.BoolProperty(
        name="Depth", description="Show how far things are: light is near, dark is far", update=_overlays_changed
    )
    show_joints: bpy.props.BoolProperty(
        name="Joints",
        description="Draw the person's joints: green where they are seen, yellow where something hides them",
        update=_overlays_changed,
    )
    play_speed: bpy.props.FloatProperty(
        name="Speed", description="How fast a drop is played; 1 is as fast as it falls", default=1.0, min=0.1, max=4.0
    )
    my_object: bpy.props.PointerProperty(
        name="Object",
        type=bpy.types.Object,
        poll=_is_mesh,
        description="Mesh in your scene that the person handles",
    )
    my_character: bpy.props.PointerProperty(
        name="Person",
        type=bpy.types.Object,
        poll=_is_body,
        description="Skeleton or body in your scene; empty means that the person of Setup stands behind the object",
    )
    my_camera: bpy.props.PointerProperty(
        name="Camera",
        type=bpy.types.Object,
        poll=_is_camera,
        description="Camera that frames are seen through; empty means the scene's active one",
    )
    my_support: bpy.props.FloatVectorProperty(size=3, subtype="TRANSLATION", options={"HIDDEN"})
    my_support_name: bpy.props.StringProperty(options={"HIDDEN"})
    my_name: bpy.props.StringProperty(name="Name", description="What your scene is called in pipeline files")
    show_size: bpy.props.BoolProperty(
        name="Measures in Viewport",
        description="Draw the measures of object and person beside them, while the stage is shown",
        default=True,
    )
    with_videos: bpy.props.BoolProperty(
        name="Then Videos",
        description="When Run All has rendered the variants, ask whether to send them to Kling; the sum is shown first",
    )
    fitted: bpy.props.CollectionProperty(type=GrailVariant, options={"HIDDEN"})
    overrides: bpy.props.CollectionProperty(type=GrailOverride, options={"HIDDEN"})
    advanced: bpy.props.PointerProperty(type=GrailAdvanced, options={"HIDDEN"})


CLASSES: tuple[type, ...] = (GrailOverride, GrailVariant, GrailAdvanced, GrailSettings)

_register_classes, _unregister_classes = bpy.utils.register_classes_factory(CLASSES)


def home_scene(context: bpy.types.Context) -> bpy.types.Scene:
    """The user's scene that the panels edit the settings of, also while a stage is shown in the window."""
    scene = context.scene
    home = bpy.data.scenes.get(scene.get(STAGE_MARK, ""))
    return home or next((s for s in (scene, *bpy.data.scenes) if STAGE_MARK not in s), scene)


def settings(context: bpy.types.Context) -> GrailSettings:
    """The settings that the panels show."""
    return home_scene(context).grail


def register() -> None:
    _register_classes()
    bpy.types.Scene.grail = bpy.props.PointerProperty(type=GrailSettings)


def unregister() -> None:
    del bpy.types.Scene.grail
    _unregister_classes()
    GrailAdvanced.__annotations__.clear()  # Blender 4.3 keeps the class, which would keep the functions of its properties
