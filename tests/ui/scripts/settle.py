# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle clicked: the stage is shown, the drop plays, and the panel says how the object rests."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def steps(ui):
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    ticks = ui.watch_timers()
    own = bpy.context.scene.grail
    own.category, own.character = "cordless_drill", "kid"
    own.results_dir = str(ui.out / "results")
    yield from ui.open_tab("GRAIL")
    yield from ui.shot("before")
    yield from ui.click("grail.settle")
    yield from ui.wait(lambda: state.is_running or state.error or "settle" in state.views, "the start", 30)
    yield from ui.shot("running")
    yield from ui.wait(lambda: not state.is_running, "the end", 120)
    yield from ui.shot("settled")
    view = state.views.get("settle")
    ui.record(
        error=state.error.sentences if state.error else (),
        detail=state.error.detail if state.error else "",
        verdict=view.verdict if view else "",
        scene=ui.window.scene.name,
        ticks=ticks.report(),
        files=sorted(p.name for p in (ui.out / "results").rglob("*") if p.is_file()),
    )
