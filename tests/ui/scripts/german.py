# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in German."""

import bpy
from small_request import part


def steps(ui):
    view = bpy.context.preferences.view
    view.language = next(name for name in bpy.app.translations.locales if name in ("de_DE", "de"))
    view.use_translate_interface = True
    ui.record(setup=bpy.app.translations.pgettext_iface("Setup"))
    said, problem = part("operators.spoken"), part("core.errors").Problem
    wrong = problem("should be true or false, not 3.", key_path="rendering.denoise", file="/x/mine.yaml", line=4)
    ui.record(settled=said.spoken("It fell off table."), wrong=said.spoken_problem(wrong))
    yield from ui.open_tab("GRAIL")
    yield from ui.shot_sidebar("german")
