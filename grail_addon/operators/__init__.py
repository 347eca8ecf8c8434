# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators, one file a stage: each checks, builds a plain request and hands it to the pipeline."""

from __future__ import annotations

import bpy

from . import (
    connection,
    gallery,
    my_scene,
    open_results,
    pick_support,
    pose,
    render_steps,
    run_all,
    running,
    scale,
    sessions,
    settle,
    setup,
    size_drawing,
    stop,
    threads,
    variants,
    video,
    video_queue,
    viewer,
)

CLASSES: tuple[type[bpy.types.Operator], ...] = (
    *connection.CLASSES,
    *stop.CLASSES,
    *gallery.CLASSES,
    *variants.CLASSES,
    *viewer.CLASSES,
    *setup.CLASSES,
    *settle.CLASSES,
    *pose.CLASSES,
    *video.CLASSES,
    *run_all.CLASSES,
    *open_results.CLASSES,
    *scale.CLASSES,
    *my_scene.CLASSES,
    *pick_support.CLASSES,
)
"""All operators, in the order in which they are registered."""

_register_classes, _unregister_classes = bpy.utils.register_classes_factory(CLASSES)


def register() -> None:
    _register_classes()
    running.register()
    size_drawing.register()


def unregister() -> None:
    size_drawing.unregister()
    running.unregister()
    render_steps.close_worker()
    run_all.unregister()
    viewer.unregister()
    gallery.unregister()
    video_queue.unregister()
    sessions.release_stage()
    threads.unregister()
    _unregister_classes()
