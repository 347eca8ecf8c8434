# SPDX-License-Identifier: GPL-3.0-or-later
"""Two small variants of which the one whose face is turned further away fails: its badge in the gallery, and its reasons below.

Arguments: THIS or BACKGROUND. One fails as the limit for the face's angle lies between the two.
"""

import json

import bpy
from small_request import part, request, said, set_keys


class Noted:
    """A layout that notes each operator button drawn into it, and draws it."""

    def __init__(self, layout, notes):
        self._layout, self._notes = layout, notes

    def __getattr__(self, name):
        return getattr(self._layout, name)

    def operator(self, idname, **how):
        self._notes.append({"operator": idname, "text": how.get("text"), "icon": how.get("icon")})
        return self._layout.operator(idname, **how)


def note_what_is_drawn(panel):
    """(seed -> its badge, lines below the gallery) as the panel draws them from now on; each redraw writes them anew."""
    badges, lines = {}, []
    draw_cell, draw_active, wrapped = panel._draw_cell, panel._draw_active, panel.wrapped

    def noted_cell(cell, found, pictures):
        notes = []
        draw_cell(Noted(cell, notes), found, pictures)
        badges[str(found.seed)] = notes[-1]

    def noted_active(box, context, found):
        lines.clear()
        draw_active(box, context, found)

    def noted_text(layout, context, text, icon="NONE"):
        lines.append([icon, text])
        wrapped(layout, context, text, icon)

    panel._draw_cell, panel._draw_active, panel.wrapped = noted_cell, noted_active, noted_text
    return badges, lines


def rendered(ui, state, gallery):
    """Click Render All, and wait for its end; degrees that each variant's face is turned away."""
    changes = state.changes
    yield from ui.click("grail.render_variants(which='ALL')")
    yield from ui.wait(lambda: state.changes > changes, "the start")
    yield from ui.wait(lambda: not state.is_running, "the end")
    yield 1.5
    yield from ui.wait(lambda: all(row.manifest for row in gallery.rows), "the rows")
    found = {row.seed: json.loads(row.manifest.read_text()) for row in gallery.rows}
    return {
        seed: next(number["value"] for number in manifest["measurements"] if number["name"] == "face_angle")
        for seed, manifest in found.items()
    }


def steps(ui):
    state, gallery = part("operators.state").STATE, part("operators.gallery").GALLERY
    badges, lines = note_what_is_drawn(part("panels.variants"))
    noisy = {"gate__noise__fail_above": "255", "gate__noise__warn_above": "255", "rendering__max_attempts": "1"}
    own = request(ui.out / "results", ui.arguments[0], 2, **noisy)
    ui.only("GRAIL_PT_variants")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: len(gallery.rows) == 2, "the planned variants")
    angles = yield from rendered(ui, state, gallery)
    ui.record(before=[row.verdict for row in gallery.rows], error=said(state))
    between = sum(angles.values()) / 2
    set_keys(own, {"gate.face_angle.fail_above": str(between), "gate.face_angle.warn_above": str(between)})
    angles = yield from rendered(ui, state, gallery)
    turned, other = sorted(angles, key=angles.get, reverse=True)
    row = next(row for row in gallery.rows if row.seed == turned)
    yield from ui.click(f'video_id="{row.video_id}"', (0.3, 0.75))
    yield from ui.redraw()
    yield from ui.shot("variants_failed")
    ui.record(
        turned=angles[turned],
        limit=between,
        verdicts={str(row.seed): row.verdict for row in gallery.rows},
        badge=badges[str(turned)],
        other=badges[str(other)],
        lines=list(lines),
        reasons=json.loads(row.manifest.read_text())["reasons"],
        active=gallery.active == row.video_id,
        seeds=[turned, other],
        name=row.video_id.rpartition("/")[2],
    )
    with ui.override():
        ui.record(
            tip=bpy.types.GRAIL_OT_pick_variant.description(bpy.context, type("P", (), {"video_id": row.video_id}))
        )
    view = bpy.context.preferences.view
    view.language = next(name for name in bpy.app.translations.locales if name in ("de_DE", "de"))
    view.use_translate_interface = True
    yield 0.5
    yield from ui.redraw()
    yield from ui.shot_sidebar("variants_failed_german")
    ui.record(german=list(lines))
