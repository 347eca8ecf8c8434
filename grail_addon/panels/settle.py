# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle: drop the object, and how it rests."""

from __future__ import annotations

import bpy

from ..operators.settle import SettleView
from ..operators.state import STATE
from .base import GrailPanel
from .text import wrapped

VERDICTS = {
    "stable": ("CHECKMARK", "It stands"),
    "rolls": ("ERROR", "It rolls"),
    "fail": ("CANCEL", "It does not rest"),
}


class GRAIL_PT_settle(GrailPanel, bpy.types.Panel):
    bl_label = "Settle"
    bl_order = 2

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        view = STATE.views.get("settle")
        if view is not None:
            self.layout.label(text="", icon=VERDICTS[view.verdict][0])

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        row = layout.row()
        row.scale_y = 1.4
        row.operator("grail.settle", icon="PHYSICS")
        view = STATE.views.get("settle")
        if view is None:
            return
        _draw_view(layout.box(), context, view)
        row = layout.row(align=True)
        row.operator("grail.replay", icon="PLAY")


def _draw_view(box: bpy.types.UILayout, context: bpy.types.Context, view: SettleView) -> None:
    icon, words = VERDICTS[view.verdict]
    box.label(text=words, icon=icon)
    box.label(text=view.name.rsplit("/", 1)[-1], translate=False, icon="MESH_DATA")
    split = box.split(factor=0.62)
    names, values = split.column(), split.column()
    rows = (
        ("Confidence", f"{view.confidence * 100:.0f} %"),
        ("Tips over at", f"{view.tip_angle_deg:.1f}°"),
        ("Moved after 3 s", f"{view.drift_mm:.2f} mm"),
        ("Gap", f"{view.gap_mm:.2f} mm"),
        ("Stands on", view.support or "floor"),
    )
    for name, value in rows:
        names.label(text=name)
        values.label(text=value, translate=False)
    for reason in view.reasons:
        wrapped(box, context, reason, "INFO")


CLASSES = (GRAIL_PT_settle,)
