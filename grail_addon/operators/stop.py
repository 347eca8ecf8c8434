# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops what runs, and helps with what went wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import bpy
from bpy.app.translations import pgettext_rpt as rpt_

from ..preferences import preferences
from . import running
from .redraw import tag_panels
from .request import results_folder, working_folder
from .state import STATE


class GRAIL_OT_cancel(bpy.types.Operator):
    """Stop what is running at its next safe place. What is finished stays; what is paid for is fetched later"""

    bl_idname = "grail.cancel"
    bl_label = "Stop"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running.may_stop(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        running.cancel()
        return {"FINISHED"}


def _has_error(operator: type[bpy.types.Operator]) -> bool:
    """For `poll`."""
    if STATE.error is None:
        operator.poll_message_set("There is no error")
        return False
    return True


class GRAIL_OT_copy_details(bpy.types.Operator):
    """Copy what went wrong, with all details, to the clipboard; folders of your computer are left out"""

    bl_idname = "grail.copy_details"
    bl_label = "Copy Details"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_error(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        error = STATE.error
        text = "\n".join([*error.sentences, error.detail, *(line for _, line in STATE.log)])
        context.window_manager.clipboard = masked(text, folders_of(context))
        self.report({"INFO"}, rpt_("Copied"))
        return {"FINISHED"}


def folders_of(context: bpy.types.Context) -> dict[str, str]:
    """Folders of this computer that a text may name -> what stands in their place."""
    named = {
        str(results_folder(context)): "RESULTS", str(working_folder()): "PROJECT", tempfile.gettempdir(): "TEMP",
        str(Path(__file__).parents[1]): "EXTENSION", str(Path.home()): "~",
    }  # fmt: skip
    data = bpy.path.abspath(preferences().data_dir)
    return {**named, data.rstrip("/\\"): "DATA"} if data else named


def masked(text: str, folders: Mapping[str, str]) -> str:
    """The text without the names of these folders, the longest first; a folder that is none, such as /, stays."""
    for folder in sorted(folders, key=len, reverse=True):
        if len(Path(folder).parts) > 1:
            text = text.replace(folder, folders[folder])
    return text


class GRAIL_OT_dismiss_error(bpy.types.Operator):
    """Take this message away; nothing else changes"""

    bl_idname = "grail.dismiss_error"
    bl_label = "Dismiss"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_error(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        STATE.error = None
        tag_panels()
        return {"FINISHED"}


class GRAIL_OT_open_fault(bpy.types.Operator):
    """Open the file that is at fault in the program that your computer uses for it"""

    bl_idname = "grail.open_fault"
    bl_label = "Open File"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if STATE.error is None or not STATE.error.file:
            cls.poll_message_set("No file is named")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        bpy.ops.wm.path_open(filepath=STATE.error.file)
        return {"FINISHED"}


CLASSES = (GRAIL_OT_cancel, GRAIL_OT_copy_details, GRAIL_OT_dismiss_error, GRAIL_OT_open_fault)
