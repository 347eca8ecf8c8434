# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage's scene: the contents of a user's scene under settings of our own.

Nothing is reset one by one: a new scene has Blender's own settings, whatever the user's has (stereo, compositor,
sequencer, simplify, freestyle, border, colour management, frame rate, units, a view layer that is off, and what later
versions add). The contents are then shown in the viewport as they are rendered, so that what is measured on the
evaluated scene is what Cycles draws.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps
from ..owned import BlockRef, OwnedData

_FULL_PARTICLES = 100


def fresh_scene(source: BlockRef, owned: OwnedData) -> Steps[BlockRef]:
    """A new scene with the collections, the world and the first frame of `source`, which is removed if nothing uses it.
    owned: owns the new one.

    Collections that the rendered view layer of `source` leaves out are left out.
    """
    with owned.recording():
        scene = bpy.data.scenes.new("stage")
        made = BlockRef.of(scene)
        _fill(scene, source.block)
    yield Pause("room")
    _show_as_rendered(made.block)
    yield Pause("room")
    scene, old = made.block, source.block
    scene.view_settings.view_transform = "AgX"  # of Blender's own choice where there is a fresh file
    with blender_call("Scene.frame_set"):
        scene.frame_set(old.frame_start)
    yield Pause("room")
    old = source.block
    name = old.name
    with blender_call("user_map"):
        is_unused = bpy.data.user_map(subset=[old])[old] <= {old}  # its compositor names it
    if is_unused:
        with blender_call("scenes.remove"):
            bpy.data.scenes.remove(old)
        owned.forget(source)
    scene = made.block
    scene.name = name
    return BlockRef.of(scene)


def _fill(scene: bpy.types.Scene, source: bpy.types.Scene) -> None:
    """Put what `source` has into the new scene."""
    for collection in source.collection.children:
        scene.collection.children.link(collection)
    for obj in source.collection.objects:
        scene.collection.objects.link(obj)
    scene.world = source.world
    scene.frame_start = source.frame_start
    rendered = next((layer for layer in source.view_layers if layer.use), source.view_layers[0])
    for layer in (rendered, scene.view_layers[0]):
        if layer.layer_collection is None:  # 5.2 makes it when it is first needed
            with blender_call("ViewLayer.update"):
                layer.update()
    _copy_layer(rendered.layer_collection, scene.view_layers[0].layer_collection)


def _copy_layer(source: bpy.types.LayerCollection, target: bpy.types.LayerCollection) -> None:
    """What of each collection the view layer takes part in."""
    for there in source.children:
        here = target.children.get(there.name)
        if here is not None:
            here.exclude, here.holdout, here.indirect_only = there.exclude, there.holdout, there.indirect_only
            _copy_layer(there, here)


def _show_as_rendered(scene: bpy.types.Scene) -> None:
    for collection in _collections(scene):
        collection.hide_viewport = collection.hide_render
    for obj in _objects(scene):
        obj.hide_viewport = obj.hide_render
        obj.show_instancer_for_viewport = obj.show_instancer_for_render
        obj.pass_index = 0  # the user's own must not reach our masks
        for modifier in obj.modifiers:
            modifier.show_viewport = modifier.show_render
            if modifier.type in {"SUBSURF", "MULTIRES"}:
                modifier.levels = modifier.render_levels
        for system in obj.particle_systems:
            settings = system.settings
            settings.display_percentage = _FULL_PARTICLES
            settings.child_percent = settings.rendered_child_count
        if obj.type in {"CURVE", "SURFACE", "FONT"}:
            obj.data.resolution_u = obj.data.render_resolution_u or obj.data.resolution_u
            obj.data.resolution_v = obj.data.render_resolution_v or obj.data.resolution_v
        elif obj.type == "META":
            obj.data.resolution = obj.data.render_resolution


def _collections(scene: bpy.types.Scene) -> list[bpy.types.Collection]:
    """Those of the scene, and those that its objects instance."""
    found = {collection.session_uid: collection for collection in scene.collection.children_recursive}
    queue: Iterable[bpy.types.Object] = list(scene.objects)
    while queue:
        new = [o.instance_collection for o in queue if o.instance_collection is not None]
        new = [c for top in new for c in (top, *top.children_recursive) if c.session_uid not in found]
        found.update((collection.session_uid, collection) for collection in new)
        queue = [obj for collection in new for obj in collection.objects]
    return list(found.values())


def _objects(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Those of the scene and of the collections that are instanced; others may come in through geometry nodes."""
    found = {obj.session_uid: obj for obj in scene.objects}
    for collection in _collections(scene):
        found.update((obj.session_uid, obj) for obj in collection.objects)
    return list(found.values())
