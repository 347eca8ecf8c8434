# SPDX-License-Identifier: GPL-3.0-or-later
"""How long Stop takes beside Blender's own cancel (a real Esc): the same Cycles render of the open scene, ended in turns by
either. Started with `simulate=False`, as the key is a real one."""

import time
from pathlib import Path
from statistics import median

import bpy
from small_request import part, preferences, said

TURNS = 3
BUSY = 0.6
"""Seconds that a render goes on before it is ended."""


def slow_scene():
    """The open scene with Cycles on one thread, slow enough to be ended in the middle."""
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device, scene.cycles.samples = "CYCLES", "CPU", 4096
    scene.cycles.use_adaptive_sampling = scene.cycles.use_denoising = False
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 320, 180, 100
    return scene


def is_rendering():
    return bpy.app.is_job_running("RENDER")


def busy(ui):
    yield from ui.wait(is_rendering, "the render")
    yield BUSY
    assert is_rendering(), "it was over too soon"


def own_cancel(ui, scene):
    """Seconds from Esc to the end of the job."""
    view = bpy.context.preferences.view
    shown, view.render_display_type = view.render_display_type, "NONE"
    with ui.override():
        bpy.ops.render.render("INVOKE_DEFAULT", scene=scene.name)
    view.render_display_type = shown
    yield from busy(ui)
    began = time.monotonic()
    ui._xdotool("key", "Escape")
    while is_rendering():
        assert time.monotonic() - began < 30, "Esc did not end it"
        yield 0.01
    return time.monotonic() - began


def our_stop(ui, scene, state):
    """Seconds from Stop to the end of the run; of them those that Blender takes to end the job."""
    effects = part("steps.effects")

    def steps():
        yield effects.Render(scene.name, Path(ui.out) / "cancelled.png")

    part("operators.running").start("Render", steps)
    yield from busy(ui)
    began = time.monotonic()
    part("operators.running").cancel()
    blocked = time.monotonic() - began
    while state.is_running:
        assert time.monotonic() - began < 30, "it did not stop"
        yield 0.01
    return time.monotonic() - began, blocked


def steps(ui):
    state = part("operators.state").STATE
    preferences().render_backend = "THIS"
    yield from ui.redraw()
    ui._xdotool("mousemove", "400", "400")
    scene = slow_scene()
    own, ours = [], []
    for _ in range(TURNS):
        own.append((yield from own_cancel(ui, scene)))
        yield 0.3
        ours.append((yield from our_stop(ui, scene, state)))
        yield 0.3
    ui.record(
        error=said(state),
        own=own,
        ours=ours,
        own_s=median(own),
        ours_s=median(seconds for seconds, _ in ours),
        our_part_s=median(seconds - blocked for seconds, blocked in ours),
        picture=(ui.out / "cancelled.png").exists(),
        scenes=[found.name for found in bpy.data.scenes],
        is_engine_left=part("stage.render.job").StopEngine.is_registered,
    )
