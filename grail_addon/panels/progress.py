# SPDX-License-Identifier: GPL-3.0-or-later
"""At the top of the tab: what runs and how far it is, and what went wrong."""

from __future__ import annotations

import time

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..operators.redraw import OPERATOR, time_left
from ..operators.state import STATE, ErrorView, Progress
from ..properties import STAGE_MARK
from .base import GrailPanel
from .problems import draw_problems
from .text import n_, wrapped

PARTS = {
    "person": n_("loading the person"),
    "object": n_("loading the object"),
    "mesh": n_("loading the object"),
    "room": n_("loading the room"),
    "hull": n_("shape for the physics"),
    "convex parts": n_("shape for the physics"),
    "coacd": n_("shape for the physics"),
    "drop": n_("dropping"),
    "drift": n_("watching it rest"),
    "statics": n_("how firmly it stands"),
    "placement": n_("placing"),
    "light": n_("lighting"),
    "framing": n_("camera"),
    "picture": n_("rendering"),
    "geometry": n_("depth and masks"),
    "proof": n_("proving the files"),
    "gate": n_("judging"),
    "question": n_("asking the vision model"),
    "prompt": n_("asking the vision model"),
}
"""What a run is at, as `Pause` and `Offload` name it -> words for a person; the others pass too quickly to be told."""


class GRAIL_PT_progress(GrailPanel, bpy.types.Panel):
    bl_label = "Progress"
    bl_order = 0

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return STATE.is_running or STATE.error is not None or STAGE_MARK in context.scene

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        if STATE.progress is not None and STATE.progress.is_running:
            _draw_progress(layout, context, STATE.progress)
        if STATE.error is not None:
            _draw_error(layout, context, STATE.error)
        if STAGE_MARK in context.scene:
            layout.operator("grail.show_my_scene", icon="SCENE_DATA")


def _draw_progress(layout: bpy.types.UILayout, context: bpy.types.Context, progress: Progress) -> None:
    column = layout.column()
    count = f"{progress.done + progress.failed} / {progress.total}" if progress.total else ""
    column.label(text=f"{iface_(progress.title, OPERATOR)}  {count}", translate=False, icon="SORTTIME")
    left = progress.seconds_left(time.monotonic())
    text = f"{progress.share * 100:.0f} %" + (f", {time_left(left)}" if left is not None else "")
    column.progress(factor=progress.share, type="BAR", text=text)
    part = PARTS.get(progress.part)
    what = progress.waits or (iface_(part) if part else "")
    if progress.item:
        wrapped(column, context, progress.item.rsplit("/", 1)[-1] + (f": {what}" if what else ""))
    if progress.in_background:
        column.label(text="In a background Blender")
    row = column.row()
    row.operator("grail.cancel", icon="CANCEL", text=iface_("Stopping ...", OPERATOR) if progress.is_stopping else iface_("Stop", OPERATOR), translate=False)  # fmt: skip


def _draw_error(layout: bpy.types.UILayout, context: bpy.types.Context, error: ErrorView) -> None:
    box = layout.box()
    if error.item:
        wrapped(box, context, error.item.rsplit("/", 1)[-1])
    draw_problems(box, context, error.problems)
    row = box.row(align=True)
    row.operator("grail.copy_details", icon="COPYDOWN")
    if error.file:
        row.operator("grail.open_fault", icon="TEXT")
    row.operator("grail.dismiss_error", text="", icon="X")


CLASSES = (GRAIL_PT_progress,)
