# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the sidebars drawn again, and says in the status bar how far a run is."""

from __future__ import annotations

import time

import bpy

from .state import STATE, Progress


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
    parts = [f"GRAIL: {progress.title}"]
    if progress.total:
        parts.append(f"{progress.done + progress.failed} of {progress.total}")
    left = progress.seconds_left(time.monotonic())
    if left is not None:
        parts.append(f"{duration(left)} left")
    if progress.is_stopping:
        parts.append("stopping")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """`42 s`, `3:07 min`, `2:05 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
