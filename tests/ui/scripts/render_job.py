# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames by Blender's own render job, disturbed as the argument says: `nothing`, `render`, `undo`, `cancel`, `load`."""

import importlib
import time

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
SMALL = {"rendering__width": 320, "rendering__height": 180, "rendering__max_attempts": 1}


def module(name):
    return importlib.import_module(f"{EXTENSION}.{name}")


def disturb(ui, kind, state, running):
    """Once, while the first picture is rendered."""
    progress = state.progress
    yield from ui.wait(lambda: progress.part == "picture" and bpy.app.is_job_running("RENDER"), "the picture's render", 60)
    yield 0.3
    if kind == "render":
        tiny = bpy.data.scenes.new("tiny")
        camera = bpy.data.objects.new("tiny", bpy.data.cameras.new("tiny"))
        tiny.collection.objects.link(camera)
        tiny.camera, tiny.render.engine = camera, "BLENDER_WORKBENCH"
        tiny.render.resolution_x = tiny.render.resolution_y = 8
        with ui.override():
            bpy.ops.render.render("INVOKE_DEFAULT", scene="tiny")
    elif kind == "undo":
        with ui.override():
            bpy.ops.ed.undo()
    elif kind == "load":
        bpy.ops.wm.read_homefile()
    elif kind == "cancel":
        ui.record(asked=time.monotonic())
        running.cancel()
        yield from ui.wait(lambda: not state.is_running, "the stop", 30)
        ui.record(stopped_s=time.monotonic() - ui.data["asked"])


def steps(ui):
    kind = ui.arguments[0]
    state, running, sessions = module("operators.state").STATE, module("operators.running"), module("operators.sessions")
    own = bpy.context.scene.grail
    own.category, own.character, own.variants = "cordless_drill", "kid", 2
    own.results_dir = str(ui.out / "results")
    with ui.override():
        bpy.ops.ed.undo_push(message="before")
    samples = 1 if kind == "nothing" else 64
    ticks = ui.watch_timers()
    was = (bpy.context.preferences.view.render_display_type, bpy.context.preferences.is_dirty)
    ended = []
    scenes = {scene.name for scene in bpy.data.scenes}
    running.start(
        "Render",
        lambda: sessions.session_for(bpy.context, sessions.RENDER, rendering__samples=samples, **SMALL).run(),
        ended.append,
    )
    if kind != "nothing":
        yield from disturb(ui, kind, state, running)
    yield from ui.wait(lambda: not state.is_running, "the end", 200)
    yield from ui.shot(f"job_{kind}")
    windows = len(bpy.context.window_manager.windows)
    ui.record(
        error=state.error.sentences if state.error else (), detail=state.error.detail if state.error else "",
        log=list(state.log), ticks=ticks.report(), windows=windows, ended=len(ended),
        preference_kept=was == (bpy.context.preferences.view.render_display_type, bpy.context.preferences.is_dirty),
        files=sorted(p.name for p in (ui.out / "results").rglob("*") if p.is_file()),
    )
    sessions.release_stage()
    ui.record(scenes_left=sorted({scene.name for scene in bpy.data.scenes} - scenes))
