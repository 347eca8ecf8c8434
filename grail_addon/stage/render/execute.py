# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out a `Render` effect: at once, for the blocking driver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from ...core.errors import UserError
from ...steps.blender_calls import blender_call
from ...steps.effects import Render


@contextmanager
def output_path(scene: bpy.types.Scene, path: Path) -> Iterator[None]:
    """Let renders of the scene be written to `path` for a while."""
    before = scene.render.filepath
    scene.render.filepath = str(path)
    try:
        yield
    finally:
        scene.render.filepath = before


class RenderHere:
    """Renders for the window driver that hold the window while they last: for small ones, where the frames themselves are
    rendered in another Blender. Blender's render job is not used, which not every graphics driver takes well."""

    def __init__(self) -> None:
        self._effect: Render | None = None

    def begin(self, effect: Render) -> None:
        """Remember the render; `poll` does it once no job of the user's runs, as both at once end Blender."""
        self._effect = effect

    def poll(self) -> bool:
        """Render where that can be done now. Raises UserError where no picture came out."""
        if self._effect is None:
            return True
        if bpy.app.is_job_running("RENDER"):
            return False
        effect, self._effect = self._effect, None
        render_now(effect)
        return True

    def cancel(self) -> None:
        """Forget a render that has not begun."""
        self._effect = None

    def close(self) -> None:
        """Nothing is held."""


def render_now(effect: Render) -> None:
    """Render and wait for the picture. Raises UserError where none came out."""
    effect.path.unlink(missing_ok=True)
    with output_path(bpy.data.scenes[effect.scene], effect.path):
        try:
            with blender_call("render.render"):
                result = bpy.ops.render.render(scene=effect.scene, write_still=True)
        except RuntimeError as error:
            raise UserError(f"Cycles could not render: {error}".strip()) from error
    if "FINISHED" not in result or not effect.path.is_file():
        raise UserError(f"Cycles gave no picture ({', '.join(result)}).", "See the log above for its own message.")
