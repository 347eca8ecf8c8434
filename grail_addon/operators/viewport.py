# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene the window shows: the stage, or the user's own again."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import bpy

from ..properties import STAGE_MARK, home_scene

_VIEW = ("view_location", "view_rotation", "view_distance", "view_perspective")
_home_views: dict[int, tuple[object, ...]] = {}
"""Viewport (its area's address) -> how it showed the user's scene, to be put back."""


def viewports(window: bpy.types.Window) -> Iterator[tuple[bpy.types.Area, bpy.types.Region]]:
    """The 3D viewports of a window, each with its main region."""
    for area in window.screen.areas:
        if area.type == "VIEW_3D":
            yield area, next(region for region in area.regions if region.type == "WINDOW")


def show_scene(context: bpy.types.Context, scene: bpy.types.Scene, through_camera: bool = False) -> None:
    """Show a stage's scene in the window, all of it or through its camera; it remembers which scene it came from."""
    window = context.window
    if window is None:
        return
    if window.scene != scene:
        if STAGE_MARK not in window.scene:
            for area, _ in viewports(window):
                view = area.spaces.active.region_3d
                _home_views[area.as_pointer()] = tuple(_plain(getattr(view, name)) for name in _VIEW)
        scene[STAGE_MARK] = home_scene(context).name
        window.scene = scene
    for area, region in viewports(window):
        space = area.spaces.active
        if through_camera:
            space.region_3d.view_perspective = "CAMERA"
            continue
        if space.region_3d.view_perspective == "CAMERA":
            space.region_3d.view_perspective = "PERSP"
        with context.temp_override(window=window, area=area, region=region):
            bpy.ops.view3d.view_all()


def frame_object(context: bpy.types.Context, obj: bpy.types.Object, beside: Collection[bpy.types.Object] = ()) -> None:
    """Bring an object into the viewports, as View Selected does, with those `beside` it; it alone is selected then."""
    window = context.window
    if window is None:
        return
    layer = window.view_layer
    for other in layer.objects:
        other.select_set(other == obj or other in beside)
    layer.objects.active = obj
    for area, region in viewports(window):
        with context.temp_override(window=window, area=area, region=region):
            bpy.ops.view3d.view_selected()
    for other in beside:
        other.select_set(False)


def show_home(context: bpy.types.Context) -> None:
    """Show the user's own scene again."""
    window = context.window
    home = home_scene(context)
    if window is None or window.scene == home or STAGE_MARK in home:
        return
    window.scene = home
    for area, _ in viewports(window):
        for name, value in zip(_VIEW, _home_views.pop(area.as_pointer(), ()), strict=False):
            setattr(area.spaces.active.region_3d, name, value)


def _plain(value: object) -> object:
    """A copy that does not follow the view."""
    return value if isinstance(value, str | float) else value.copy()  # type: ignore[attr-defined]
