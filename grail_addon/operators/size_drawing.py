# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the measures of object and person into the viewports that show the stage, while the tab is open."""

from __future__ import annotations

from typing import Any

import blf
import bpy
from mathutils import Vector

from ..properties import STAGE_MARK, settings
from .scale_view import ScaleView, scale_view, stage_object

OBJECT_COLOUR, PERSON_COLOUR = (1.0, 0.62, 0.1, 1.0), (0.35, 0.75, 1.0, 1.0)
LINE_WIDTH = 1.6
TEXT_SIZE = 13
ASIDE = 0.42
"""Metres beside the person's middle where its height is drawn."""
TICK = 0.03
ROOM = 150
"""Pixels across that the object takes in the viewport for each side to have a text of its own."""
EDGES = ((0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7))
SIDES = {0: ((0, 4), (1, 5), (2, 6), (3, 7)), 1: ((0, 3), (1, 2), (4, 7), (5, 6)), 2: ((0, 1), (3, 2), (4, 5), (7, 6))}
"""Axis -> the edges of `Object.bound_box` along it."""

_handlers: list[Any] = []


def register() -> None:
    if bpy.app.background:
        return
    for draw, when in ((_draw_lines, "POST_VIEW"), (_draw_texts, "POST_PIXEL")):
        _handlers.append(bpy.types.SpaceView3D.draw_handler_add(draw, (), "WINDOW", when))


def unregister() -> None:
    while _handlers:
        bpy.types.SpaceView3D.draw_handler_remove(_handlers.pop(), "WINDOW")


def _shown(context: bpy.types.Context) -> tuple[ScaleView, Any] | None:
    """What is to be drawn in the viewport at hand, and the object; None for nothing."""
    view = scale_view()
    if view is None or STAGE_MARK not in context.scene or not settings(context).show_size:
        return None
    space = context.space_data
    if not space.show_region_ui or not space.overlay.show_overlays:
        return None
    sidebar = next((region for region in context.area.regions if region.type == "UI"), None)
    if sidebar is None or sidebar.active_panel_category != "GRAIL":
        return None
    obj = stage_object()
    return None if obj is None or obj.name not in context.scene.objects else (view, obj)


def _corners(obj: Any) -> list[Vector]:
    return [obj.matrix_world @ Vector(corner) for corner in obj.bound_box]


def _person_line(context: bpy.types.Context, view: ScaleView) -> tuple[Vector, Vector, Vector]:
    """Foot and crown of a line beside the person, and the direction to the right on the screen."""
    right = Vector(context.region_data.view_matrix[0][:3])
    right.z = 0.0
    right = right.normalized() if right.length > 1e-6 else Vector((1.0, 0.0, 0.0))
    foot = Vector(view.person) + ASIDE * right
    return foot, foot + Vector((0.0, 0.0, view.person_height)), right


def _draw_lines() -> None:
    import gpu
    from gpu_extras.batch import batch_for_shader

    context = bpy.context
    found = _shown(context)
    if found is None:
        return
    view, obj = found
    corners = _corners(obj)
    foot, crown, right = _person_line(context, view)
    person = [foot, crown, foot - TICK * right, foot + TICK * right, crown - TICK * right, crown + TICK * right]
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    region = context.region
    shader.bind()
    shader.uniform_float("viewportSize", (region.width, region.height))
    shader.uniform_float("lineWidth", LINE_WIDTH * _ui_scale())
    for points, colour in (([corners[k] for edge in EDGES for k in edge], OBJECT_COLOUR), (person, PERSON_COLOUR)):
        shader.uniform_float("color", colour)
        batch_for_shader(shader, "LINES", {"pos": points}).draw(shader)
    gpu.state.blend_set("NONE")


def _draw_texts() -> None:
    context = bpy.context
    found = _shown(context)
    if found is None:
        return
    view, obj = found
    corners = _corners(obj)
    right = max(corners, key=lambda corner: _across(context, corner))
    if _across(context, right) - min(_across(context, corner) for corner in corners) < ROOM * _ui_scale():
        sides = " × ".join(f"{length:.1f}" for length in view.sides_cm)
        _text(context, right, f"{sides} cm", OBJECT_COLOUR)
    else:
        _draw_sides(context, view, corners)
    _, crown, _ = _person_line(context, view)
    _text(context, crown, f"{100 * view.person_height:.0f} cm", PERSON_COLOUR)


def _draw_sides(context: bpy.types.Context, view: ScaleView, corners: list[Vector]) -> None:
    """Each length at an edge of its own."""
    eye = context.region_data.view_matrix.inverted().translation
    for axis, length in enumerate(view.sides_cm):
        # of the four edges along an axis the one nearest to the eye is in nobody's way
        first, last = min(SIDES[axis], key=lambda edge: ((corners[edge[0]] + corners[edge[1]]) / 2 - eye).length)
        _text(context, (corners[first] + corners[last]) / 2, f"{length:.1f} cm", OBJECT_COLOUR)


def _ui_scale() -> float:
    return float(bpy.context.preferences.system.ui_scale)


def _across(context: bpy.types.Context, place: Vector) -> float:
    """Pixels from the left edge of the viewport; 0 for what is behind the eye."""
    from bpy_extras.view3d_utils import location_3d_to_region_2d

    point = location_3d_to_region_2d(context.region, context.region_data, place)
    return 0.0 if point is None else float(point.x)


def _text(context: bpy.types.Context, place: Vector, text: str, colour: tuple[float, float, float, float]) -> None:
    from bpy_extras.view3d_utils import location_3d_to_region_2d

    point = location_3d_to_region_2d(context.region, context.region_data, place)
    if point is None:
        return
    scale = _ui_scale()
    blf.size(0, TEXT_SIZE * scale)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 5, 0.0, 0.0, 0.0, 0.9)
    blf.color(0, *colour)
    blf.position(0, point.x + 5 * scale, point.y + 3 * scale, 0)
    blf.draw(0, text)
    blf.disable(0, blf.SHADOW)
