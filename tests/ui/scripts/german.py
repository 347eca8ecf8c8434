# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in German."""

import bpy


def steps(ui):
    view = bpy.context.preferences.view
    view.language = next(name for name in bpy.app.translations.locales if name in ("de_DE", "de"))
    view.use_translate_interface = True
    ui.record(setup=bpy.app.translations.pgettext_iface("Setup"))
    yield from ui.open_tab("GRAIL")
    yield from ui.shot_sidebar("german")
