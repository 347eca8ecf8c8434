# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the user guide: each panel in the state that the guide speaks of. Settles a mug and renders small frames."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def module(name):
    return importlib.import_module(f"{EXTENSION}.{name}")


def steps(ui):
    state = module("operators.state").STATE
    own = bpy.context.scene.grail
    own.category, own.variants = "mug", 3
    own.results_dir = str(ui.out / "results")
    bpy.context.preferences.addons[EXTENSION].preferences.render_backend = "BACKGROUND"
    for key, value in (("rendering.width", "480"), ("rendering.height", "270"), ("rendering.samples", "24")):
        item = own.overrides.add()
        item.name, item.value = key, value
    yield from ui.open_tab("GRAIL")
    yield 3.0
    yield from ui.shot("guide_setup")
    yield from ui.click("grail.settle")
    yield 1.0
    yield from ui.wait(lambda: not state.is_running, "the settle", 120)
    yield from ui.shot("guide_settle")
    ui.record(error=state.error.sentences if state.error else ())
    with ui.override():
        bpy.ops.grail.render_variants()
    yield 2.0
    yield from ui.wait(lambda: not state.is_running, "the frames", 400)
    yield 3.0
    yield from ui.shot("guide_variants")
    ui.record(error=state.error.sentences if state.error else (), views=sorted(state.views))
    for panel in ("scale", "video"):
        button = {"scale": "grail.scale_bigger", "video": "grail.send_to_kling"}[panel]
        yield from ui.find(button) if hasattr(bpy.ops.grail, button.removeprefix("grail.")) else ui.redraw()
        yield from ui.shot(f"guide_{panel}")
