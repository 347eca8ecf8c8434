# SPDX-License-Identifier: GPL-3.0-or-later
"""Files beside the pipeline file: the object config (a dataset, one entry per object) and scenes of their own."""

from __future__ import annotations

from .base import Name, Section, key
from .scene import ObjectEntry, SceneSettings


class ObjectsFile(Section):
    """An object config file."""

    dataset: Name | None = key(None, "Name of the dataset, the folder of its meshes.")
    objects: dict[Name, ObjectEntry] = key({}, "Object name -> entry. `canned_food_3` falls back to `canned_food`.")


class ScenesFile(Section):
    """A file with scenes, for `scene_config`."""

    scenes: dict[Name, SceneSettings] = key({}, "Scene name -> settings.")
