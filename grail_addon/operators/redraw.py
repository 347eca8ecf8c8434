# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the sidebars drawn again, and says in the status bar how far a run is."""

from __future__ import annotations

import time

import bpy
from bpy.app.translations import pgettext_iface as iface_

from .state import STATE, Progress

OPERATOR = "Operator"
"""Context that Blender translates the names of operators in, which are also those of runs."""


def tag_panels() -> None:
    """Draw the sidebars of all 3D viewports of all windows again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def files_changed() -> None:
    """Something was written into a results folder outside a run: views of it are read anew."""
    STATE.changes += 1
    tag_panels()


def show_in_status_bar(progress: Progress | None) -> None:
    """Put a line into the status bar while something runs, and give it back afterwards."""
    text = progress_text(progress) if progress is not None and progress.is_running else None
    for window in bpy.context.window_manager.windows:
        window.workspace.status_text_set(text)


def progress_text(progress: Progress) -> str:
    """One line: what, how far, how long still."""
    parts = [f"GRAIL: {iface_(progress.title, OPERATOR)}"]
    if progress.total:
        parts.append(f"{progress.done + progress.failed} / {progress.total}")
    left = progress.seconds_left(time.monotonic())
    if left is not None:
        parts.append(time_left(left))
    if progress.is_stopping:
        parts.append(iface_("Stopping ...", OPERATOR))
    return ", ".join(parts)


def time_left(seconds: float) -> str:
    """How long it still takes, in words."""
    return iface_("{time} left").format(time=duration(seconds))


def duration(seconds: float) -> str:
    """`42 s`, `3:07 min`, `2:05 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
