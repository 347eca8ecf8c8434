# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what was made outside Blender: the report in the web browser, the results folder in the file browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
from bpy.app.translations import pgettext_rpt as rpt_

from . import running
from .request import results_folder
from .threads import Work, in_thread


def _with_results(operator: bpy.types.Operator, context: bpy.types.Context, use: Callable[[Path], object]) -> set[str]:
    """Hand the results folder to `use`; reported where there is none yet. What the operator returns."""
    folder = results_folder(context)
    if not folder.is_dir():
        operator.report({"ERROR"}, rpt_("Nothing was made yet; render some variants first"))
        return {"CANCELLED"}
    use(folder)
    return {"FINISHED"}


def _open_outside(path: Path) -> None:
    """Open a file or folder with what the computer uses for it; nothing where there is no desktop."""
    if not bpy.app.background:
        bpy.ops.wm.path_open(filepath=str(path))


class GRAIL_OT_open_report(bpy.types.Operator):
    """Write the report with all pictures, verdicts and costs, and open it in the web browser"""

    bl_idname = "grail.open_report"
    bl_label = "Open Report"

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _with_results(self, context, lambda folder: in_thread(lambda: _report(folder), _report_made))


def _report(folder: Path) -> Path:
    """Build the report, in a thread. Raises UserError where that fails."""
    from ..core.errors import Problem, UserError
    from ..pipeline.reporting import make_report
    from ..steps.events import Event, Note

    said: list[str] = []

    def on_event(event: Event) -> None:
        if isinstance(event, Note):
            said.append(event.message)

    page = make_report(folder, on_event)
    if page is None:
        raise UserError(Problem(" ".join(said) or "there is no report."))
    return page


def _report_made(work: Work[Path]) -> None:
    if work.error is not None:
        running.show_error(work.error)
    elif work.value is not None:
        _open_outside(work.value)


class GRAIL_OT_open_results(bpy.types.Operator):
    """Open the folder that all files are written to"""

    bl_idname = "grail.open_results"
    bl_label = "Open Results Folder"

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _with_results(self, context, _open_outside)


CLASSES = (GRAIL_OT_open_report, GRAIL_OT_open_results)
