# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels of the tab "GRAIL" in the 3D viewport's sidebar, one file a panel; they draw from data that is at hand."""

from __future__ import annotations

import bpy

from . import my_scene, progress, run_all, scale, settle, setup, thumbnails, variants, video

CLASSES: tuple[type[bpy.types.Panel], ...] = (
    *progress.CLASSES,
    *setup.CLASSES,
    *settle.CLASSES,
    *scale.CLASSES,
    *variants.CLASSES,
    *video.CLASSES,
    *run_all.CLASSES,
    *my_scene.CLASSES,
)
"""All panels, parents before their sub-panels."""

register, _unregister_classes = bpy.utils.register_classes_factory(CLASSES)


def unregister() -> None:
    variants.unregister()
    thumbnails.unregister()
    _unregister_classes()
