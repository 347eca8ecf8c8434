# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene of our own to import into, gone afterwards with everything that nobody kept.

The user's scene, selection, mode and active object play no part: operators get the scratch scene as their context.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import bpy

from ...steps.blender_calls import blender_call
from ..owned import OwnedData
from .textures import image_nodes, library_file


class Scratch:
    """The scratch scene while it lasts; objects handed to `keep` outlive it.

    before: session uids of all that was there before it; kept: takes those of the objects handed to `keep`.
    """

    def __init__(self, scene: bpy.types.Scene, before: frozenset[int], kept: set[int]) -> None:
        self.scene = scene
        self._before, self._kept = before, kept

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
        with blender_call("ViewLayer.update"):
            self.view_layer.update()
        return self.view_layer.depsgraph

    def libraries(self) -> list[Path]:
        """Files that what was brought in is linked from."""
        return [library_file(lib) for lib in bpy.data.libraries if lib.session_uid not in self._before]

    def keep(self, obj: bpy.types.Object) -> None:
        """Let an object, and all the data that it uses, stay when the scratch scene goes.

        Importers take an image that is open already for one of the same file; the object gets its own.
        """
        self._kept.add(obj.session_uid)
        for node in image_nodes(obj):
            if node.image.session_uid in self._before:
                node.image = node.image.copy()
                node.image.reload()


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A new empty scene; on the way out all that came in since and that no kept object uses is removed. Only for code
    that does not pause."""
    owned, kept = OwnedData(), set[int]()
    windows = [(window, window.scene) for window in bpy.context.window_manager.windows]
    try:
        with owned.recording() as before:
            yield Scratch(bpy.data.scenes.new("import"), before, kept)
    finally:
        for window, scene in windows:  # the glTF importer, too, opens its scene there when it builds a skeleton
            if window.scene != scene:
                window.scene = scene
        owned.remove(kept)
