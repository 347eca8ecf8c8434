# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab is there, its panel is drawn, and choosing a task by clicks changes the scene's settings."""

import sys

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def steps(ui):
    ui.record(
        enabled=EXTENSION in bpy.context.preferences.addons,
        checkout_visible="grail_addon" in sys.modules,
        python=sys.version_info[:2],
        blender=bpy.app.version_string,
    )
    yield from ui.open_tab("GRAIL")
    ui.record(tab=ui.sidebar.active_panel_category)
    yield from ui.shot_sidebar("setup")
    yield from ui.click(".task")
    yield from ui.shot("setup_tasks")
    yield from ui.press("S")  # the underlined letter of "Sitting"
    yield from ui.wait(lambda: bpy.context.scene.grail.task != "manipulation", "another task")
    ui.record(task=bpy.context.scene.grail.task)
    yield from ui.shot_sidebar("setup_after")
