# SPDX-License-Identifier: GPL-3.0-or-later
"""What a .blend remembers of a request; never a key."""

from __future__ import annotations

import bpy

TASKS = (
    ("manipulation", "Manipulation", "A person uses an object that stands on a table"),
    ("pickup_table", "Pick Up From Table", "A person picks an object up from a table"),
    ("pickup_ground", "Pick Up From Ground", "A person picks an object up from the ground"),
    ("sitting", "Sitting", "A person sits down on a chair"),
    ("terrain_stairs", "Stairs", "A person climbs stairs or walks over rough ground"),
)
"""(name in pipeline files, label, tooltip) of the five tasks."""


class GrailSettings(bpy.types.PropertyGroup):
    """The request that the panels edit."""

    task: bpy.props.EnumProperty(name="Task", description="What the person does with the object", items=TASKS)


CLASSES = (GrailSettings,)

_register_classes, _unregister_classes = bpy.utils.register_classes_factory(CLASSES)


def register() -> None:
    _register_classes()
    bpy.types.Scene.grail = bpy.props.PointerProperty(type=GrailSettings)


def unregister() -> None:
    del bpy.types.Scene.grail
    _unregister_classes()
