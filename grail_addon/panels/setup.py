# SPDX-License-Identifier: GPL-3.0-or-later
"""Setup: which task, which object, which person."""

from __future__ import annotations

import bpy

from .. import __version__
from ..properties import FILE, settings
from .base import GrailPanel


class GRAIL_PT_setup(GrailPanel, bpy.types.Panel):
    bl_label = "Setup"
    bl_order = 1

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        self.layout.label(text=__version__, translate=False)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        own = settings(context)
        layout.prop(own, "task")
        if own.task == FILE:
            layout.prop(own, "config_file")
        layout.prop(own, "category")
        layout.prop(own, "character")
        layout.prop(own, "results_dir")


CLASSES = (GRAIL_PT_setup,)
