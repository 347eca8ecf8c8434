# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels that wrap: Blender cuts a label that is too long for the sidebar."""

from __future__ import annotations

import re
from collections.abc import Callable

import blf
import bpy

EDGES = 76
"""Pixels beside the text at a UI scale of 1: tabs and margins of the sidebar, of a box and of the label itself."""
ICON = 22
_PIECES = re.compile(r"[^-_/\\.]*[-_/\\.]|[^-_/\\.]+")
"""A long word up to a sign that it may be broken behind."""
_UNIT = re.compile(r"(\d)\s(?=(?:cm|mm|m|s|min|h|%|USD|MB)\b|%)")
"""The gap between a number and its unit, which stay on one line."""
FONT = 0
"""blf's number of the interface font."""


def n_(text: str) -> str:
    """Marks a text that is drawn from a table, so that its German one is asked for; returns it as it is."""
    return text


def lines_of(text: str, width: float, points: float) -> list[str]:
    """The text in lines of at most `width` pixels in the interface font of `points` pixels. A longer word, such as a path, is
    broken behind its signs, or anywhere."""
    blf.size(FONT, points)

    def fits(line: str) -> bool:
        return bool(blf.dimensions(FONT, line)[0] <= width)

    lines = [""]
    for word in _UNIT.sub("\\1\N{NO-BREAK SPACE}", " ".join(text.split())).split(" "):
        gap = " " if lines[-1] else ""
        pieces = [word] if fits(word) else _PIECES.findall(word)
        for piece in pieces:
            if fits(lines[-1] + gap + piece):
                lines[-1] += gap + piece
            elif fits(piece):
                lines.append(piece)
            else:
                lines += _broken(piece, fits)
            gap = ""
    return lines if lines[0] or len(lines) == 1 else lines[1:]


def _broken(word: str, fits: Callable[[str], bool]) -> list[str]:
    lines = [""]
    for letter in word:
        if lines[-1] and not fits(lines[-1] + letter):
            lines.append("")
        lines[-1] += letter
    return lines


def wrapped(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "NONE") -> None:
    """Draw a text in as many lines as it needs; the icon stands before the first. The text is shown as it is."""
    has_icon = icon != "NONE"
    scale = context.preferences.system.ui_scale
    width = context.region.width - scale * (EDGES + (ICON if has_icon else 0))
    points = context.preferences.ui_styles[0].widget.points * scale
    column = layout.column(align=True)
    column.scale_y = 0.85
    for number, line in enumerate(lines_of(text, width, points)):
        blank = "BLANK1" if has_icon else "NONE"
        column.label(text=line, icon=icon if number == 0 else blank, translate=False)
