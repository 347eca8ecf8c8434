# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene of our own to import into, gone afterwards with everything that nobody kept.

The user's scene, selection, mode and active object play no part: operators get the scratch scene as their context.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import bpy

from ..owned import remove_new, snapshot


class Scratch:
    """The scratch scene while it lasts; objects handed to `keep` outlive it."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self.scene = scene
        self._kept: set[int] = set()

    @property
    def view_layer(self) -> bpy.types.ViewLayer:
        return self.scene.view_layers[0]

    def override(self, **members: Any) -> AbstractContextManager[Any]:
        """Context in which the scratch scene is the open one."""
        return bpy.context.temp_override(
            scene=self.scene,
            view_layer=self.view_layer,
            collection=self.scene.collection,
            **members,
        )

    def open_in_window(self) -> None:
        """Show the scratch scene in the window, for operators that take the active object from there; ends with it."""
        for window in bpy.context.window_manager.windows[:1]:
            window.scene = self.scene

    def depsgraph(self) -> bpy.types.Depsgraph:
        """Evaluated state of the scratch scene as it stands now."""
        self.view_layer.update()
        return self.view_layer.depsgraph

    def keep(self, obj: bpy.types.Object) -> None:
        """Let an object, and all the data that it uses, stay when the scratch scene goes."""
        self._kept.add(obj.session_uid)

    def is_kept(self, block: bpy.types.ID) -> bool:
        return block.session_uid in self._kept


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A new empty scene; on the way out all datablocks that came in since and that no kept object uses are removed."""
    before = snapshot()
    windows = [(window, window.scene) for window in bpy.context.window_manager.windows]
    place = Scratch(bpy.data.scenes.new("import"))
    try:
        yield place
    finally:
        for window, scene in windows:  # the glTF importer, too, opens its scene there when it builds a skeleton
            if window.scene != scene:
                window.scene = scene
        remove_new(before, place.is_kept)
