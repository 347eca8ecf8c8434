# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene of a room's .blend file: the one that was open when it was saved, or else the first with anything to see."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...core.errors import Problem, UserError
from ...steps.blender_calls import blender_call
from .contents import SURFACES


@dataclass(frozen=True)
class AppendedScene:
    """A scene from a file. names: session uid -> name in the file, of its objects: a name that is taken here gets a
    number; notes: for the user."""

    scene: bpy.types.Scene
    names: dict[int, str]
    notes: tuple[str, ...] = ()


def append_scene(path: Path, scenes: Sequence[str], opened: str) -> AppendedScene:
    """Append the scene of a .blend file with all it uses. scenes: those of `scenes_in`; opened: of `open_scene`."""
    if not scenes:
        raise UserError(Problem("this file holds no scene.", file=str(path)))
    if len(scenes) == 1:
        return _append(path, scenes[0])
    order = sorted(scenes, key=lambda name: (name != opened, name))
    for name in order:
        found = _append(path, name)
        if _has_something(found.scene):
            break
        bpy.data.scenes.remove(found.scene)
    else:
        name, found = order[0], _append(path, order[0])
    why = "which was open when it was saved" if name == opened else "the first by name with anything to see"
    listed = ", ".join(sorted(scenes)[:6]) + (f" and {len(scenes) - 6} more" if len(scenes) > 6 else "")
    note = f"{path.name}: of its {len(scenes)} scenes ({listed}) {name} is shown, {why}."
    return AppendedScene(found.scene, found.names, (note,))


def scenes_in(path: Path) -> list[str]:
    """Names of the scenes of a .blend file."""
    with _told(path), blender_call("libraries.load"), bpy.data.libraries.load(str(path), link=False) as (source, _):
        return list(source.scenes)


def _append(path: Path, name: str) -> AppendedScene:
    with (
        _told(path),
        blender_call("libraries.load"),
        bpy.data.libraries.load(str(path), link=False) as (source, target),
    ):
        target.scenes = [name]
        names = list(source.objects)
        target.objects = list(names)  # Blender puts the objects into this very list
    found = zip(target.objects, names, strict=True)
    return AppendedScene(target.scenes[0], {obj.session_uid: name for obj, name in found if obj is not None})


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What Blender cannot open becomes a UserError that names the file."""
    try:
        yield
    except OSError as error:
        message = "this scene file cannot be opened; it may be damaged, or written by a newer Blender than this one."
        fix = f"Save it with Blender {bpy.app.version_string} or older."
        raise UserError(Problem(message, fix, str(error), file=str(path))) from error


def _has_something(scene: bpy.types.Scene) -> bool:
    """Whether anything in it may be drawn: a surface, or what an empty instances."""
    return any(obj.type in SURFACES or obj.instance_collection is not None for obj in scene.objects)


def open_scene(path: Path) -> str:
    """Name of the scene that was open when the file was saved; empty where the file does not say it."""
    try:
        from blend_render_info import read_blend_rend_chunk  # type: ignore[import-not-found]  # Blender's own

        found = read_blend_rend_chunk(str(path))
    except (ImportError, OSError, EOFError, ValueError, zlib.error, gzip.BadGzipFile):
        return ""
    return str(found[0][2]) if len(found) == 1 else ""
