# SPDX-License-Identifier: GPL-3.0-or-later
"""What Cycles would give a depth by chance: fog and smoke, in which rays end anywhere, and panes that are all but clear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import bpy

from ...steps.blender_calls import blender_call
from ..owned import BlockRef
from .see_through import is_unseen


def is_fog(obj: bpy.types.Object) -> bool:
    """Whether all that is drawn of an object is a volume."""
    if obj.type == "VOLUME":
        return True
    materials = [slot.material for slot in obj.material_slots]
    return bool(materials) and all(material is not None and _has_volume_alone(material) for material in materials)


def _is_no_surface(obj: bpy.types.Object) -> bool:
    materials = [slot.material for slot in obj.material_slots]
    return is_fog(obj) or (bool(materials) and all(m is not None and is_unseen(m) for m in materials))


def _has_volume_alone(material: bpy.types.Material) -> bool:
    output = material.node_tree.get_output_node("CYCLES") if material.node_tree is not None else None
    if output is None:
        return False
    return bool(output.inputs["Volume"].links) and not output.inputs["Surface"].links


def _is_foggy(world: bpy.types.World | None) -> bool:
    tree = world.node_tree if world is not None else None
    output = tree.get_output_node("CYCLES") if tree is not None else None
    return output is not None and bool(output.inputs["Volume"].links)


def _drawn(scene: bpy.types.Scene) -> Iterable[bpy.types.Object]:
    """The scene's objects, with those that are instanced where any block of the file may be no surface."""
    if not bpy.data.volumes and not any(_has_volume_alone(m) or is_unseen(m) for m in bpy.data.materials):
        return ()
    layer = scene.view_layers[0]
    with blender_call("ViewLayer.update"):
        layer.update()
    found = {obj.session_uid: obj for obj in scene.objects}
    found |= {i.object.original.session_uid: i.object.original for i in layer.depsgraph.object_instances}
    return found.values()


@contextmanager
def clear_air(scene: bpy.types.Scene) -> Iterator[None]:
    """Leave the scene's fog, and what is too clear to be seen, out of renders for a while."""
    there = BlockRef.of(scene)
    hidden = [BlockRef.of(obj) for obj in _drawn(scene) if not obj.hide_render and _is_no_surface(obj)]
    world = BlockRef.of(scene.world) if _is_foggy(scene.world) else None
    for ref in hidden:
        ref.block.hide_render = True
    if world is not None:
        scene.world = None
    try:
        yield
    finally:
        for obj in filter(None, (ref.find() for ref in hidden)):
            obj.hide_render = False
        found = there.find()
        if world is not None and found is not None:
            found.world = world.find()
