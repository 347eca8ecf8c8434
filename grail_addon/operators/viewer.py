# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and clips at full size in a window of their own. What was loaded for it goes again when the window closes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from .. import __package__ as base_package
from .. import properties
from . import running
from .gallery import GALLERY, VariantRow, may_use_row
from .request import results_folder
from .threads import Work, in_thread
from .viewport import viewports

LOOK_SECONDS = 0.5
USUAL_FPS = 24.0
KINDS = ("mask", "depth", "joints")


@dataclass(frozen=True)
class Film:
    """A clip that plays over and over. frames, fps: of the file; started: seconds of the monotonic clock."""

    frames: int
    fps: float
    started: float

    def frame(self, now: float) -> int:
        """The frame that is shown at `now`, from 1 on."""
        return int((now - self.started) * self.fps) % self.frames + 1


@dataclass
class _Shown:
    """video_id: what the picture window shows. images, films: names of the images that we loaded, pictures and films."""

    video_id: str = ""
    images: set[str] = field(default_factory=set)
    films: dict[str, Film] = field(default_factory=dict)
    unfitted: list[int] = field(default_factory=list)


_SHOWN = _Shown()


def _spaces() -> Iterator[tuple[bpy.types.Window, bpy.types.Area, Any]]:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            yield window, area, area.spaces.active


def _areas_showing(names: Collection[str]) -> Iterator[bpy.types.Area]:
    """Areas that show one of our images."""
    for _, area, space in _spaces():
        if area.type == "IMAGE_EDITOR" and space.image is not None and space.image.name in names:
            yield area


def _area_for(names: Collection[str]) -> bpy.types.Area:
    """The area that shows one of our images, else the only one of a new window."""
    return next(_areas_showing(names), None) or _new_window(bpy.context)


def _new_window(context: bpy.types.Context) -> bpy.types.Area:
    manager = context.window_manager
    before = {window.as_pointer() for window in manager.windows}
    window = context.window or manager.windows[0]
    area, region = next(viewports(window), (window.screen.areas[0], window.screen.areas[0].regions[0]))
    with context.temp_override(window=window, area=area, region=region):
        bpy.ops.wm.window_new()
    made = next(window for window in manager.windows if window.as_pointer() not in before)
    made.screen.areas[0].type = "IMAGE_EDITOR"
    return made.screen.areas[0]


def show_picture(path: Path) -> None:
    """Show a picture file in the picture window, which is opened where there is none."""
    area = _area_for(_SHOWN.images)
    image = bpy.data.images.load(str(path), check_existing=True)
    image.reload()
    _SHOWN.images.add(image.name)
    area.spaces.active.image = image
    _SHOWN.unfitted.append(area.as_pointer())
    _look_later()


def show_clip(path: Path) -> None:
    """Play a video file over and over in a window of its own. The scene's own time stays where it is."""
    area = _area_for(_SHOWN.films)
    clip = bpy.data.movieclips.load(str(path))  # an image does not know how long and how fast it is
    frames, fps = max(clip.frame_duration, 1), clip.fps or USUAL_FPS
    bpy.data.movieclips.remove(clip)
    image = bpy.data.images.load(str(path))
    space = area.spaces.active
    space.image = image
    space.image_user.frame_duration = frames
    space.image_user.use_auto_refresh = False  # the scene's frame plays no part: `_play` sets the film's
    _SHOWN.films[image.name] = Film(frames, fps, time.monotonic())
    _SHOWN.unfitted.append(area.as_pointer())
    _look_later()
    if not bpy.app.timers.is_registered(_play):
        bpy.app.timers.register(_play, persistent=True)


def _play() -> float | None:
    """Move what plays on by the time that went by; ends with the last window that shows any."""
    now, fastest = time.monotonic(), 0.0
    for area in _areas_showing(_SHOWN.films):
        space = area.spaces.active
        film = _SHOWN.films[space.image.name]
        fastest = max(fastest, film.fps)
        frame = film.frame(now)
        if space.image_user.frame_current != frame:
            space.image_user.frame_current = frame
            space.image.update()  # or the editor goes on drawing what it has
            area.tag_redraw()
    return 1.0 / fastest if fastest else None


def _look_later() -> None:
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=0.1, persistent=True)


def _look() -> float | None:
    """Fit what was just shown into its window, and remove what no window shows any more."""
    shown = set()
    for window, area, space in _spaces():
        if area.type == "IMAGE_EDITOR" and space.image is not None:
            shown.add(space.image.name)
        if area.as_pointer() in _SHOWN.unfitted:
            _SHOWN.unfitted.remove(area.as_pointer())
            _fit(window, area)
    _forget({*_SHOWN.images, *_SHOWN.films} - shown)
    if not _SHOWN.images:
        _SHOWN.video_id = ""
    return LOOK_SECONDS if _SHOWN.images or _SHOWN.films else None


def _forget(names: Collection[str]) -> None:
    """Remove images that we loaded."""
    for name in names:
        _SHOWN.images.discard(name)
        _SHOWN.films.pop(name, None)
        image = bpy.data.images.get(name)
        if image is not None:
            bpy.data.images.remove(image)


def _fit(window: bpy.types.Window, area: bpy.types.Area) -> None:
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.image.view_all(fit_view=True)


def show_variant(context: bpy.types.Context, row: VariantRow) -> None:
    """Show a variant's picture, with the overlays that are switched on, which are drawn in a thread."""
    own = properties.settings(context)
    kinds = [kind for kind in KINDS if getattr(own, f"show_{kind}")]
    _SHOWN.video_id = row.video_id
    if not kinds or row.manifest is None or row.picture is None:
        if row.picture is not None:
            show_picture(row.picture)
        return
    name = hashlib.sha256(f"{row.picture}|{row.stamp}|{kinds}".encode()).hexdigest()[:24]
    folder = Path(bpy.utils.extension_path_user(base_package, path="overlays", create=True))
    path, manifest, results = folder / f"{name}.png", row.manifest, results_folder(context)

    def draw() -> Path:
        from ..core.errors import Problem, UserError
        from ..core.files import read_json
        from ..report.overlays import draw_overlay

        if not path.is_file() and not draw_overlay(read_json(manifest), results, kinds, path):
            raise UserError(Problem("the picture of this variant cannot be read.", "Render it again."))
        return path

    in_thread(draw, _drawn)


def _drawn(work: Work[Path]) -> None:
    if work.value is not None:
        show_picture(work.value)
    elif work.error is not None:
        running.show_error(work.error)


def overlays_changed(context: bpy.types.Context) -> None:
    """The switches of the overlays were used: draw the picture that is shown anew."""
    row = GALLERY.row(_SHOWN.video_id)
    if row is not None and row.stamp and not bpy.app.background:
        show_variant(context, row)


class GRAIL_OT_view_variant(bpy.types.Operator):
    """Open this variant's picture at full size in a window of its own"""

    bl_idname = "grail.view_variant"
    bl_label = "View Full Size"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.background:
            cls.poll_message_set("There is no window in the background")
            return False
        return may_use_row(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        row = GALLERY.active_row
        assert row is not None  # `poll` has looked
        show_variant(context, row)
        return {"FINISHED"}


def unregister() -> None:
    """Remove what was loaded; the windows stay."""
    for timer in (_look, _play):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    _forget([*_SHOWN.images, *_SHOWN.films])


CLASSES = (GRAIL_OT_view_variant,)
