# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's preferences are drawn; keys are shown as dots and reach the services' environment."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def steps(ui):
    own = bpy.context.preferences.addons[EXTENSION].preferences
    module = importlib.import_module(f"{EXTENSION}.preferences")
    before = module.key_environment().get("OPENAI_API_KEY")
    own.key_source, own.openai_api_key = "PREFERENCES", "sk-not-a-real-one"
    ui.record(before=before, after=module.key_environment()["OPENAI_API_KEY"])
    ui.record(hidden=own.bl_rna.properties["openai_api_key"].subtype)
    bpy.context.window_manager.addon_search = "GRAIL"
    area = ui.area
    area.type = "PREFERENCES"
    yield 0.5
    bpy.context.preferences.active_section = "ADDONS"
    with bpy.context.temp_override(window=ui.window, area=area):
        bpy.ops.preferences.addon_expand(module=EXTENSION)
    yield 0.5
    yield from ui.shot("preferences")
