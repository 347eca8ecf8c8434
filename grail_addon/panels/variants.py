# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants: how many, what varies, the gallery with verdicts, and what can be done with the picked ones."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..operators import gallery
from ..operators.gallery import GALLERY, VariantRow
from ..preferences import preferences
from ..properties import settings
from . import thumbnails
from .base import GrailPanel
from .problems import draw_problems
from .text import n_, wrapped

ICONS = {"pass": "CHECKMARK", "warn": "ERROR", "fail": "CANCEL", "": "BLANK1"}
DECIDED = {"approve": n_("You approved it"), "reject": n_("You rejected it")}
MOST_REASONS = 3
CELL_SCALE = 4.4
CELL_PIXELS = 120
"""Width of a gallery cell at a UI scale of 1."""

_seen: list[tuple[object, ...]] = []


def _show_pictures() -> None:
    """Hand the pictures of the page that is seen to the thumbnails; from a timer, as it looks at files."""
    thumbnails.gallery("variants").show([row.picture for row in GALLERY.shown if row.picture is not None])


def _follow_page() -> None:
    page = tuple((row.picture, row.stamp) for row in GALLERY.shown)
    if [page] != _seen:
        _seen[:] = [page]
        if not bpy.app.timers.is_registered(_show_pictures):
            bpy.app.timers.register(_show_pictures, persistent=True)


class GRAIL_PT_variants(GrailPanel, bpy.types.Panel):
    bl_label = "Variants"
    bl_order = 4

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        made = sum(row.stamp != 0 for row in GALLERY.rows)
        if GALLERY.rows:
            self.layout.label(text=f"{made} / {len(GALLERY.rows)}", translate=False)

    def draw(self, context: bpy.types.Context) -> None:
        gallery.keep_current(context)
        _follow_page()
        layout = self.layout
        _draw_request(layout, context)
        row = layout.row()
        row.scale_y = 1.4
        row.operator("grail.render_variants", text="Render All", icon="RENDER_STILL").which = "ALL"
        draw_problems(layout, context, GALLERY.problems)
        if GALLERY.rows:
            _draw_gallery(layout, context)
            active = GALLERY.active_row
            if active is not None:
                _draw_active(layout.box(), context, active)


def _draw_request(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    own = settings(context)
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(own, "variants")
    column.prop(own, "first_seed")
    column.prop(preferences(), "render_backend")
    layout.label(text="What Varies")
    row = layout.row(align=True)
    for name in ("camera", "light", "placement"):
        row.prop(own, f"vary_{name}", toggle=True)


def _draw_gallery(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    row = layout.row(align=True)
    for verdict in ("pass", "warn", "fail"):
        row.label(text=str(GALLERY.count(verdict)), translate=False, icon=ICONS[verdict])
    row.operator("grail.pick_all", text="", icon="RESTRICT_SELECT_OFF")
    row.operator("grail.refresh_gallery", text="", icon="FILE_REFRESH")
    pictures = thumbnails.gallery("variants")
    scale = context.preferences.system.ui_scale
    columns = max(2, int(context.region.width / scale // CELL_PIXELS))
    grid = layout.grid_flow(row_major=True, columns=columns, even_columns=True, even_rows=True, align=True)
    for found in GALLERY.shown:
        _draw_cell(grid.box().column(align=True), found, pictures)
    if GALLERY.pages > 1:
        row = layout.row(align=True)
        row.operator("grail.gallery_page", text="", icon="TRIA_LEFT").step = -1
        middle = row.row()
        middle.alignment = "CENTER"
        middle.label(text=f"{GALLERY.page + 1} / {GALLERY.pages}", translate=False)
        row.operator("grail.gallery_page", text="", icon="TRIA_RIGHT").step = 1


def _draw_cell(cell: bpy.types.UILayout, found: VariantRow, pictures: thumbnails.Thumbnails) -> None:
    icon = pictures.icon(found.picture) if found.picture is not None and found.stamp else 0
    if icon:
        cell.template_icon(icon_value=icon, scale=CELL_SCALE)
    else:
        empty = cell.column()
        empty.scale_y = CELL_SCALE
        empty.enabled = False
        row = empty.row()
        row.alignment = "CENTER"
        row.label(text=n_("Not rendered") if not found.verdict else n_("No picture"))
    label = f"{found.category} {found.label}" if len({row.category for row in GALLERY.rows}) > 1 else found.label
    pick = cell.operator(
        "grail.pick_variant", text=label, translate=False, icon=ICONS[found.verdict],
        depress=found.video_id in GALLERY.picked or found.video_id == GALLERY.active,
    )  # fmt: skip
    pick.video_id = found.video_id


def _draw_active(box: bpy.types.UILayout, context: bpy.types.Context, found: VariantRow) -> None:
    picked = len(GALLERY.picked)
    name = iface_("{count} picked").format(count=picked) if picked > 1 else found.video_id.rsplit("/", 1)[-1]
    wrapped(box, context, name, ICONS[found.verdict] if picked < 2 else "RESTRICT_SELECT_OFF")
    if picked < 2:
        if found.decision in DECIDED:
            box.label(text=DECIDED[found.decision], icon="USER")
        for reason in found.spoken_reasons[:MOST_REASONS]:
            wrapped(box, context, reason, "DOT")
        if not found.planned:
            box.label(text="Made by an earlier request", icon="INFO")
    if any(item.name == f"{found.category}/{found.seed}" for item in settings(context).fitted):
        row = box.row(align=True)
        row.label(text="Its camera is fitted", icon="CON_CAMERASOLVER")
        row.operator("grail.free_camera", text="", icon="X")
    column = box.column(align=True)
    row = column.row(align=True)
    row.operator("grail.preview_variant", icon="HIDE_OFF")
    row.operator("grail.render_variants", text="Render", icon="RENDER_STILL").which = "PICKED"
    row = column.row(align=True)
    row.operator("grail.fit_camera", icon="VIEW_CAMERA")
    row.operator("grail.render_again", icon="FILE_REFRESH")
    if found.verdict:
        row = box.row(align=True)
        row.operator("grail.decide", text="Approve", icon="CHECKMARK", depress=found.decision == "approve").decision = "approve"  # fmt: skip
        row.operator("grail.decide", text="Reject", icon="CANCEL", depress=found.decision == "reject").decision = "reject"  # fmt: skip
        if found.decision:
            row.operator("grail.decide", text="", icon="LOOP_BACK").decision = "clear"
        box.operator("grail.view_variant", icon="FULLSCREEN_ENTER")
        row = box.row(align=True)
        for kind in ("mask", "depth", "joints"):
            row.prop(settings(context), f"show_{kind}", toggle=True)


def unregister() -> None:
    """Stop following the page."""
    _seen.clear()
    if bpy.app.timers.is_registered(_show_pictures):
        bpy.app.timers.unregister(_show_pictures)


CLASSES = (GRAIL_PT_variants,)
