# SPDX-License-Identifier: GPL-3.0-or-later
"""Thumbnails of a gallery: small pictures are made in a thread, kept on disk, and handed to Blender a few at a time.

Blender reads a preview's file when it is first drawn, on the main thread, so it gets small files, and not all at once.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy
import bpy.utils.previews

PAGE = 24
WIDTH, HEIGHT = 256, 192
"""Of a thumbnail; a wide frame loses its left and right edge, since Blender's cells are square."""

PER_TICK = 2
TICK_SECONDS = 0.05
MOST_KEPT = 4 * PAGE


Picture = Path | tuple[Path, ...]
"""What a thumbnail is made of: a picture, an OBJ file, or up to four of them in one."""


def make_thumbnail(picture: Picture, thumbnail: Path) -> None:
    """Write `picture`, cut to 4:3 about its centre, at 256 x 192; an OBJ file is drawn. Of several those that cannot be read are
    left out. Raises OSError where none can be read."""
    from ..core.files import atomic_path

    small = _side_by_side(picture) if isinstance(picture, tuple) else _small(picture)
    with atomic_path(thumbnail) as temp:
        small.save(temp, format="PNG", compress_level=1)


def _small(picture: Path) -> Any:
    from PIL import Image, ImageOps  # enabling the extension must not wait for it

    try:
        if picture.suffix.lower() == ".obj":
            return Image.fromarray(draw_object(picture))
        with Image.open(picture) as stored:
            return ImageOps.fit(stored.convert("RGB"), (WIDTH, HEIGHT), Image.Resampling.BOX)
    except (SyntaxError, ValueError, IndexError) as error:  # what Pillow says of a PNG that is broken inside
        raise OSError(f"{picture.name} cannot be read") from error


def _side_by_side(pictures: Sequence[Path]) -> Any:
    """The first four that can be read, in two rows; a single one in full size."""
    from PIL import Image

    found = []
    for picture in pictures:
        try:
            found.append(_small(picture))
        except OSError:
            continue
    if len(found) < 2:
        return found[0] if found else _small(pictures[0])
    half = (WIDTH // 2, HEIGHT // 2)
    sheet = Image.new("RGB", (WIDTH, HEIGHT), found[0].getpixel((0, 0)))
    for number, small in enumerate(found[:4]):
        place = (number % 2 * half[0], number // 2 * half[1] if len(found) > 2 else half[1] // 2)
        sheet.paste(small.resize(half, Image.Resampling.BOX), place)
    return sheet


def draw_object(mesh: Path) -> Any:
    """Picture (192, 256, 3) of an OBJ, in the colours of the texture `map_Kd` of its first material, else in grey."""
    import numpy as np
    from PIL import Image

    from ..core.mesh_picture import GREY, draw_mesh, read_obj

    vertices, faces, uvs, uv_faces = read_obj(mesh)
    colours = np.full((len(faces), 3), GREY, dtype=np.float64)
    texture = _texture_of(mesh)
    if uvs is not None and texture is not None:
        with Image.open(texture) as stored:
            pixels = np.asarray(stored.convert("RGB").resize((256, 256), Image.Resampling.BOX))
        place = np.floor((uvs[uv_faces].mean(axis=1) % 1.0) * 256).astype(np.int64).clip(0, 255)
        colours = pixels[255 - place[:, 1], place[:, 0]].astype(np.float64)
    return draw_mesh(vertices, faces, colours, WIDTH, HEIGHT)


def _texture_of(mesh: Path) -> Path | None:
    material = mesh.with_suffix(".mtl")
    if not material.is_file():
        return None
    for line in material.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip().startswith("map_Kd "):
            path = mesh.parent / line.split()[-1]
            return path if path.is_file() else None
    return None


class Thumbnails:
    """The previews of one gallery. Used on the main thread; only `_make` runs in the thread."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        """folder: keeps the small pictures; changed: called when there is more to draw."""
        self._folder = folder
        self._changed = changed
        self._previews = bpy.utils.previews.new()
        self._keys: dict[Picture, str] = {}
        self._made: queue.SimpleQueue[tuple[str, Path | None]] = queue.SimpleQueue()
        self._wanted: set[str] = set()
        self._asked: tuple[Picture, ...] = ()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._timer = self._tick  # Blender knows a timer by its very object, and each `self._tick` is another one

    def show(self, pictures: Sequence[Picture]) -> None:
        """Name the pictures of the page that is seen now, at most 24; does file work, so never call it from `draw`."""
        if len(self._previews) > MOST_KEPT:
            self._previews.clear()
        todo = []
        for picture in pictures[:PAGE]:
            key = _key(picture)
            self._keys[picture] = key
            if key and key not in self._previews and key not in self._wanted:
                self._wanted.add(key)
                todo.append((key, picture))
        if todo:
            before = self._thread
            self._thread = threading.Thread(
                target=self._make, args=(todo, before), daemon=True, name="grail thumbnails"
            )
            self._thread.start()
        if self._wanted and not bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.register(self._timer, persistent=True)

    def want(self, pictures: Sequence[Picture]) -> None:
        """As `show`, a moment later, so that `draw` may call it; cheap where they are the same as last time."""
        wanted = tuple(pictures)
        if wanted != self._asked:
            self._asked = wanted
            bpy.app.timers.register(self._show_asked, first_interval=0.0, persistent=True)

    def _show_asked(self) -> None:
        if not self._closed.is_set():
            self.show(self._asked)
            self._changed()

    def icon(self, picture: Picture) -> int:
        """What `template_icon` draws for a picture; 0 while it is not ready, or where it cannot be read."""
        key = self._keys.get(picture, "")
        return int(self._previews[key].icon_id) if key in self._previews else 0

    def close(self) -> None:
        """Stop, and give the memory back."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)
        bpy.utils.previews.remove(self._previews)

    def _make(self, todo: Sequence[tuple[str, Picture]], before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        self._folder.mkdir(parents=True, exist_ok=True)
        for key, picture in todo:
            if self._closed.is_set():
                return
            thumbnail = self._folder / f"{key}.png"
            try:
                if not thumbnail.is_file():
                    make_thumbnail(picture, thumbnail)
            except OSError:
                self._made.put((key, None))
            else:
                self._made.put((key, thumbnail))

    def _tick(self) -> float | None:
        for _ in range(PER_TICK):
            try:
                key, thumbnail = self._made.get_nowait()
            except queue.Empty:
                break
            self._wanted.discard(key)
            if thumbnail is not None:
                self._previews.load(key, str(thumbnail), "IMAGE")
                self._changed()
        return TICK_SECONDS if self._wanted else None


def _key(picture: Picture) -> str:
    """Another one whenever a file changes; empty where there is none."""
    stamps = []
    for path in picture if isinstance(picture, tuple) else (picture,):
        try:
            found = path.stat()
        except OSError:
            continue
        stamps.append(f"{path}|{found.st_mtime_ns}|{found.st_size}")
    return hashlib.sha256("|".join(stamps).encode()).hexdigest()[:24] if stamps else ""


def tag_sidebars() -> None:
    """Have the sidebars of all windows drawn again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


_galleries: dict[str, Thumbnails] = {}


def gallery(name: str) -> Thumbnails:
    """The thumbnails called `name`, made when they are first asked for."""
    if name not in _galleries:
        folder = bpy.utils.extension_path_user(__package__.rpartition(".")[0], path="thumbnails", create=False)
        _galleries[name] = Thumbnails(Path(folder), tag_sidebars)
    return _galleries[name]


def unregister() -> None:
    """Close all galleries."""
    while _galleries:
        _galleries.popitem()[1].close()
