# SPDX-License-Identifier: GPL-3.0-or-later
"""Setup: which objects, what is missing and how it is mended, and the request as a pipeline file."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.app.translations import pgettext_tip as tip_

from .. import __package__ as base_package
from ..properties import settings
from . import running
from .request import NAMES, clear_override, request_inputs, results_folder
from .setup_view import SetupView, refresh
from .state import STATE

INTERNAL = {"INTERNAL"}
"""Of operators that make no sense without the button's own values: they are left out of the menu search."""


def chosen_objects(context: bpy.types.Context) -> list[str]:
    """The objects that the panel names; empty where it leaves the choice to the pipeline file."""
    return [name.strip() for name in settings(context).category.split(",") if name.strip()]


class _Choice:
    """What operators that choose one thing of a sheet have in common: its name, with which their tooltips begin."""

    name: bpy.props.StringProperty(options={"HIDDEN"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        return f"{properties.name}: {tip_(cls.__doc__ or '')}"


class GRAIL_OT_toggle_object(_Choice, bpy.types.Operator):
    """Take this object into the request, or leave it out"""

    bl_idname = "grail.toggle_object"
    bl_label = "Choose Object"
    bl_options = INTERNAL

    def execute(self, context: bpy.types.Context) -> set[str]:
        names = chosen_objects(context)
        names = [name for name in names if name != self.name] if self.name in names else [*names, self.name]
        settings(context).category = ", ".join(names)
        return {"FINISHED"}


class GRAIL_OT_choose_dataset(_Choice, bpy.types.Operator):
    """Take objects of this dataset; those that were chosen of another one are forgotten"""

    bl_idname = "grail.choose_dataset"
    bl_label = "Choose Dataset"
    bl_options = INTERNAL

    def execute(self, context: bpy.types.Context) -> set[str]:
        own = settings(context)
        if own.dataset != self.name:
            own.dataset, own.category = self.name, ""
        return {"FINISHED"}


class GRAIL_OT_all_objects(bpy.types.Operator):
    """Make frames of all objects that the pipeline file names"""

    bl_idname = "grail.all_objects"
    bl_label = "All Objects"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not settings(context).category:
            cls.poll_message_set("All objects of the pipeline file are taken already")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings(context).category = ""
        return {"FINISHED"}


class GRAIL_OT_turn_page(bpy.types.Operator):
    """Show other objects"""

    bl_idname = "grail.turn_page"
    bl_label = "Other Objects"
    bl_options = INTERNAL

    step: bpy.props.IntProperty(options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        STATE.views["setup_page"] = max(STATE.views.get("setup_page", 0) + self.step, 0)
        return {"FINISHED"}


class GRAIL_OT_reset_value(bpy.types.Operator):
    """Take the value that the pipeline file gives"""

    bl_idname = "grail.reset_value"
    bl_label = "Reset"
    bl_options = INTERNAL

    key: bpy.props.StringProperty(options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self.key in NAMES:
            setattr(settings(context), self.key, "")
        else:
            clear_override(context, self.key)
        return {"FINISHED"}


class GRAIL_OT_check_again(bpy.types.Operator):
    """Read the pipeline file and look for objects, person and scene again"""

    bl_idname = "grail.check_again"
    bl_label = "Check Again"

    def execute(self, context: bpy.types.Context) -> set[str]:
        refresh(context)
        return {"FINISHED"}


class GRAIL_OT_open_file(bpy.types.Operator):
    """Open this file in the program that your computer uses for it"""

    bl_idname = "grail.open_file"
    bl_label = "Open File"
    bl_options = INTERNAL

    path: bpy.props.StringProperty(options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        bpy.ops.wm.path_open(filepath=self.path)
        return {"FINISHED"}


class GRAIL_OT_open_preferences(bpy.types.Operator):
    """Open the preferences of this extension: your data folder, and the keys of the paid services"""

    bl_idname = "grail.open_preferences"
    bl_label = "Open Preferences"

    def execute(self, context: bpy.types.Context) -> set[str]:
        bpy.ops.preferences.addon_show(module=base_package)
        return {"FINISHED"}


class GRAIL_OT_default_results(bpy.types.Operator):
    """Write results to the folder grail_results beside your .blend, or in your own folder"""

    bl_idname = "grail.default_results"
    bl_label = "Use Default Folder"

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings(context).results_dir = ""
        self.report({"INFO"}, str(results_folder(context)))
        return {"FINISHED"}


class GRAIL_OT_allow_online(bpy.types.Operator):
    """Turn on Allow Online Access in Blender's preferences"""

    bl_idname = "grail.allow_online"
    bl_label = "Allow Online Access"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.online_access_override:
            cls.poll_message_set("Blender was started offline; start it with --online-mode")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.preferences.system.use_online_access = True
        return {"FINISHED"}


class GRAIL_OT_save_pipeline(bpy.types.Operator):
    """Save what the panels ask for as a pipeline file, which the command line runs to the very same files"""

    bl_idname = "grail.save_pipeline"
    bl_label = "Save as Pipeline File"

    filepath: bpy.props.StringProperty(name="File", description="Pipeline file to write", subtype="FILE_PATH")
    filter_glob: bpy.props.StringProperty(default="*.yaml;*.yml", options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        view: SetupView | None = STATE.views.get("setup")
        if view is not None and not view.file:
            cls.poll_message_set("Mend what is listed under Missing first")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.filepath:
            self.filepath = str(results_folder(context).with_name("pipeline.yaml"))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.ensure_ext(bpy.path.abspath(self.filepath), ".yaml"))
        if running.attempted(self, lambda: _save(context, path)) is None:
            return {"CANCELLED"}
        self.report({"INFO"}, str(path))
        return {"FINISHED"}


def _save(context: bpy.types.Context, path: Path) -> Path:
    from ..core.files import write_text

    write_text(path, request_text(context, path))
    return path


def request_text(context: bpy.types.Context, path: Path) -> str:
    """The request as a pipeline file that means the same from any folder. Raises InputError for a request that is wrong."""
    from ..core.config.report import print_config
    from ..core.paths import home_path

    inputs = request_inputs(context)
    request = inputs.load()
    fixed = {
        name: str(request.cwd / home_path(getattr(request.config, name))) for name in ("character_dir", "texture_dir")
    }
    text = print_config(inputs.load({**fixed, "results_dir": str(request.results_dir)}))
    data = (
        f' --data_dir "{inputs.data or Path(inputs.working) / "data"}"'
        if _needs_data(inputs.data, inputs.working)
        else ""
    )
    return f'# blender -b -P run_batch.py -- --config "{path}"{data}\n{text}'


def _needs_data(data: str, working: str) -> bool:
    """Whether objects may lie where the command line does not look by itself."""
    return bool(data) or (Path(working) / "data").is_dir()


CLASSES = (
    GRAIL_OT_toggle_object,
    GRAIL_OT_choose_dataset,
    GRAIL_OT_all_objects,
    GRAIL_OT_turn_page,
    GRAIL_OT_reset_value,
    GRAIL_OT_check_again,
    GRAIL_OT_open_file,
    GRAIL_OT_open_preferences,
    GRAIL_OT_default_results,
    GRAIL_OT_allow_online,
    GRAIL_OT_save_pipeline,
)
