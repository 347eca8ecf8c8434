# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels that wrap: Blender cuts a label that is too long for the sidebar."""

from __future__ import annotations

import textwrap

import bpy

LETTER = 7.2
"""Pixels that a letter of the interface font takes on average at a UI scale of 1, with some to spare."""
EDGES = 58
"""Pixels beside the text: margins of the sidebar, of a box, and its scroll bar."""
ICON = 22


def n_(text: str) -> str:
    """Marks a text that is drawn from a table, so that its German one is asked for; returns it as it is."""
    return text


def letters(context: bpy.types.Context, has_icon: bool = False) -> int:
    """How many letters fit into a line of the sidebar."""
    scale = context.preferences.system.ui_scale
    width = context.region.width / scale - EDGES - (ICON if has_icon else 0)
    return max(int(width / LETTER), 12)


def wrapped(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "NONE") -> None:
    """Draw a text in as many lines as it needs; the icon stands before the first. The text is shown as it is."""
    has_icon = icon != "NONE"
    column = layout.column(align=True)
    column.scale_y = 0.85
    for number, line in enumerate(textwrap.wrap(text, letters(context, has_icon)) or [""]):
        blank = "BLANK1" if has_icon else "NONE"
        column.label(text=line, icon=icon if number == 0 else blank, translate=False)
