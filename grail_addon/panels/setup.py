# SPDX-License-Identifier: GPL-3.0-or-later
"""Setup: which task, which object, which person; what is missing; and the values behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import bpy
from bpy.app.translations import pgettext_iface as iface_

from .. import __version__
from ..advanced import KEYS, AdvancedKey
from ..operators.setup import chosen_objects
from ..operators.setup_view import MissingPart, SetupView, current_view
from ..operators.spoken import spoken_problem
from ..operators.state import STATE
from ..properties import FILE, GrailSettings, settings
from .base import GrailPanel
from .text import wrapped
from .thumbnails import PAGE, Picture, gallery

COLUMNS = 2
OBJECTS_A_PAGE = 8
FIXES = {
    "FILE": ("grail.open_file", "TEXT", "path"),
    "RESET": ("grail.reset_value", "LOOP_BACK", "key"),
    "FOLDERS": ("grail.open_preferences", "PREFERENCES", ""),
    "KEYS": ("grail.open_preferences", "KEYINGSET", ""),
    "RESULTS": ("grail.default_results", "FILE_FOLDER", ""),
    "ONLINE": ("grail.allow_online", "INTERNET", ""),
}
"""Fix -> (operator, icon, property that is given the check's value)."""


class GRAIL_PT_setup(GrailPanel, bpy.types.Panel):
    bl_label = "Setup"
    bl_order = 1

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        row = self.layout.row(align=True)
        row.label(text=__version__, translate=False)
        row.operator("grail.check_again", text="", icon="FILE_REFRESH", emboss=False)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        own, view = settings(context), current_view(context)
        _draw_request(layout.column(), own, view)
        _draw_objects(layout, context, view)
        _draw_datasets(layout, view)
        if view is None:
            layout.label(text="Looking at your files ...", icon="TIME")
        else:
            _draw_checks(layout, context, view.checks)
        _draw_advanced(layout, context, own, view)
        layout.operator("grail.save_pipeline", icon="FILE_TICK")


def _draw_request(column: bpy.types.UILayout, own: GrailSettings, view: SetupView | None) -> None:
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(own, "task")
    if own.task == FILE:
        column.prop(own, "config_file")
    hints = ("", "", "") if view is None else (view.dataset, _count(view), view.character)
    for name, icon, hint in zip(("dataset", "category", "character"), ("ASSET_MANAGER", "VIEWZOOM", "USER"), hints, strict=True):  # fmt: skip
        column.prop(own, name, icon=icon, placeholder=hint)
    column.prop(own, "results_dir", placeholder="grail_results")


def _count(view: SetupView) -> str:
    return iface_("all {count}").format(count=len(view.chosen)) if len(view.chosen) > 1 else "".join(view.chosen)


def _draw_objects(layout: bpy.types.UILayout, context: bpy.types.Context, view: SetupView | None) -> None:
    header, body = layout.panel("grail_objects", default_closed=True)
    header.label(text="Choose Objects")
    if body is None or view is None:
        return
    names = view.objects
    pages = max(1, -(-len(names) // OBJECTS_A_PAGE))
    page = STATE.views.get("setup_page", 0) % pages
    shown = names[page * OBJECTS_A_PAGE : (page + 1) * OBJECTS_A_PAGE]
    meshes = {name: view.meshes[name] for name in shown if name in view.meshes}
    _draw_grid(body, "grail.toggle_object", shown, meshes, chosen_objects(context))
    row = body.row(align=True)
    if pages > 1:
        row.operator("grail.turn_page", text="", icon="TRIA_LEFT").step = -1 if page else pages - 1
    row.operator("grail.all_objects", icon="CHECKBOX_HLT")
    if pages > 1:
        row.operator("grail.turn_page", text="", icon="TRIA_RIGHT").step = 1


def _draw_datasets(layout: bpy.types.UILayout, view: SetupView | None) -> None:
    if view is None or len(view.datasets) < 2:
        return
    header, body = layout.panel("grail_datasets", default_closed=True)
    header.label(text="Choose Dataset")
    if body is not None:
        _draw_grid(body, "grail.choose_dataset", view.datasets[:PAGE], view.previews, (view.dataset,))


def _draw_grid(
    body: bpy.types.UILayout, operator: str, shown: Sequence[str], meshes: Mapping[str, Picture], chosen: Sequence[str]
) -> None:
    """A cell with picture and button for each name. operator: that is given the name."""
    pictures = gallery(operator)
    pictures.want([meshes[name] for name in shown if name in meshes])
    grid = body.grid_flow(row_major=True, columns=COLUMNS, even_columns=True, even_rows=True)
    for name in shown:
        cell = grid.column(align=True)
        icon = pictures.icon(meshes[name]) if name in meshes else 0
        cell.template_icon(icon_value=icon or _icon_value("MESH_CUBE"), scale=3.6)
        is_chosen = name in chosen
        button = cell.operator(operator, text=name.replace("_", " "), depress=is_chosen, translate=False)
        button.name = name


def _icon_value(name: str) -> int:
    """Number of one of Blender's own icons."""
    return int(bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items[name].value)


def _draw_checks(layout: bpy.types.UILayout, context: bpy.types.Context, checks: Sequence[MissingPart]) -> None:
    needed = [check for check in checks if not check.for_paid]
    if needed:
        box = layout.box()
        box.label(text="Missing", icon="ERROR")
        for check in needed:
            _draw_check(box, context, check)
    else:
        layout.label(text="Ready to make frames", icon="CHECKMARK")
    paid = [check for check in checks if check.for_paid]
    if paid:
        header, body = layout.panel("grail_paid", default_closed=True)
        header.label(text="Missing for Paid Steps")
        for check in paid if body is not None else ():
            _draw_check(body, context, check)


def _draw_check(layout: bpy.types.UILayout, context: bpy.types.Context, check: MissingPart) -> None:
    column = layout.column()
    wrapped(column, context, spoken_problem(check.problem))
    if check.fix:
        column.separator(factor=0.3)
        operator, icon, name = FIXES[check.fix]
        button = column.operator(operator, icon=icon)
        if name:
            setattr(button, name, check.value)


def _section_text(section: str) -> str:
    return {"frames": iface_("Frames"), "settling": iface_("Settling"), "check": iface_("Check")}[section]


def _draw_advanced(
    layout: bpy.types.UILayout, context: bpy.types.Context, own: GrailSettings, view: SetupView | None
) -> None:
    header, body = layout.panel("grail_advanced", default_closed=True)
    header.label(text="Advanced")
    if body is None or view is None:
        return
    section = ""
    for key in KEYS:
        if key.section != section:
            section = key.section
            body.label(text=_section_text(section), translate=False)
        _draw_value(body, own, key, view.sources.get(key.path, ""))


def _draw_value(body: bpy.types.UILayout, own: GrailSettings, key: AdvancedKey, source: str) -> None:
    is_own = own.overrides.find(key.path) >= 0
    column = body.column(align=True)
    row = column.row(align=True)
    split = row.split(factor=0.5)
    name = split.row()
    name.alignment = "RIGHT"
    name.label(text=iface_(key.options["name"]), translate=False)
    split.row().prop(own.advanced, key.name, text="")
    button = row.row(align=True)
    button.enabled = is_own
    button.operator("grail.reset_value", text="", icon="LOOP_BACK").key = key.path
    told = column.row()
    told.active = False
    told.alignment = "RIGHT"
    told.scale_y = 0.7
    if is_own:
        text = iface_("set here instead of {origin}").format(origin=source) if source else iface_("set here")
    else:
        text = source or iface_("built in")
    told.label(text=text, translate=False)


CLASSES = (GRAIL_PT_setup,)
