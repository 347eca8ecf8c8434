# SPDX-License-Identifier: GPL-3.0-or-later
"""Test Connection in the preferences, clicked; its answers are shown. Argument: address of the sandbox, or `offline`."""

import importlib

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def steps(ui):
    address = ui.arguments[0]
    if address == "offline":
        try:
            bpy.ops.grail.test_connection()
        except RuntimeError as error:
            ui.record(refusal=str(error))
        return
    own = bpy.context.preferences.addons[EXTENSION].preferences
    own.key_source, own.kling_host = "PREFERENCES", address
    own.kling_api_key, own.openai_api_key, own.openai_base_url = "sandbox-key", "not-the-key", f"{address}/v1"
    test = importlib.import_module(f"{EXTENSION}.operators.connection").TEST
    bpy.context.window_manager.addon_search = "GRAIL"
    area = ui.area
    area.type = "PREFERENCES"
    yield 0.3
    bpy.context.preferences.active_section = "ADDONS"
    with bpy.context.temp_override(window=ui.window, area=area):
        bpy.ops.preferences.addon_expand(module=EXTENSION)
    yield 0.5
    window = next(region for region in area.regions if region.type == "WINDOW")
    yield from ui.click("grail.test_connection", region=window)
    yield from ui.wait(lambda: test.results, "the answers")
    ui.record(results=[[found.service, found.ok, found.says] for found in test.results])
    yield from ui.shot("connection")
