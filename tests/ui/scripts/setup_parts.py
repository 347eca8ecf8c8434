# SPDX-License-Identifier: GPL-3.0-or-later
"""The Setup panel: what is there, what is missing with its button, values with their origin, the object picker."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def open_below(ui, name, scale):
    """Open the foldout that stands under a button."""
    place = yield from ui.find(name)
    yield from ui.click_at(ui.sidebar.x + round(60 * scale), place[1] - round(28 * scale))
    yield 0.6


def steps(ui):
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    ticks = ui.watch_timers()
    scale = float(ui.arguments[0]) if ui.arguments else 1.0
    name = f"setup_{ui.arguments[1] if len(ui.arguments) > 1 else 'dark'}_{scale:g}"
    bpy.context.preferences.view.ui_scale = scale
    if "light" in name:
        bpy.ops.script.execute_preset(
            filepath=bpy.utils.preset_paths("interface_theme")[0] + "/Blender_Light.xml",
            menu_idname="USERPREF_MT_interface_theme_presets",
        )
    own = bpy.context.scene.grail
    own.results_dir = str(ui.out / "results")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: "setup" in state.views, "the view")
    view = state.views["setup"]
    ui.record(
        checks=[str(check.problem) for check in view.checks if not check.for_paid],
        paid=[c.problem.message for c in view.checks if c.for_paid],
        objects=list(view.objects),
        characters=list(view.characters),
        sources=dict(view.sources),
        dataset=view.dataset,
    )
    yield from ui.shot(f"{name}_plain")
    # the object picker
    yield from open_below(ui, ".results_dir", scale)
    yield 3.0
    yield from ui.shot(f"{name}_objects")
    if scale > 1:
        return  # too little room to look for buttons
    yield from ui.click('grail.toggle_object(name="mug")', columns=(0.25, 0.75))
    with ui.override():
        bpy.ops.grail.toggle_object(name="hammer")
    yield from ui.redraw()
    yield from ui.wait(lambda: state.views["setup"].chosen == ("mug", "hammer"), "the objects")
    yield from ui.shot(f"{name}_picked")
    ui.record(category=own.category, ticks=ticks.report())
    # what is missing
    yield from open_below(ui, ".results_dir", scale)
    own.category, own.character = "nothing_like_it", "nobody"
    yield from ui.redraw()
    yield from ui.wait(lambda: not state.views["setup"].is_ready, "what is missing")
    yield from ui.shot(f"{name}_missing")
    yield from ui.click('grail.reset_value(key="category")')
    yield from ui.wait(lambda: any(c.fix == "FOLDERS" for c in state.views["setup"].checks), "the person")
    yield from ui.shot(f"{name}_nobody")
    with ui.override():
        bpy.ops.grail.open_preferences()
    yield 0.5
    windows = bpy.context.window_manager.windows
    ui.record(opened=[area.type for window in windows[1:] for area in window.screen.areas])
    yield from ui.shot(f"{name}_preferences")
    with bpy.context.temp_override(window=windows[-1]):
        bpy.ops.wm.window_close()
    own.category = own.character = ""
    yield from ui.redraw()
    yield from ui.wait(lambda: state.views["setup"].is_ready, "all again")
    # the values behind it
    place = yield from ui.find("grail.save_pipeline")
    yield from ui.click_at(ui.sidebar.x + round(60 * scale), place[1] - round(14 * scale) + round(40 * scale))
    yield 0.6
    own.advanced.rendering_samples = 8
    yield 1.0
    yield from ui.shot(f"{name}_advanced")
    ui.record(samples=own.advanced.rendering_samples)
    yield from ui.click("grail.reset_value", columns=(0.87,))
    ui.record(reset=own.advanced.rendering_samples, ticks=ticks.report())
