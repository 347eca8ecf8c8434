# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators, one file a stage: each checks, builds a plain request and hands it to the pipeline."""

from __future__ import annotations

import bpy

from . import connection, running, sessions, settle, stop, threads

CLASSES: tuple[type[bpy.types.Operator], ...] = (*connection.CLASSES, *stop.CLASSES, *settle.CLASSES)
"""All operators, in the order in which they are registered."""

_register_classes, _unregister_classes = bpy.utils.register_classes_factory(CLASSES)


def register() -> None:
    _register_classes()
    running.register()


def unregister() -> None:
    running.unregister()
    sessions.release_stage()
    threads.unregister()
    _unregister_classes()
