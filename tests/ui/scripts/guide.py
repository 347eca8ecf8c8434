# SPDX-License-Identifier: GPL-3.0-or-later
"""One picture of the user guide: the panel that the argument names, in the state that the guide speaks of."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
SMALL = {"rendering.width": "480", "rendering.height": "270", "rendering.samples": "32"}


def request(ui):
    """A mug in three variants."""
    preferences = bpy.context.preferences.addons[EXTENSION].preferences
    preferences.render_backend, preferences.key_source = "BACKGROUND", "PREFERENCES"
    preferences.kling_api_key = preferences.openai_api_key = "no-key"  # nobody is asked; without one that is all to see
    own = bpy.context.scene.grail
    own.category, own.variants = "mug", 3
    own.results_dir = str(ui.out / "results")
    for key, value in SMALL.items():
        item = own.overrides.add()
        item.name, item.value = key, value


def steps(ui):
    (panel,) = ui.arguments
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    request(ui)
    ui.only(f"GRAIL_PT_{panel}")
    yield from ui.open_tab("GRAIL")
    yield 4.0
    run = {"settle": "settle", "scale": "settle", "variants": "render_variants", "video": "render_variants"}.get(panel)
    if run:
        with ui.override():
            getattr(bpy.ops.grail, run)()
        yield 2.0
        yield from ui.wait(lambda: not state.is_running, "the end", 400)
        yield 4.0
    ui.record(error=state.error.sentences if state.error else ())
    yield from ui.shot(panel)
