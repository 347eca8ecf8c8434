# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle, then the object turned by hand, used as it is, and dropped again; no bones cross the view."""

import importlib
import math

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def steps(ui):
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    sessions = importlib.import_module(f"{EXTENSION}.operators.sessions")
    ticks = ui.watch_timers()
    own = bpy.context.scene.grail
    own.category, own.character, own.play_speed = "mug", "kid", 2.0
    own.results_dir = str(ui.out / "results")
    yield from ui.open_tab("GRAIL")
    yield from ui.click("grail.settle")
    yield from ui.wait(lambda: "settle" in state.views and not state.is_running, "the drop")
    setup = yield from ui.find(".task")
    yield from ui.click_at(ui.sidebar.x + 40, setup[1] + 34)  # fold Setup
    yield 0.6
    yield from ui.shot("settle_dropped")
    stage = sessions.kept_workshop().stage
    hidden = [o.type for o in stage.scene.objects if o.hide_get(view_layer=stage.view_layer)]
    obj = stage.imported.object
    obj.rotation_mode = "XYZ"
    obj.rotation_euler.x += math.radians(184)
    yield from ui.shot("settle_turned")
    yield from ui.click("grail.use_pose")
    yield from ui.wait(lambda: state.views["settle"].is_own or state.error, "the own pose")
    yield from ui.wait(lambda: not state.is_running, "the end")
    yield from ui.shot("settle_own")
    upside = stage.imported.object.matrix_world.to_3x3().normalized()[2][2]
    with ui.override():
        bpy.ops.grail.drop_instead()
    yield from ui.wait(lambda: not state.views["settle"].is_own and not state.is_running, "the drop")
    yield from ui.shot("settle_again")
    ui.record(
        error=state.error.sentences if state.error else (),
        hidden=sorted(set(hidden)),
        upside=upside,
        verdict=state.views["settle"].verdict,
        ticks=ticks.report(),
        overrides=len(own.overrides),
    )
