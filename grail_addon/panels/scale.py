# SPDX-License-Identifier: GPL-3.0-or-later
"""Scale: how large the object is, what is usual, and what the vision model said of it."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..operators.scale import BIGGER, SMALLER
from ..operators.scale_view import ProbedSize, ScaleView, scale_view
from ..properties import settings
from .base import GrailPanel
from .text import n_, wrapped
from .thumbnails import gallery

ANSWERS = {"small": "ADD", "big": "REMOVE", "correct": "CHECKMARK", "unsure": "QUESTION", "failed": "ERROR"}
"""Icon of an answer: what to do about it, as on the buttons Smaller and Bigger."""
OUTCOMES = {
    "prior": n_("No question was asked: the size is the middle of the usual range"),
    "decided": n_("No question was asked: the pipeline file says the size"),
    "bracketed": n_("The answers differ: the size is between too small and too large"),
    "unknown": n_("No clear answer: the size stays as it was"),
}
"""What a probe came to, where its last answer does not say it."""


class GRAIL_PT_scale(GrailPanel, bpy.types.Panel):
    bl_label = "Scale"
    bl_order = 3

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        view = scale_view()
        if view is not None and view.is_usual is not None:
            self.layout.label(text="", icon="CHECKMARK" if view.is_usual else "ERROR")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        view = scale_view()
        if view is None:
            layout.operator("grail.show_size", icon="DRIVER_DISTANCE")
        else:
            _draw_size(layout.box(), context, view)
            _draw_change(layout, view)
            layout.prop(settings(context), "show_size")
        column = layout.column(align=True)
        column.operator("grail.probe_scale", icon="OUTLINER_OB_CAMERA")
        column.operator("grail.usual_size", icon="PRESET")
        if view is not None and (view.asked or view.outcome in OUTCOMES):
            _draw_asked(layout, context, view)


def _draw_size(box: bpy.types.UILayout, context: bpy.types.Context, view: ScaleView) -> None:
    box.label(text=view.category.replace("_", " "), translate=False, icon="MESH_DATA")
    sides = " × ".join(f"{side:.1f}" for side in view.sides_cm)
    wrapped(box, context, f"{sides} cm", "DRIVER_DISTANCE")
    if view.usual is None:
        wrapped(box, context, iface_("Nobody knows how large such things usually are"), "QUESTION")
        return
    low, high = (100.0 * length for length in view.usual)
    words = iface_("Its longest side is usually {low:g} to {high:g} cm").format(low=low, high=high)
    wrapped(box, context, words, "CHECKMARK" if view.is_usual else "ERROR")


def _draw_change(layout: bpy.types.UILayout, view: ScaleView) -> None:
    column = layout.column(align=True)
    row = column.row(align=True)
    row.operator("grail.resize", text="Smaller", icon="REMOVE").factor = SMALLER
    row.operator("grail.resize", text="Bigger", icon="ADD").factor = BIGGER
    row = column.row(align=True)
    row.operator("grail.accept_size", icon="CHECKMARK", depress=view.is_changed)
    row.operator("grail.reset_size", text="", icon="LOOP_BACK")


def _draw_asked(layout: bpy.types.UILayout, context: bpy.types.Context, view: ScaleView) -> None:
    header, body = layout.panel("grail_asked", default_closed=False)
    header.label(text="Answers")
    if body is None:
        return
    if view.outcome in OUTCOMES:
        wrapped(body, context, iface_(OUTCOMES[view.outcome]), "INFO")
    pictures = gallery("probes")
    pictures.want([picture for asked in view.asked for picture in asked.pictures])
    for asked in view.asked:
        _draw_answer(body.box(), context, asked, [pictures.icon(picture) for picture in asked.pictures])


def _draw_answer(box: bpy.types.UILayout, context: bpy.types.Context, asked: ProbedSize, icons: list[int]) -> None:
    row = box.row(align=True)
    for icon in icons:
        row.template_icon(icon_value=icon, scale=5.5)
    box.label(text=f"{asked.longest_cm:.1f} cm: {_answer(asked)}", translate=False, icon=ANSWERS[asked.answer])
    if asked.reason:
        wrapped(box, context, asked.reason)


def _answer(asked: ProbedSize) -> str:
    return {
        "small": iface_("too small"),
        "big": iface_("too large"),
        "correct": iface_("the right size"),
        "unsure": iface_("not sure"),
        "failed": iface_("no answer"),
    }[asked.answer]


CLASSES = (GRAIL_PT_scale,)
