# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the user guide: each panel in the state that the guide speaks of. Settles a mug and renders small frames."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
SMALL = {"rendering.width": "480", "rendering.height": "270", "rendering.samples": "48"}


def module(name):
    return importlib.import_module(f"{EXTENSION}.{name}")


def steps(ui):
    state = module("operators.state").STATE
    bpy.context.preferences.addons[EXTENSION].preferences.render_backend = "BACKGROUND"
    own = bpy.context.scene.grail
    own.category, own.variants = "mug", 3
    own.results_dir = str(ui.out / "results")
    for key, value in SMALL.items():
        item = own.overrides.add()
        item.name, item.value = key, value
    yield from ui.open_tab("GRAIL")
    yield 4.0
    yield from ui.shot("guide_setup")
    yield from ui.click("grail.settle")
    yield 1.0
    yield from ui.wait(lambda: not state.is_running, "the settle", 120)
    yield from ui.shot("guide_settle")
    yield from ui.find("grail.resize", (0.3,))
    yield from ui.shot("guide_scale")
    with ui.override():
        bpy.ops.grail.show_my_scene()
    with ui.override():
        bpy.ops.grail.render_variants()
    yield 2.0
    yield from ui.wait(lambda: not state.is_running, "the frames", 400)
    yield 4.0
    yield from ui.find("grail.decide", (0.3,))
    yield from ui.shot("guide_variants")
    ui.record(error=state.error.sentences if state.error else ())
    yield from ui.find("grail.edit_prompt")
    yield from ui.shot("guide_video")
