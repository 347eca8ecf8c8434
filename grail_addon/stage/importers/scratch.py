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
from ..owned import BlockRef, OwnedData
from .textures import image_nodes, library_file


class Scratch:
    """The scratch scene while it lasts; objects handed to `keep` outlive it. made: owns them then.

    What comes in, comes in within `at_work`. Between two of those its user may pause, and holds no block by reference.
    """

    def __init__(self, made: OwnedData) -> None:
        self._made, self._owned = made, OwnedData()
        self._kept: set[int] = set()
        self._not_ours: frozenset[int] = frozenset()
        with self.at_work():
            self._scene = BlockRef.of(bpy.data.scenes.new("import"))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What appears in the file meanwhile was brought in here. Only for code that does not pause."""
        windows = [(window, window.scene) for window in bpy.context.window_manager.windows]
        try:
            with self._owned.recording() as before:
                self._not_ours = before - self._owned.uids
                yield
        finally:
            for window, scene in windows:  # the glTF importer, too, opens its scene there when it builds a skeleton
                if window.scene != scene:
                    window.scene = scene

    @property
    def scene(self) -> bpy.types.Scene:
        """The scene itself; never keep it across ticks. Raises StageLost if it was removed."""
        return self._scene.block

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
        """Show the scratch scene in the window, for operators that take the active object from there; ends with the
        work at hand."""
        for window in bpy.context.window_manager.windows[:1]:
            window.scene = self.scene

    def depsgraph(self) -> bpy.types.Depsgraph:
        """Evaluated state of the scratch scene as it stands now."""
        with blender_call("ViewLayer.update"):
            self.view_layer.update()
        return self.view_layer.depsgraph

    def brought(self, kind: str) -> list[Any]:
        """Data blocks of one collection of `bpy.data` that were brought in by work that has ended."""
        return self._owned.of_kind(kind)

    def libraries(self) -> list[Path]:
        """Files that what was brought in is linked from."""
        return [library_file(library) for library in self.brought("libraries")]

    def keep(self, obj: bpy.types.Object) -> None:
        """Let an object, and all the data that it uses, stay when the scratch scene goes. For within `at_work`.

        Importers take an image that is open already for one of the same file; the object gets its own.
        """
        self._kept.add(obj.session_uid)
        for node in image_nodes(obj):
            if node.image.session_uid in self._not_ours:
                node.image = node.image.copy()
                node.image.reload()

    def end(self) -> None:
        """Remove the scene and all that came in and that no kept object uses; the rest is owned on."""
        self._owned.leave(self._kept, self._made)


@contextmanager
def scratch(made: OwnedData) -> Iterator[Scratch]:
    """A new empty scene, see `Scratch`, and on the way out its end."""
    place = Scratch(made)
    try:
        yield place
    finally:
        place.end()
