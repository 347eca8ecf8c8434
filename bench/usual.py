# SPDX-License-Identifier: GPL-3.0-or-later
"""One variant the usual way, in a Blender process of its own: load everything, then three full renders.

    python -m bench.usual RESULTS SEED OUT [WIDTH HEIGHT SAMPLES [gpu]]

Frame with Cycles as Blender sets it up (32 samples, denoised), then the object alone, then the person with everything
else as an occluder, each with the same settings. Placement, light and camera are those of our own variant.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bpy

from grail_addon.core.layout import VideoId
from grail_addon.core.settle.rest import as_configured, settled
from grail_addon.core.variant.draw import Variant, camera_of, draw_variant
from grail_addon.drivers.blocking import drain
from grail_addon.stage import compat
from grail_addon.stage.room.placement import place_variant
from grail_addon.stage.room.scene import CHARACTER_ID, OBJECT_ID

from .setup import plan, workshop


def _render(scene: bpy.types.Scene, path: Path) -> None:
    compat.output_png(scene.render.image_settings)
    scene.render.filepath = str(path)
    bpy.ops.render.render(scene=scene.name, write_still=True)


def _defaults(scene: bpy.types.Scene, samples: int) -> None:
    """Cycles as a new file has it, but for the sample count."""
    scene.render.engine = "CYCLES"
    scene.render.use_persistent_data = False
    cycles = scene.cycles
    for name in (
        "max_bounces",
        "diffuse_bounces",
        "glossy_bounces",
        "transmission_bounces",
        "caustics_reflective",
        "caustics_refractive",
        "use_light_tree",
        "use_adaptive_sampling",
        "adaptive_threshold",
        "denoising_prefilter",
        "denoising_quality",
        "denoising_input_passes",
        "filter_width",
        "transparent_max_bounces",
        "sample_clamp_indirect",
        "blur_glossy",
    ):
        cycles.property_unset(name)
    cycles.samples, cycles.denoising_use_gpu = samples, False
    cycles.use_denoising = compat.has_denoiser()
    scene.view_layers[0].use_pass_z = True


def _emission(name: str, strength: float) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    light, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    light.inputs["Strength"].default_value = strength
    material.node_tree.links.new(light.outputs[0], output.inputs["Surface"])
    return material


def _paint(objects: list[bpy.types.Object], material: bpy.types.Material) -> None:
    for obj in objects:
        if obj.type == "MESH":
            obj.data.materials.clear()
            obj.data.materials.append(material)


def main(
    results: str,
    seed: str,
    out: str,
    width: str = "1280",
    height: str = "720",
    samples: str = "32",
    device: str = "cpu",
) -> None:
    """Make the variant's three pictures in folder `out`."""
    on_gpu = device == "gpu"
    keys = {"rendering.width": int(width), "rendering.height": int(height), "rendering.gpu": on_gpu}
    session, job = plan(Path(results), keys)
    config, layout = session.request.config, session.layout
    shop = workshop(session)
    drain(shop.open(job))
    stage, person = shop.stage, shop.person
    state = layout.initial_state_json(job.obj)
    rest = (
        settled(session.records.settled_state(job.obj))
        if state.is_file()
        else as_configured(stage.imported.mesh, job.settings.obj_scale, job.settings.obj_rot)
    )
    vid = VideoId(job.obj, config.character, job.settings.scene, int(seed))

    def draw(attempt: int) -> Variant:
        return draw_variant(config.seed, vid, job.settings, placement_attempt=attempt)

    variant, _placed = drain(place_variant(stage, person, job.settings, draw, rest))
    stage.lights.apply(variant.light)
    scene = stage.scene
    stage.aim(camera_of(variant.camera, int(width), int(height)))
    used = scene.cycles.device  # as found when the stage was opened
    _defaults(scene, int(samples))
    scene.cycles.device = used
    folder = Path(out)
    _render(scene, folder / "frame.png")
    surfaces = [o for o in scene.objects if o.type not in {"CAMERA", "EMPTY", "ARMATURE"}]
    world = scene.world
    scene.world = None
    white, black = _emission("white", 1.0), _emission("black", 0.0)
    for obj in surfaces:
        obj.hide_render = obj.pass_index != OBJECT_ID
    _paint([o for o in surfaces if o.pass_index == OBJECT_ID], white)
    _render(scene, folder / "object_mask.png")
    for obj in surfaces:
        obj.hide_render = obj.type == "LIGHT"
    _paint([o for o in surfaces if o.pass_index != CHARACTER_ID], black)
    _paint([o for o in surfaces if o.pass_index == CHARACTER_ID], white)
    _render(scene, folder / "human_mask.png")
    scene.world = world


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)
