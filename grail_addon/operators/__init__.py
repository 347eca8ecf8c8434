# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators, one file a stage: each checks, builds a plain request and hands it to the pipeline."""

from __future__ import annotations

import bpy

from . import connection, threads

CLASSES: tuple[type[bpy.types.Operator], ...] = (*connection.CLASSES,)
"""All operators, in the order in which they are registered."""

register, _unregister_classes = bpy.utils.register_classes_factory(CLASSES)


def unregister() -> None:
    threads.unregister()
    _unregister_classes()
