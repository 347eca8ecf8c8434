# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene the window shows: the stage, or the user's own again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import bpy

from ..properties import STAGE_MARK, home_scene

if TYPE_CHECKING:
    from ..steps.effects import Steps

_VIEW = ("view_location", "view_rotation", "view_distance", "view_perspective")
_home_views: dict[int, tuple[object, ...]] = {}
"""Viewport (its area's address) -> how it showed the user's scene, to be put back."""


def viewports(window: bpy.types.Window) -> Iterator[tuple[bpy.types.Area, bpy.types.Region]]:
    """The 3D viewports of a window, each with its main region."""
    for area in window.screen.areas:
        if area.type == "VIEW_3D":
            yield area, next(region for region in area.regions if region.type == "WINDOW")


def show_scene(
    context: bpy.types.Context, scene: Callable[[], bpy.types.Scene], through_camera: bool = False
) -> Steps[None]:
    """Show a stage's scene in the window, all of it or through its camera; it remembers which scene it came from. scene: is
    asked in each tick."""
    from ..steps.blender_calls import blender_call
    from ..steps.effects import Pause

    yield Pause("show")
    window = context.window
    if window is None:
        return
    if window.scene != scene():
        if STAGE_MARK not in window.scene:
            for area, _ in viewports(window):
                view = area.spaces.active.region_3d
                _home_views[area.as_pointer()] = tuple(_plain(getattr(view, name)) for name in _VIEW)
        scene()[STAGE_MARK] = home_scene(context).name
        with blender_call("Window.scene"):
            window.scene = scene()

    def shown(area: bpy.types.Area) -> None:
        view = area.spaces.active.region_3d
        if through_camera:
            view.view_perspective = "CAMERA"
            return
        if view.view_perspective == "CAMERA":
            view.view_perspective = "PERSP"
        with blender_call("view3d.view_all"):
            bpy.ops.view3d.view_all()

    yield from _in_viewports(context, shown)


def frame_object(context: bpy.types.Context, found: Callable[[], Sequence[bpy.types.Object]]) -> Steps[None]:
    """Bring objects into the viewports, as View Selected does; the first alone is selected then. found: is asked in each
    tick."""
    from ..steps.blender_calls import blender_call
    from ..steps.effects import Pause

    yield Pause("show")
    window = context.window
    if window is None:
        return
    wanted, layer = found(), window.view_layer
    for other in layer.objects:
        other.select_set(other in wanted)
    layer.objects.active = wanted[0]

    def framed(_: bpy.types.Area) -> None:
        with blender_call("view3d.view_selected"):
            bpy.ops.view3d.view_selected()

    yield from _in_viewports(context, framed)
    for other in found()[1:]:
        other.select_set(False)


def _in_viewports(context: bpy.types.Context, do: Callable[[bpy.types.Area], None]) -> Steps[None]:
    """Call `do` in each 3D viewport of the window, for each in a tick of its own."""
    from ..steps.effects import Pause

    for number in range(len(list(viewports(context.window)))):
        yield Pause("show")
        window = context.window
        for area, region in list(viewports(window))[number : number + 1]:
            with context.temp_override(window=window, area=area, region=region):
                do(area)


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


def push_undo(message: str) -> None:
    """Let the user undo what was shown up to now; a step takes as long as the scene is large."""
    from ..steps.blender_calls import blender_call

    with blender_call("ed.undo_push"):
        bpy.ops.ed.undo_push(message=message)


def _plain(value: object) -> object:
    """A copy that does not follow the view."""
    return value if isinstance(value, str | float) else value.copy()  # type: ignore[attr-defined]
