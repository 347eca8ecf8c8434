# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what came from a room's file in the viewport as it is rendered, so that what is measured is what is drawn.

All blocks of the file are looked at, not those of its scene alone: instances and geometry nodes bring in others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import bpy

from ...steps.blender_calls import blender_call
from .. import compat
from ..owned import OwnedData
from .contents import SURFACES

_FULL_PARTICLES = 100
_SET_HERE = frozenset(
    {"hide_render", "hide_viewport", "pass_index", "show_render", "show_viewport", "visible_camera"}
    | {"show_instancer_for_render", "show_instancer_for_viewport", "is_holdout"}
)
"""Properties of objects and their modifiers that a stage sets, or goes by."""
_STROKES = frozenset({"GPENCIL", "GREASEPENCIL"})


def hold_animated(scene: bpy.types.Scene, owned: OwnedData, frame: int) -> None:
    """Stop keyframes and drivers of what a stage sets itself, which would undo it; each has its value at `frame` then."""
    paths = [(obj, path) for obj in owned.of_kind("objects") for path in _animated_paths(obj)]
    if not paths:
        return
    for obj in {obj.session_uid: obj for obj, _ in paths}.values():
        _drop_animation(obj, lambda path: path == "hide_viewport")
        obj.hide_viewport = False  # what the viewport hides is not evaluated
    with blender_call("Scene.frame_set"):
        scene.frame_set(frame)
    depsgraph = scene.view_layers[0].depsgraph
    values = [(obj, path, obj.evaluated_get(depsgraph).path_resolve(path)) for obj, path in paths]
    for obj, path, value in values:
        _drop_animation(obj, _is_set_here)
        owner, _, name = path.rpartition(".")
        if name != "hide_viewport":
            setattr(obj.path_resolve(owner) if owner else obj, name, value)


def _is_set_here(path: str) -> bool:
    return path.rpartition(".")[2] in _SET_HERE


def _animated_paths(obj: bpy.types.Object) -> set[str]:
    """Data paths of properties in `_SET_HERE` that have keyframes or a driver, also in strips."""
    found = {curve.data_path for curves in _curves(obj) for curve in curves}
    return set(filter(_is_set_here, found))


def _curves(obj: bpy.types.Object) -> Iterator[bpy.types.bpy_prop_collection]:
    data = obj.animation_data
    if data is None:
        return
    yield data.drivers
    actions = [data.action, *(strip.action for track in data.nla_tracks for strip in track.strips)]
    for action in filter(None, actions):
        yield from compat.curves_of(action)


def _drop_animation(obj: bpy.types.Object, wanted: Callable[[str], bool]) -> None:
    for curves in _curves(obj):
        for curve in [curve for curve in curves if wanted(curve.data_path)]:
            curves.remove(curve)


def use_render_nodes(owned: OwnedData, camera: bpy.types.Object | None) -> None:
    """Have geometry nodes do in the viewport what they do in a render, and see the file's own camera, not the stage's,
    which moves between frames while the room stays as it was measured."""
    for tree in owned.of_kind("node_groups"):
        if tree.type != "GEOMETRY":
            continue
        for node in list(tree.nodes):
            if node.bl_idname == "GeometryNodeIsViewport":
                off = tree.nodes.new("FunctionNodeInputBool")
                for link in list(node.outputs[0].links):
                    tree.links.new(off.outputs[0], link.to_socket)
            elif node.bl_idname == "GeometryNodeInputActiveCamera" and camera is not None:
                for link in list(node.outputs[0].links):
                    socket = link.to_socket
                    tree.links.remove(link)
                    socket.default_value = camera


def drop_holdouts(owned: OwnedData) -> tuple[str, ...]:
    """Draw as any other thing what is a hole for compositing; an end of a sentence where there was any."""
    found = [obj for obj in owned.of_kind("objects") if obj.is_holdout]
    for obj in found:
        obj.is_holdout = False
    names = ", ".join(sorted(obj.name for obj in found))
    return (f"drawn as any other thing, though a holdout: {names}.",) if names else ()


def shadow_catchers(owned: OwnedData) -> tuple[str, ...]:
    """An end of a sentence where pictures show what is behind a thing that depth and masks have."""
    found = [
        obj for obj in owned.of_kind("objects") if obj.is_shadow_catcher and obj.type in SURFACES
    ]  # lamps have it, too
    names = ", ".join(sorted(obj.name for obj in found))
    return (f"only shadows are drawn of what catches them, which depth and masks have: {names}.",) if names else ()


def leave_out_strokes(owned: OwnedData) -> tuple[str, ...]:
    """Leave out grease pencil, which Cycles does not draw: Blender paints it over the picture and its depth where there is
    a graphics card. An end of a sentence where there was any."""
    found = [obj for obj in owned.of_kind("objects") if obj.type in _STROKES and not obj.hide_render]
    for obj in found:
        obj.hide_render = True
    names = ", ".join(sorted(obj.name for obj in found))
    return (f"left out, as Cycles does not draw grease pencil: {names}.",) if names else ()


def show_as_rendered(owned: OwnedData) -> None:
    """What is switched on and how fine it is, as in a render."""
    for collection in owned.of_kind("collections"):
        collection.hide_viewport = collection.hide_render
    for obj in owned.of_kind("objects"):
        obj.hide_viewport = obj.hide_render
        obj.show_instancer_for_viewport = obj.show_instancer_for_render
        obj.pass_index = 0  # the user's own must not reach our masks
        for modifier in obj.modifiers:
            _modify_as_rendered(modifier)
        for system in obj.particle_systems:
            settings = system.settings
            settings.display_percentage = _FULL_PARTICLES
            settings.child_percent = settings.rendered_child_count
        if obj.type in {"CURVE", "SURFACE", "FONT"}:
            obj.data.resolution_u = obj.data.render_resolution_u or obj.data.resolution_u
            obj.data.resolution_v = obj.data.render_resolution_v or obj.data.resolution_v
        elif obj.type == "META":
            obj.data.resolution = obj.data.render_resolution


def _modify_as_rendered(modifier: bpy.types.Modifier) -> None:
    modifier.show_viewport = modifier.show_render
    if modifier.type in {"SUBSURF", "MULTIRES"}:
        modifier.levels = modifier.render_levels
    elif modifier.type == "SCREW":
        modifier.steps = modifier.render_steps
    elif modifier.type == "OCEAN":
        modifier.viewport_resolution = modifier.resolution
