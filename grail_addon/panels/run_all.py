# SPDX-License-Identifier: GPL-3.0-or-later
"""Run All, and what opens outside Blender."""

from __future__ import annotations

import bpy

from ..properties import settings
from .base import GrailPanel


class GRAIL_PT_run_all(GrailPanel, bpy.types.Panel):
    bl_label = "Run All"
    bl_order = 6

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        row = layout.row()
        row.scale_y = 1.4
        row.operator("grail.run_all", icon="PLAY")
        layout.prop(settings(context), "with_videos")
        column = layout.column(align=True)
        column.operator("grail.open_report", icon="URL")
        column.operator("grail.open_results", icon="FILE_FOLDER")


CLASSES = (GRAIL_PT_run_all,)
