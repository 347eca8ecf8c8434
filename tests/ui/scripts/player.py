# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip plays by itself in a window of its own, while the scene's frame stays.

Argument: the clip.
"""

import bpy


def player(ui):
    window = bpy.context.window_manager.windows[1]
    return window.screen.areas[0].spaces.active


def steps(ui):
    scene = bpy.context.scene
    scene.frame_set(7)
    images = len(bpy.data.images)
    with ui.override():
        bpy.ops.grail.play_clip(file=ui.arguments[0])
    yield from ui.wait(lambda: len(bpy.context.window_manager.windows) == 2, "the player")
    yield 1.0
    seen = {player(ui).image_user.frame_current}
    for number in range(12):
        yield 0.21
        seen.add(player(ui).image_user.frame_current)
        if number in (3, 7):
            yield from ui.shot(f"player_{number}")
    ui.record(seen=sorted(seen), scene_frame=scene.frame_current, films=len(bpy.data.images) - images)
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[1]):
        bpy.ops.wm.window_close()
    yield from ui.wait(lambda: len(bpy.data.images) == images, "that the film goes with its window")
    ui.record(clips=len(bpy.data.movieclips))
