# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage's scene: the contents of a user's scene under settings of our own.

Nothing is reset one by one: a new scene has Blender's own settings, whatever the user's has (stereo, compositor,
sequencer, simplify, freestyle, border, colour management, frame rate, units, a view layer that is off, and what later
versions add). The contents are then shown in the viewport as they are rendered, so that what is measured on the
evaluated scene is what Cycles draws.
"""

from __future__ import annotations

import bpy

from ...steps.blender_calls import blender_call
from ...steps.effects import Pause, Steps
from ..importers.displaced import draw_as_bumps
from ..owned import BlockRef, OwnedData
from .as_rendered import (
    drop_holdouts,
    hold_animated,
    leave_out_strokes,
    shadow_catchers,
    show_as_rendered,
    use_render_nodes,
)


def fresh_scene(source: BlockRef, owned: OwnedData) -> Steps[tuple[BlockRef, tuple[str, ...]]]:
    """A new scene with the collections, the world and the first frame of `source` and of its background set, and what the
    user should know of it, as ends of sentences. `source` is removed if nothing uses it. owned: owns the new one.

    Collections that the rendered view layer of `source` leaves out are left out.
    """
    with owned.recording():
        scene = bpy.data.scenes.new("stage")
        made = BlockRef.of(scene)
        _fill(scene, source.block)
    yield Pause("room")
    hold_animated(made.block, owned, source.block.frame_start)
    yield Pause("room")
    use_render_nodes(owned, source.block.camera)
    notes = draw_as_bumps(owned.of_kind("materials"))
    notes += (*drop_holdouts(owned), *shadow_catchers(owned), *leave_out_strokes(owned))
    yield Pause("room")
    show_as_rendered(owned)
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
    return BlockRef.of(scene), notes


def _fill(scene: bpy.types.Scene, source: bpy.types.Scene) -> None:
    """Put what `source` has into the new scene."""
    scene.world = source.world
    scene.frame_start = source.frame_start
    for part in _with_sets(source):
        for collection in part.collection.children:
            if scene.collection.children.get(collection.name) != collection:
                scene.collection.children.link(collection)
        for obj in part.collection.objects:
            if scene.collection.objects.get(obj.name) != obj:
                scene.collection.objects.link(obj)
    here = _layer_collection(scene.view_layers[0])
    for part in reversed(_with_sets(source)):  # of a collection in several, the scene's own says
        rendered = next((layer for layer in part.view_layers if layer.use), part.view_layers[0])
        _copy_layer(_layer_collection(rendered), here)


def _with_sets(scene: bpy.types.Scene) -> list[bpy.types.Scene]:
    """The scene and what is drawn behind it: its background set, that one's, and so on."""
    found = [scene]
    while found[-1].background_set is not None and found[-1].background_set not in found:
        found.append(found[-1].background_set)
    return found


def _layer_collection(layer: bpy.types.ViewLayer) -> bpy.types.LayerCollection:
    if layer.layer_collection is None:  # 5.2 makes it when it is first needed
        with blender_call("ViewLayer.update"):
            layer.update()
    return layer.layer_collection


def _copy_layer(source: bpy.types.LayerCollection, target: bpy.types.LayerCollection) -> None:
    """What of each collection the view layer takes part in."""
    for there in source.children:
        here = target.children.get(there.name)
        if here is not None:
            here.exclude, here.indirect_only = there.exclude, there.indirect_only
            _copy_layer(there, here)
