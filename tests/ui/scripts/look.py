# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the sidebar in every state of every panel, each at two UI scales, in two themes and two languages.

Argument: address of the sandbox. The window should be high, so that all of a panel is on the picture.
"""

import contextlib

import bpy
from small_request import SENDABLE, connect, part, request, said, set_keys

LOOKS = {
    "dark_1_en": (1.0, "Blender_Dark", "en_US"),
    "light_1_de": (1.0, "Blender_Light", "de_DE"),
    "dark_2_de": (2.0, "Blender_Dark", "de_DE"),
    "light_2_en": (2.0, "Blender_Light", "en_US"),
}
"""Name -> (UI scale, theme, language)."""


def dress(name):
    """Set scale, theme and language."""
    scale, theme, language = LOOKS[name]
    view = bpy.context.preferences.view
    view.ui_scale = scale
    view.language = language if language in bpy.app.translations.locales or language == "en_US" else "de"
    view.use_translate_interface = view.use_translate_tooltips = True
    presets = bpy.utils.preset_paths("interface_theme")
    if theme == "Blender_Light":
        bpy.ops.script.execute_preset(
            filepath=f"{presets[0]}/Blender_Light.xml", menu_idname="USERPREF_MT_interface_theme_presets"
        )
    else:
        bpy.ops.preferences.reset_default_theme()


def all_looks(ui, state_name, wait=0.3):
    """One picture of the sidebar for each look; ends with the first look."""
    for name in [*list(LOOKS)[1:], next(iter(LOOKS))]:
        dress(name)
        yield wait
        yield from ui.redraw()
        yield from ui.shot_sidebar(f"look_{state_name}_{name}")


def idle(ui, state, seconds=120):
    yield from ui.wait(lambda: not state.is_running, "the end", seconds)
    yield 0.7


def show_my_scene(ui):
    """Go back to the user's scene where a stage is shown."""
    with ui.override():
        if bpy.ops.grail.show_my_scene.poll():
            bpy.ops.grail.show_my_scene()


def setup(ui, own):
    views = part("operators.state").STATE.views
    yield from ui.wait(lambda: "setup" in views, "the view")
    place = yield from ui.find(".results_dir")
    yield from ui.click_at(ui.sidebar.x + 60, place[1] - 28)  # Choose Objects
    yield 2.0
    yield from all_looks(ui, "setup_objects", 0.8)
    yield from ui.click_at(ui.sidebar.x + 60, place[1] - 28)
    yield 0.6
    yield from ui.click_at(ui.sidebar.x + 60, place[1] - 53)  # Choose Dataset
    yield 2.0
    yield from all_looks(ui, "setup_datasets", 0.8)
    yield from ui.click_at(ui.sidebar.x + 60, place[1] - 53)
    place = yield from ui.find("grail.save_pipeline")
    yield from ui.click_at(ui.sidebar.x + 60, place[1] + 26)  # Advanced
    yield 0.6
    own.advanced.rendering_samples = 8
    yield from all_looks(ui, "setup_advanced")
    place = yield from ui.find("grail.save_pipeline")
    own.advanced.property_unset("rendering_samples")
    kept = own.category, own.character
    own.category, own.character = "nothing_like_it", "nobody"
    yield 1.5
    yield from all_looks(ui, "setup_missing", 0.6)
    own.category, own.character = kept
    yield 1.0


def settle(ui, state):
    yield from ui.alone("GRAIL_PT_settle")
    yield from all_looks(ui, "settle_before")
    with ui.override():
        bpy.ops.grail.settle()
    yield from ui.wait(lambda: state.progress.part == "drop", "the drop")
    yield from ui.shot_sidebar("look_settle_running_dark_1_en")
    yield from idle(ui, state)
    yield from all_looks(ui, "settle_done")


def scale(ui, state):
    yield from ui.alone("GRAIL_PT_scale")
    yield from all_looks(ui, "scale_shown")
    with ui.override():
        bpy.ops.grail.probe_scale()
    yield 1.0
    yield from ui.shot_sidebar("look_scale_running_dark_1_en")
    yield from idle(ui, state, 200)
    ui.record(scale=said(state))
    yield 2.0
    yield from all_looks(ui, "scale_answers", 0.6)


def variants(ui, state):
    gallery = part("operators.gallery").GALLERY
    show_my_scene(ui)
    yield from ui.alone("GRAIL_PT_variants")
    yield from ui.wait(lambda: gallery.rows, "the list")
    yield from all_looks(ui, "variants_planned")
    with ui.override():
        bpy.ops.grail.render_variants()
    yield from ui.wait(lambda: not state.is_running or state.progress.done >= 2, "a frame")
    yield from all_looks(ui, "variants_running", 0.1)
    yield from idle(ui, state, 200)
    yield 1.0
    with ui.override():
        bpy.ops.grail.pick_variant(video_id=gallery.rows[0].video_id)
    yield from all_looks(ui, "variants_done")
    with ui.override():
        bpy.ops.grail.decide(decision="approve")
    bpy.context.scene.grail.fitted.add().name = f"{gallery.rows[0].category}/{gallery.rows[0].seed}"
    yield 1.5
    yield from all_looks(ui, "variants_approved")
    bpy.context.scene.grail.fitted.clear()


def video(ui, state):
    queue = part("operators.video_queue").QUEUE
    yield from ui.alone("GRAIL_PT_video")
    yield from ui.wait(lambda: queue.is_known and queue.sendable and queue.to_buy, "the sum")
    yield from all_looks(ui, "video_before", 0.8)
    with ui.override():
        bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6)
    yield from ui.wait(lambda: any(name == "submitted" for row in queue.rows for name, _ in row.states), "the task")
    yield from ui.shot_sidebar("look_video_running_dark_1_en")
    with ui.override():
        bpy.ops.grail.cancel()
    yield from idle(ui, state)
    yield from all_looks(ui, "video_paused")
    with ui.override():
        bpy.ops.grail.fetch_videos()
    yield from idle(ui, state)
    yield 1.0
    yield from all_looks(ui, "video_done")


def faults(ui, state, own):
    """An error in the panel, and the small panels."""
    yield from ui.alone("GRAIL_PT_run_all")
    show_my_scene(ui)
    (ui.out / "a_file").write_text("no folder")
    own.results_dir = str(ui.out / "a_file" / "results")
    with ui.override(), contextlib.suppress(RuntimeError):
        bpy.ops.grail.settle()
    yield from idle(ui, state)
    yield from all_looks(ui, "error")
    own.results_dir = str(ui.out / "results")
    yield from ui.alone("GRAIL_PT_my_scene")
    yield from all_looks(ui, "my_scene_empty")
    own.my_object = bpy.data.objects["Cube"]
    own.my_object.dimensions = (40.0, 20.0, 20.0)
    yield from all_looks(ui, "my_scene_wrong")


def steps(ui):
    state = part("operators.state").STATE
    own = request(ui.out / "results", "BACKGROUND", category="mug")
    connect(ui.arguments[0])
    set_keys(own, SENDABLE | {"video.budget_usd": "5"})
    ui.only("GRAIL_PT_setup")
    yield from ui.open_tab("GRAIL")
    ui.record(width=ui.sidebar.width)
    wanted = ui.arguments[1:] or ["setup", "settle", "scale", "variants", "video", "faults"]
    stages = {
        "setup": lambda: setup(ui, own),
        "settle": lambda: settle(ui, state),
        "scale": lambda: scale(ui, state),
        "variants": lambda: variants(ui, state),
        "video": lambda: video(ui, state),
        "faults": lambda: faults(ui, state, own),
    }
    for name in wanted:
        yield from stages[name]()
    ui.all_panels()
