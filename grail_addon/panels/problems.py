# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong, in red."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..core.errors import Problem
from ..operators.spoken import spoken_problem
from .text import wrapped

MOST = 4


def draw_problems(layout: bpy.types.UILayout, context: bpy.types.Context, problems: Sequence[Problem]) -> None:
    """Draw the first few problems, one below the other, and how many more there are."""
    if not problems:
        return
    column = layout.column()
    column.alert = True
    for problem in problems[:MOST]:
        wrapped(column, context, spoken_problem(problem), "ERROR")
    if len(problems) > MOST:
        column.label(text=iface_("and {count} more").format(count=len(problems) - MOST), translate=False)
