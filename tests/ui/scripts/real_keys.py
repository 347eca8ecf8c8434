# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and clicks of the X server itself, which a render job wants for Esc: N shows and hides the sidebar."""


def steps(ui):
    space = ui.area.spaces.active
    yield from ui.redraw()
    before = space.show_region_ui
    area = ui.area
    yield from ui.real_click(area.x + area.width // 2, area.y + area.height // 2)
    yield from ui.real_key("n")
    yield from ui.wait(lambda: space.show_region_ui != before, "the sidebar")
