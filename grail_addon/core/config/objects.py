# SPDX-License-Identifier: GPL-3.0-or-later
"""The object config: a dataset and one entry per object."""

from __future__ import annotations

from .base import Name, Section, key
from .scene import SceneSettings


class ObjectEntry(SceneSettings):
    """One object: its scene, and any key of the scene as an override."""

    scene: Name | None = key(None, "Scene that the object is shown in; a name under `scenes`.")


class ObjectsFile(Section):
    """An object config file."""

    dataset: Name | None = key(None, "Name of the dataset, the folder of its meshes.")
    objects: dict[Name, ObjectEntry] = key({}, "Object name -> entry. `canned_food_3` falls back to `canned_food`.")


class ScenesFile(Section):
    """A file with scenes, for `scene_config`."""

    scenes: dict[Name, SceneSettings] = key({}, "Scene name -> settings.")
