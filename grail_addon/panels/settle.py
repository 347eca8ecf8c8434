# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle: drop the object, and how it rests."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..operators.pose import has_own_pose
from ..operators.settle import SettleView, settled_object
from ..operators.spoken import spoken
from ..operators.state import STATE
from ..properties import STAGE_MARK, settings
from .base import GrailPanel
from .text import wrapped

ICONS = {"stable": "CHECKMARK", "rolls": "ERROR", "fail": "CANCEL"}
FIRM_DEG, LOOSE_DEG = 10.0, 4.0
"""Tilt that an object stands before it tips over: from the first on it stands firmly, below the second loosely."""


class GRAIL_PT_settle(GrailPanel, bpy.types.Panel):
    bl_label = "Settle"
    bl_order = 2

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        view = settled_object()
        if view is not None:
            self.layout.label(text="", icon=ICONS[view.verdict])

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        row = layout.row()
        row.scale_y = 1.4
        row.operator("grail.settle", icon="PHYSICS")
        setup = STATE.views.get("setup")
        if setup is not None and not setup.has_coacd:
            wrapped(
                layout, context, iface_("This system has no coacd library: nothing settles on uneven ground"), "INFO"
            )
        view = settled_object()
        if view is None:
            return
        _draw_view(layout.box(), context, view)
        column = layout.column(align=True)
        column.operator("grail.replay", icon="PLAY")
        column.prop(settings(context), "play_speed", slider=True)
        _draw_others(layout.column(align=True), context, view)


def _draw_others(column: bpy.types.UILayout, context: bpy.types.Context, view: SettleView) -> None:
    """Other ways to rest."""
    column.operator("grail.drop_again", icon="FILE_REFRESH")
    if has_own_pose(context, view.category):
        column.operator("grail.drop_instead", icon="LOOP_BACK")
    if STAGE_MARK in context.scene:
        column.separator()
        wrapped(column, context, iface_("Or turn the object in the viewport (R), then:"))
        column.operator("grail.use_pose", icon="CON_ROTLIKE")


def _words(view: SettleView) -> str:
    """The verdict as a sentence."""
    if view.verdict == "fail":
        return iface_("It does not rest")
    if view.verdict == "rolls":
        return iface_("It rolls")
    if view.tip_angle_deg >= FIRM_DEG:
        return iface_("It stands firmly")
    return iface_("It stands") if view.tip_angle_deg >= LOOSE_DEG else iface_("It stands, but tips over easily")


def _draw_view(box: bpy.types.UILayout, context: bpy.types.Context, view: SettleView) -> None:
    wrapped(box, context, _words(view), ICONS[view.verdict])
    box.label(text=view.category.replace("_", " "), translate=False, icon="MESH_DATA")
    split = box.split(factor=0.56)
    names, values = split.column(), split.column()
    alike = round(view.confidence * view.drops)
    rows = (
        (iface_("Pose"), iface_("yours") if view.is_own else iface_("{alike} of {drops} drops").format(alike=alike, drops=view.drops)),
        (iface_("Tips over at"), f"{view.tip_angle_deg:.1f}°"),
        (iface_("Moves in 3 s"), f"{view.drift_mm:.2f} mm"),
        (iface_("Gap"), f"{view.gap_mm:.2f} mm"),
        (iface_("Stands on"), view.support or iface_("floor")),
    )  # fmt: skip
    for name, value in rows:
        names.label(text=name, translate=False)
        values.label(text=value, translate=False)
    for reason in view.reasons:
        wrapped(box, context, spoken(reason), "INFO")


CLASSES = (GRAIL_PT_settle,)
