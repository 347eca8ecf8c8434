# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene with nothing in it but an object of another scene, before no background."""

from __future__ import annotations

import bpy

from ...steps.blender_calls import blender_call
from .camera import new_camera
from .see_through import is_glass

GLASS = 1
"""Pass index of the object's materials that bend light."""
_LAYERS = 256  # clear surfaces behind each other that a ray passes


def scene_alone(obj: bpy.types.Object, device: str) -> bpy.types.Scene:
    """A new scene that holds the object and a camera; its pictures have the object's opacity as alpha, and `GLASS` where
    a material of it is that. device: Cycles' own word for it."""
    scene = bpy.data.scenes.new("object alone")
    scene.collection.objects.link(obj)
    scene.camera = new_camera(scene)
    render, cycles = scene.render, scene.cycles
    render.engine, cycles.device = "CYCLES", device
    render.film_transparent = True
    render.use_compositing = render.use_sequencer = False
    render.use_file_extension = render.use_overwrite = True
    cycles.max_bounces, cycles.transparent_max_bounces = 0, _LAYERS
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_object_index = layer.use_pass_material_index = True
    for material in obj.data.materials:
        if material is not None:
            material.pass_index = GLASS if is_glass(material) else 0
    with blender_call("ViewLayer.update"):
        layer.update()
    return scene
