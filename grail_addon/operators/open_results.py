# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what was made outside Blender: the report in the web browser, the results folder in the file browser."""

from __future__ import annotations

from pathlib import Path

import bpy

from . import running
from .request import results_folder
from .threads import Work, in_thread


def _made(operator: bpy.types.Operator, context: bpy.types.Context) -> Path | None:
    """The results folder; None, which the operator reports, where there is none yet."""
    folder = results_folder(context)
    if folder.is_dir():
        return folder
    operator.report({"ERROR"}, bpy.app.translations.pgettext_rpt("Nothing was made yet; render some variants first"))
    return None


class GRAIL_OT_open_report(bpy.types.Operator):
    """Write the report with all pictures, verdicts and costs, and open it in the web browser"""

    bl_idname = "grail.open_report"
    bl_label = "Open Report"

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = _made(self, context)
        if folder is None:
            return {"CANCELLED"}
        in_thread(lambda: _report(folder), _open)
        return {"FINISHED"}


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


def _open(work: Work[Path]) -> None:
    if work.error is not None:
        running.show_error(work.error)
    elif work.value is not None and not bpy.app.background:
        bpy.ops.wm.path_open(filepath=str(work.value))


class GRAIL_OT_open_results(bpy.types.Operator):
    """Open the folder that all files are written to"""

    bl_idname = "grail.open_results"
    bl_label = "Open Results Folder"

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = _made(self, context)
        if folder is None:
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(folder))
        return {"FINISHED"}


CLASSES = (GRAIL_OT_open_report, GRAIL_OT_open_results)
