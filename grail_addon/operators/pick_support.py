# SPDX-License-Identifier: GPL-3.0-or-later
"""Picks, by a click into a viewport, what the object stands on in the user's own scene."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_rpt as rpt_
from bpy_extras.view3d_utils import region_2d_to_origin_3d, region_2d_to_vector_3d
from mathutils import Vector

from ..properties import STAGE_MARK, settings
from .my_scene_facts import person_objects
from .redraw import tag_panels
from .viewport import viewports

MIN_UPWARD = 0.9
"""Least upward part of a surface's normal that an object may stand on."""
MOST_HITS = 30
STEP = 1e-4
NAVIGATION = frozenset({"MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM", "MOUSEMOVE"})


class GRAIL_OT_pick_support(bpy.types.Operator):
    """Click in the viewport where the object shall stand, such as on a table; Esc ends"""

    bl_idname = "grail.pick_support"
    bl_label = "Pick Support"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if STAGE_MARK in context.scene:
            cls.poll_message_set("Go back to your scene first")
            return False
        if settings(context).my_object is None:
            cls.poll_message_set("Choose the object first")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        context.window.cursor_modal_set("EYEDROPPER")
        context.workspace.status_text_set(rpt_("Click where the object shall stand; Esc ends"))
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type in ("ESC", "RIGHTMOUSE"):
            self.cancel(context)
            return {"CANCELLED"}
        if event.type == "LEFTMOUSE" and event.value == "PRESS":
            if not self._pick(context, event.mouse_x, event.mouse_y):
                return {"RUNNING_MODAL"}
            self.cancel(context)
            return {"FINISHED"}
        return {"PASS_THROUGH"} if event.type in NAVIGATION else {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        context.window.cursor_modal_restore()
        context.workspace.status_text_set(None)
        tag_panels()

    def _pick(self, context: bpy.types.Context, x: int, y: int) -> bool:
        """Take what is under the mouse; False, with a reason, where nothing is or it is steep."""
        found = under_mouse(context, x, y)
        if found is None:
            self.report({"WARNING"}, rpt_("There is nothing; click on a table or on the floor"))
            return False
        place, normal, name = found
        if normal.z < MIN_UPWARD:
            self.report({"WARNING"}, rpt_("That is not level; click on a table or on the floor"))
            return False
        own = settings(context)
        own.my_support, own.my_support_name = place, name
        return True


def under_mouse(context: bpy.types.Context, x: int, y: int) -> tuple[Vector, Vector, str] | None:
    """(point, normal, object's name) of the first surface under a place of the window, object and person left out."""
    for area, region in viewports(context.window):
        if region.x <= x < region.x + region.width and region.y <= y < region.y + region.height:
            mouse, view = (x - region.x, y - region.y), area.spaces.active.region_3d
            start = region_2d_to_origin_3d(region, view, mouse)
            return _first_hit(context, start, region_2d_to_vector_3d(region, view, mouse))
    return None


def _first_hit(context: bpy.types.Context, start: Vector, direction: Vector) -> tuple[Vector, Vector, str] | None:
    own, scene = settings(context), context.scene
    ignored = {own.my_object.name, *(child.name for child in own.my_object.children_recursive)}
    if own.my_character is not None:
        ignored |= {obj.name for obj in person_objects(own.my_character, scene)}
    depsgraph = context.evaluated_depsgraph_get()
    for _ in range(MOST_HITS):
        is_hit, place, normal, _, obj, _ = scene.ray_cast(depsgraph, start, direction)
        if not is_hit:
            return None
        if obj.name not in ignored:
            return place, normal, obj.name
        start = place + STEP * direction
    return None


CLASSES = (GRAIL_OT_pick_support,)
