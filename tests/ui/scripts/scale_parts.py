# SPDX-License-Identifier: GPL-3.0-or-later
"""Scale: shown beside the person with its measures, smaller, bigger, accepted, reset; then probed, with its pictures and answers.

Arguments: THIS or BACKGROUND; address of a server that answers as the vision model."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def steps(ui):
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    preferences = bpy.context.preferences.addons[EXTENSION].preferences
    ticks = ui.watch_timers()
    own = bpy.context.scene.grail
    own.category, own.character = "mug", "kid"
    own.results_dir = str(ui.out / "results")
    yield from ui.open_tab("GRAIL")
    setup = yield from ui.find(".task")
    yield from ui.click_at(ui.sidebar.x + 40, setup[1] + 34)  # fold Setup
    yield 0.6
    with ui.override():
        bpy.ops.grail.show_size()
    yield from ui.wait(lambda: "scale" in state.views or state.error, "the size")
    yield from ui.wait(lambda: not state.is_running, "the end")
    first = max(state.views["scale"].sides_cm)
    yield from ui.shot("scale_shown")
    place = yield from ui.find("grail.resize(factor=1.1)", columns=(0.75,))
    for _ in range(3):
        yield from ui.click_at(*place)
    bigger = max(state.views["scale"].sides_cm)
    obj = importlib.import_module(f"{EXTENSION}.operators.scale_view").stage_object()
    drawn = max(obj.dimensions) * 100
    yield from ui.shot("scale_bigger")
    yield from ui.click("grail.accept_size")
    accepted = {item.name: item.value for item in own.overrides}
    with ui.override():
        bpy.ops.grail.reset_size()
    ui.record(
        error=state.error.sentences if state.error else (),
        first=first,
        bigger=bigger,
        drawn=drawn,
        accepted=accepted,
        reset=max(state.views["scale"].sides_cm),
        left=len(own.overrides),
        usual=state.views["scale"].is_usual,
    )
    preferences.render_backend, preferences.key_source = ui.arguments[0], "PREFERENCES"
    preferences.openai_api_key, preferences.openai_base_url = "another-key", ui.arguments[1] + "/v1"
    yield from ui.click("grail.probe_scale")
    yield from ui.wait(lambda: state.is_running, "the start")
    running = importlib.import_module(f"{EXTENSION}.operators.running")
    calls = running._RUN.driver.times.calls.longest
    yield from ui.wait(lambda: not state.is_running, "the answers")
    yield from ui.scroll(-0.5)
    view = state.views["scale"]
    pictures = importlib.import_module(f"{EXTENSION}.panels.thumbnails").gallery("probes")
    shown = [picture for asked in view.asked for picture in asked.pictures]
    yield from ui.wait(lambda: all(map(pictures.icon, shown)), "the pictures")
    yield from ui.shot("scale_answers")
    ui.record(
        error=state.error.sentences if state.error else (),
        outcome=view.outcome,
        answers=[asked.answer for asked in view.asked],
        in_background=state.progress.in_background,
        renders_here="render.render" in calls,
        shown=[bool(pictures.icon(picture)) for picture in shown],
    )
    ui.record(ticks=ticks.report())
