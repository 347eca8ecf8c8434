# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame by Blender's own render job, once for each argument, which says what disturbs it: `nothing`, `render` (another
render is started), `undo`, `cancel`, `load` (another file is opened)."""

import importlib
import time

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
SMALL = {"rendering__width": 320, "rendering__height": 180, "rendering__max_attempts": 1}


def module(name):
    return importlib.import_module(f"{EXTENSION}.{name}")


def other_render(ui):
    scene = bpy.data.scenes.new("tiny")
    camera = bpy.data.objects.new("tiny", bpy.data.cameras.new("tiny"))
    scene.collection.objects.link(camera)
    scene.camera, scene.render.engine = camera, "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = 8
    view = bpy.context.preferences.view
    view.render_display_type = "NONE"
    with ui.override():
        bpy.ops.render.render("INVOKE_DEFAULT", scene="tiny")


def disturb(ui, kind, state, found):
    """Once, while the picture is rendered."""
    progress = state.progress
    yield from ui.wait(
        lambda: not state.is_running or (progress.part == "picture" and bpy.app.is_job_running("RENDER")),
        "the picture's render",
        150,
    )
    found["was_rendering"] = state.is_running
    yield 0.3
    if kind == "render":
        other_render(ui)
    elif kind == "undo":
        with ui.override():
            bpy.ops.ed.undo()
    elif kind == "load":
        bpy.ops.wm.read_homefile()
    elif kind == "cancel":
        asked = time.monotonic()
        module("operators.running").cancel()
        yield from ui.wait(lambda: not state.is_running, "the stop")
        found["stopped_s"] = time.monotonic() - asked


def run(ui, kind):
    state, running, sessions = (
        module("operators.state").STATE,
        module("operators.running"),
        module("operators.sessions"),
    )
    own = bpy.context.scene.grail
    own.category, own.character, own.variants = "cordless_drill", "kid", 1
    results = ui.out / kind
    own.results_dir = str(results)
    with ui.override():
        bpy.ops.ed.undo_push(message="before")
    preferences = bpy.context.preferences
    was = (preferences.view.render_display_type, preferences.is_dirty)
    scenes = {scene.name for scene in bpy.data.scenes}
    ended, found = [], {}
    samples = 1 if kind == "nothing" else 16

    def rendering():
        session = yield from sessions.opening(bpy.context, sessions.RENDER, rendering__samples=samples, **SMALL)
        yield from session.run()

    running.start("Render", rendering, ended.append)
    if kind != "nothing":
        yield from disturb(ui, kind, state, found)
    yield from ui.wait(lambda: not state.is_running, "the end", 200)
    names = [p.name for p in results.rglob("*") if p.is_file()]
    found |= {
        "error": state.error.sentences if state.error else (),
        "windows": len(bpy.context.window_manager.windows),
        "ended": len(ended),
        "preference_kept": was == (preferences.view.render_display_type, preferences.is_dirty),
        "frames": len(list(results.rglob("asset_renders/**/*.png"))),
        "manifests": len(list(results.rglob("manifests/**/*rand*.json"))),
        "half": [name for name in names if name.startswith(".part-")],
    }
    sessions.release_stage()
    found["scenes_left"] = sorted({scene.name for scene in bpy.data.scenes} - scenes - {"tiny"})
    ui.record(**{kind: found})


def steps(ui):
    yield from ui.open_tab("GRAIL")
    for kind in ui.arguments:
        yield from run(ui, kind)
        yield from ui.shot(f"job_{kind}")
