# SPDX-License-Identifier: GPL-3.0-or-later
"""Setup: which task, which object, which person."""

from __future__ import annotations

import bpy

from .. import __version__


class GRAIL_PT_setup(bpy.types.Panel):
    bl_label = "Setup"
    bl_category = "GRAIL"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_order = 0

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        self.layout.label(text=__version__, translate=False)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(context.scene.grail, "task")


CLASSES = (GRAIL_PT_setup,)
