# SPDX-License-Identifier: GPL-3.0-or-later
"""Use My Scene: what of the open scene is object, person, camera and support, and whether its sizes can be right."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..operators.my_scene_facts import Size, camera_notes, object_size, person_size, scene_faults
from ..operators.state import STATE
from ..properties import STAGE_MARK, GrailSettings, settings
from .base import GrailPanel
from .text import wrapped


class GRAIL_PT_my_scene(GrailPanel, bpy.types.Panel):
    bl_label = "Use My Scene"
    bl_order = 9
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, own = self.layout, settings(context)
        if STAGE_MARK in context.scene:
            wrapped(layout, context, iface_("The stage is shown; go back to your scene first"), "INFO")
            layout.operator("grail.show_my_scene", icon="SCENE_DATA")
            return
        _draw_choice(layout.column(), context, own)
        faults = scene_faults(own, context.scene)
        wrong = layout.column()
        wrong.alert = True
        for fault in faults if own.my_object is not None else ():
            wrapped(wrong, context, fault, "ERROR")
        for note in camera_notes(own, context.scene):
            wrapped(layout, context, note, "INFO")
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(own, "my_name", placeholder=context.scene.name)
        layout.operator("grail.save_my_scene", icon="FILE_TICK")
        view = STATE.views.get("my_scene")
        if view is not None:
            box = layout.box()
            wrapped(box, context, iface_("Saved as {name}").format(name=view.name), "CHECKMARK")
            row = box.row(align=True)
            row.operator("grail.use_my_scene", icon="FORWARD")
            row.operator("grail.open_file", text="", icon="TEXT").path = view.file


def _draw_choice(column: bpy.types.UILayout, context: bpy.types.Context, own: GrailSettings) -> None:
    column.use_property_split = True
    column.use_property_decorate = False
    length = context.scene.unit_settings.scale_length
    wrapped(column, context, iface_("One unit of this scene is {length:g} m").format(length=length), "DRIVER_DISTANCE")
    column.prop(own, "my_object", icon="MESH_DATA")
    _draw_size(column, object_size(own))
    column.prop(own, "my_character", icon="OUTLINER_OB_ARMATURE")
    _draw_size(column, person_size(own, context.scene))
    camera = context.scene.camera
    column.prop(own, "my_camera", icon="CAMERA_DATA", placeholder=camera.name if camera is not None else "")
    row = column.row(align=True)
    row.operator("grail.pick_support", icon="EYEDROPPER")
    if own.my_support_name:
        row.operator("grail.forget_support", text="", icon="X")
        wrapped(column, context, f"{own.my_support_name}, z = {own.my_support[2]:.3f} m")


def _draw_size(column: bpy.types.UILayout, size: Size | None) -> None:
    if size is None:
        return
    row = column.row()
    row.alignment = "RIGHT"
    row.alert = not size.is_plausible
    row.label(text=f"{size.metres:.2f} m", translate=False, icon="CHECKMARK" if size.is_plausible else "ERROR")


CLASSES = (GRAIL_PT_my_scene,)
