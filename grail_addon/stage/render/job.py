# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders with Blender's own render job, which leaves the window alive: the window driver's renderer.

Blender reports a job that the user's F12, an undo or the opening of a file has ended as complete, and writes the
half-sampled picture. So what happens meanwhile is noted by handlers, and such a picture is thrown away and made again.
Handlers run in threads of the job: they set plain values and touch nothing of Blender.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
from bpy.app.handlers import persistent

from ...core.errors import UserError
from ...steps.blender_calls import blender_call
from ...steps.effects import Render
from ...steps.port import StageLost
from ..owned import BlockRef

MOST_TRIES = 5
STOPPER = "GRAIL stop"
"""Scene of the tiny render that ends ours: Blender has no other way to end a job from code."""


class StopEngine(bpy.types.RenderEngine):
    """Renders nothing, so that the render that ends ours is over at once; Blender knows it only meanwhile."""

    bl_idname = "GRAIL_STOP"
    bl_label = "GRAIL Stop"

    def render(self, depsgraph: bpy.types.Depsgraph) -> None:
        """The picture stays black."""


def is_rendering() -> bool:
    """Whether a render job runs in this Blender, ours or the user's."""
    return bool(bpy.app.is_job_running("RENDER"))


class RenderJob:
    """Implements `drivers.window.Renderer`. `close` takes its handlers out of Blender."""

    def __init__(self) -> None:
        self._effect: Render | None = None
        self._is_started = self._is_spoiled = self._is_cancelled = False
        self._tries = 0
        self._path_before = ""
        self._stopper: BlockRef | None = None
        self._handlers: list[tuple[list[Any], Callable[..., None]]] = []
        names = ("undo_pre", "redo_pre", "load_pre")
        self._listen("render_init", self._on_init)
        for name in names:
            self._listen(name, self._on_disturbed)

    def _listen(self, name: str, react: Callable[..., None]) -> None:
        @persistent  # type: ignore[untyped-decorator]
        def handler(*arguments: Any) -> None:
            react(*arguments)

        found = getattr(bpy.app.handlers, name)
        found.append(handler)
        self._handlers.append((found, handler))

    def close(self) -> None:
        """Take the handlers out. Call it when no render of ours runs."""
        for found, handler in self._handlers:
            if handler in found:
                found.remove(handler)
        self._handlers.clear()

    def _on_init(self, scene: Any = None, *_: Any) -> None:
        # reads a name only: the handler runs in a thread of the job
        if self._is_started and self._effect is not None and scene is not None and scene.name != self._effect.scene:
            self._is_spoiled = True

    def _on_disturbed(self, *_: Any) -> None:
        self._is_spoiled = True

    # ---------------------------------------------------------------- as the driver asks

    def begin(self, effect: Render) -> None:
        """Start the render, at once or as soon as the job that runs has ended."""
        self._effect, self._tries, self._is_cancelled = effect, 0, False
        self._is_started = False
        if not is_rendering():
            self._start(effect)

    def poll(self) -> bool:
        """Whether the render has ended with its whole picture, or was cancelled. Raises UserError where none came."""
        effect = self._effect
        if effect is None:
            return True
        if is_rendering():
            return False
        self._remove_stopper()
        if self._is_cancelled:
            self._end(effect)
            effect.path.unlink(missing_ok=True)
            return True
        if not self._is_started:
            self._start(effect)
            return False
        self._end(effect)
        if self._is_spoiled:
            effect.path.unlink(missing_ok=True)
            if effect.scene not in bpy.data.scenes:
                raise StageLost
            if self._tries >= MOST_TRIES:
                raise UserError(
                    f"The render was ended {self._tries} times by something else in this Blender.",
                    "Do not render or undo meanwhile, or choose Background Blender in the preferences.",
                )
            self._start(effect)
            return False
        if not effect.path.is_file():
            raise UserError("Cycles gave no picture.", "See Blender's console for its own message.")
        self._effect = None
        return True

    def cancel(self) -> None:
        """End the render: `poll` says when it has ended."""
        self._is_cancelled = True
        if self._is_started and is_rendering():
            self._stop()

    # ---------------------------------------------------------------- Blender's side

    def _start(self, effect: Render) -> None:
        scene = bpy.data.scenes.get(effect.scene)
        if scene is None:
            raise StageLost
        effect.path.unlink(missing_ok=True)
        self._path_before, scene.render.filepath = scene.render.filepath, str(effect.path)
        self._is_spoiled, self._is_started = False, True
        self._tries += 1
        if "RUNNING_MODAL" not in _invoke(effect.scene, write_still=True):
            raise UserError("Blender did not start the render.", "Try again once it is not busy.")

    def _end(self, effect: Render) -> None:
        scene = bpy.data.scenes.get(effect.scene)
        if self._is_started and scene is not None:
            scene.render.filepath = self._path_before
        self._is_started = False

    def _stop(self) -> None:
        scene = bpy.data.scenes.new(STOPPER)
        self._stopper = BlockRef.of(scene)
        camera = bpy.data.objects.new(STOPPER, bpy.data.cameras.new(STOPPER))
        scene.collection.objects.link(camera)
        scene.camera = camera
        bpy.utils.register_class(StopEngine)
        scene.render.engine = StopEngine.bl_idname
        scene.render.resolution_x = scene.render.resolution_y = 4
        _invoke(scene.name, write_still=False)

    def _remove_stopper(self) -> None:
        stopper, self._stopper = self._stopper, None
        scene = stopper.find() if stopper is not None else None
        if scene is not None:
            camera = scene.camera
            data = camera.data
            bpy.data.scenes.remove(scene)
            bpy.data.objects.remove(camera)
            bpy.data.cameras.remove(data)
        if stopper is not None:
            bpy.utils.unregister_class(StopEngine)


def _invoke(scene: str, write_still: bool) -> set[str]:
    """Start a render job without a window of its own; the user's preference for that is put back at once."""
    preferences = bpy.context.preferences
    shown, was_dirty = preferences.view.render_display_type, preferences.is_dirty
    preferences.view.render_display_type = "NONE"
    try:
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
            with blender_call("render.render"):
                result: set[str] = bpy.ops.render.render("INVOKE_DEFAULT", scene=scene, write_still=write_still)
            return result
    except RuntimeError as error:
        raise UserError(f"Cycles could not render: {error}".strip()) from error
    finally:
        preferences.view.render_display_type, preferences.is_dirty = shown, was_dirty
