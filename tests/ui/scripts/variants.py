# SPDX-License-Identifier: GPL-3.0-or-later
"""Two small variants: rendered by a click, shown in the gallery with their verdicts, approved, previewed, looked at in full.

Arguments: THIS or BACKGROUND.
"""

import importlib
import json

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
SMALL = {"rendering.width": "320", "rendering.height": "180", "rendering.samples": "1", "rendering.denoise": "false"}


def set_up(ui, backend):
    """A request for two small frames of the drill."""
    bpy.context.preferences.addons[EXTENSION].preferences.render_backend = backend
    own = bpy.context.scene.grail
    own.category, own.character, own.variants = "cordless_drill", "kid", 2
    own.results_dir = str(ui.out / "results")
    for key, value in SMALL.items():
        item = own.overrides.add()
        item.name, item.value = key, value
    return own


def steps(ui):
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    gallery = importlib.import_module(f"{EXTENSION}.operators.gallery").GALLERY
    ticks = ui.watch_timers()
    own = set_up(ui, ui.arguments[0])
    ui.only("GRAIL_PT_variants")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: len(gallery.rows) == 2, "the planned variants", 20)
    yield from ui.shot("variants_planned")
    yield from ui.click("grail.render_variants(which='ALL')")
    yield from ui.wait(lambda: state.is_running, "the start", 20)
    yield from ui.wait(lambda: state.error or not state.is_running or state.progress.done >= 2, "a frame", 90)
    yield from ui.shot("variants_running")
    yield from ui.wait(lambda: not state.is_running, "the end", 90)
    ui.record(error=state.error.sentences if state.error else (), detail=state.error.detail if state.error else "")
    yield from ui.wait(lambda: sum(row.stamp != 0 for row in gallery.rows) == 2, "both rows", 10)
    yield 1.0
    yield from ui.shot("variants_done")
    yield from ui.click('video_id="ComAsset/cordless_drill/kid_indoor2-manipulation_rand00002"', (0.3, 0.75))
    yield from ui.click("decision='approve'", (0.3,))
    yield from ui.wait(lambda: gallery.active_row.decision == "approve", "the decision", 10)
    manifest = json.loads(gallery.active_row.manifest.read_text())
    ui.record(
        human=manifest["human"], rows=[[row.seed, row.verdict, row.decision, list(row.reasons)] for row in gallery.rows]
    )
    yield from ui.shot("variants_approved")
    with ui.override():
        bpy.ops.grail.view_variant()
    yield from ui.wait(lambda: len(bpy.context.window_manager.windows) == 2, "the window", 10)
    space = bpy.context.window_manager.windows[1].screen.areas[0].spaces.active
    ui.record(shown=space.image.name)
    own.show_mask = own.show_joints = True
    yield 1.5
    yield from ui.shot("variants_full")
    yield from ui.wait(lambda: space.image.name != ui.data["shown"], "the overlay", 10)
    ui.record(overlay=space.image.name)
    second = bpy.context.window_manager.windows[1]
    with bpy.context.temp_override(window=second):
        bpy.ops.wm.window_close()
    yield 1.2
    ui.record(images_after=[image.name for image in bpy.data.images])
    with ui.override():
        bpy.ops.grail.preview_variant()
    yield from ui.wait(lambda: not state.is_running, "the preview", 60)
    ui.record(preview_error=state.error.sentences if state.error else (), scene=ui.window.scene.name)
    camera = ui.window.scene.camera
    ui.record(
        camera=[list(row) for row in camera.matrix_world] if camera else None, sampled=manifest["parameters"]["camera"]
    )
    yield from ui.shot("variants_preview")
    ui.record(ticks=ticks.report(), parts={})
