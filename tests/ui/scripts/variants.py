# SPDX-License-Identifier: GPL-3.0-or-later
"""Three small variants: rendered by a click, shown in the gallery with their verdicts, approved, previewed, looked at in full,
seen with another camera and made again; then a list of two pages, and what opens outside Blender.

Arguments: THIS or BACKGROUND. `/scratch/bin/xdg-open` notes what it is asked to open.
"""

import json
from pathlib import Path

import bpy
from small_request import part, request, said


def rendered(ui, state, gallery, button, columns=(0.65,)):
    """Click what renders, wait for its end; the pictures' bytes by seed."""
    yield from ui.click(button, columns)
    yield from ui.wait(lambda: state.is_running, "the start")
    yield from ui.wait(lambda: not state.is_running, "the end")
    yield 1.0
    return {row.seed: row.picture.read_bytes() for row in gallery.rows if row.stamp}


def look_closer(ui, gallery, own):
    """The picture in a window of its own, with what is drawn over it."""
    with ui.override():
        bpy.ops.grail.view_variant()
    yield from ui.wait(lambda: len(bpy.context.window_manager.windows) == 2, "the window")
    space = bpy.context.window_manager.windows[1].screen.areas[0].spaces.active
    ui.record(shown=space.image.name)
    own.show_mask = own.show_joints = True
    yield 1.5
    yield from ui.shot("variants_full")
    yield from ui.wait(lambda: space.image.name != ui.data["shown"], "the overlay")
    ui.record(overlay=space.image.name)
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[1]):
        bpy.ops.wm.window_close()
    yield 1.2
    ui.record(images_after=[image.name for image in bpy.data.images])


def preview(ui, state, manifest):
    """Look through the variant's camera, and back."""
    yield from ui.click("grail.preview_variant", (0.3,))
    yield from ui.wait(lambda: state.is_running, "the preview's start")
    yield from ui.wait(lambda: not state.is_running, "the preview")
    camera = ui.window.scene.camera
    ui.record(
        preview_error=said(state),
        camera=[list(row) for row in camera.matrix_world] if camera else None,
        sampled=manifest["parameters"]["camera"],
    )
    yield from ui.shot("variants_preview")
    yield from ui.click("grail.show_my_scene")


def other_cameras(ui, state, gallery, own):
    """Fit the camera of the second variant, have it as drawn again, and make it anew."""
    before = {row.seed: row.picture.read_bytes() for row in gallery.rows}
    fitted = yield from rendered(ui, state, gallery, "grail.fit_camera", (0.3,))
    ui.record(fitted=[item.name for item in own.fitted], fit_error=said(state))
    ui.record(after_fit=[gallery.rows[1].decision, gallery.rows[1].machine == gallery.rows[1].verdict])
    yield from ui.shot("variants_fitted")
    yield from ui.click("grail.free_camera", (0.84, 0.87))
    ui.record(freed=len(own.fitted) == 0)
    drawn = yield from rendered(ui, state, gallery, "grail.render_variants(which='PICKED')", (0.75,))
    with ui.override():
        bpy.ops.grail.decide(decision="approve")  # the other picture was not what had been approved
    yield from ui.wait(lambda: gallery.rows[1].decision == "approve", "the decision")
    stamps = {row.seed: row.stamp for row in gallery.rows}
    again = yield from rendered(ui, state, gallery, "grail.render_again", (0.75,))
    ui.record(
        changed_by_fit=[seed for seed in before if fitted[seed] != before[seed]],
        as_drawn=drawn == before,
        as_before=again == before,
        made_again=[row.seed for row in gallery.rows if row.stamp != stamps[row.seed]],
        decision=gallery.rows[1].decision,
    )


def pages(ui, gallery, own):
    """Thirty variants: 24 on the first page, 6 on the second."""
    own.variants = 30
    yield from ui.redraw()
    yield from ui.wait(lambda: len(gallery.rows) == 30, "the list")
    seen = [len(gallery.shown)]
    yield from ui.scroll(-3.0)
    yield from ui.shot("variants_page_1")
    yield from ui.click("grail.gallery_page(step=1)", (0.86, 0.89))
    seen.append(len(gallery.shown))
    yield from ui.redraw()
    yield from ui.scroll(3.0)
    yield from ui.shot("variants_page_2")
    yield from ui.click("grail.gallery_page(step=-1)", (0.066,))
    ui.record(pages=[*seen, gallery.page])
    own.variants = 3


def outside(ui, state):
    """The report and the results folder, opened by what the system opens files with."""
    opened = Path("/scratch/opened")
    yield from ui.alone("GRAIL_PT_run_all")
    yield from ui.shot("run_all")
    yield from ui.click("grail.open_report")
    yield from ui.click("grail.open_results")
    yield from ui.wait(lambda: opened.is_file() and len(opened.read_text().splitlines()) == 2, "what is opened outside")
    ui.all_panels()
    ui.record(opened=sorted(opened.read_text().splitlines()), outside_error=said(state))


def steps(ui):
    state, gallery = part("operators.state").STATE, part("operators.gallery").GALLERY
    ticks = ui.watch_timers()
    own = request(ui.out / "results", ui.arguments[0], 3)
    ui.only("GRAIL_PT_variants")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: len(gallery.rows) == 3, "the planned variants")
    yield from ui.shot("variants_planned")
    yield from ui.click("grail.render_variants(which='ALL')")
    yield from ui.wait(lambda: state.is_running, "the start")
    yield from ui.wait(lambda: state.error or not state.is_running or state.progress.done >= 2, "a frame")
    yield from ui.shot("variants_running")
    yield from ui.wait(lambda: not state.is_running, "the end")
    ui.record(error=said(state), detail=state.error.detail if state.error else "")
    yield from ui.wait(lambda: sum(row.stamp != 0 for row in gallery.rows) == 3, "all rows")
    yield 1.0
    yield from ui.shot("variants_done")
    yield from ui.click('video_id="ComAsset/cordless_drill/kid_indoor2-manipulation_rand00002"', (0.3, 0.75))
    yield from ui.click("decision='approve'", (0.3,))
    yield from ui.wait(lambda: gallery.active_row.decision == "approve", "the decision")
    manifest = json.loads(gallery.active_row.manifest.read_text())
    ui.record(
        human=manifest["human"], rows=[[row.seed, row.verdict, row.decision, list(row.reasons)] for row in gallery.rows]
    )
    yield from ui.shot("variants_approved")
    yield from look_closer(ui, gallery, own)
    yield from preview(ui, state, manifest)
    yield from other_cameras(ui, state, gallery, own)
    yield from pages(ui, gallery, own)
    yield from outside(ui, state)
    ui.record(ticks=ticks.report())
