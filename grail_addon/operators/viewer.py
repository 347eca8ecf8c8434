# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and clips at full size in a window of their own. What was loaded for it goes again when the window closes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
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
KINDS = ("mask", "depth", "joints")


@dataclass
class _Shown:
    """video_id: what the picture window shows. images, clips: names of the data blocks that we loaded."""

    video_id: str = ""
    images: set[str] = field(default_factory=set)
    clips: set[str] = field(default_factory=set)
    unfitted: list[int] = field(default_factory=list)


_SHOWN = _Shown()


def _spaces() -> Iterator[tuple[bpy.types.Window, bpy.types.Area, Any]]:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            yield window, area, area.spaces.active


def _area_showing(names: set[str], kind: str, attribute: str) -> bpy.types.Area | None:
    """The first area of this kind that shows one of our data blocks."""
    for _, area, space in _spaces():
        if area.type == kind:
            block = getattr(space, attribute)
            if block is not None and block.name in names:
                return area
    return None


def new_window(context: bpy.types.Context, kind: str) -> bpy.types.Area:
    """The only area, of this kind, of a new window."""
    manager = context.window_manager
    before = {window.as_pointer() for window in manager.windows}
    window = context.window or manager.windows[0]
    area, region = next(viewports(window), (window.screen.areas[0], window.screen.areas[0].regions[0]))
    with context.temp_override(window=window, area=area, region=region):
        bpy.ops.wm.window_new()
    made = next(window for window in manager.windows if window.as_pointer() not in before)
    made.screen.areas[0].type = kind
    return made.screen.areas[0]


def show_picture(path: Path) -> None:
    """Show a picture file in the picture window, which is opened where there is none."""
    area = _area_showing(_SHOWN.images, "IMAGE_EDITOR", "image") or new_window(bpy.context, "IMAGE_EDITOR")
    image = bpy.data.images.load(str(path), check_existing=True)
    image.reload()
    _SHOWN.images.add(image.name)
    area.spaces.active.image = image
    _SHOWN.unfitted.append(area.as_pointer())
    _look_later()


def show_clip(path: Path) -> None:
    """Play a video file in a clip editor of its own."""
    area = _area_showing(_SHOWN.clips, "CLIP_EDITOR", "clip") or new_window(bpy.context, "CLIP_EDITOR")
    clip = bpy.data.movieclips.load(str(path))
    _SHOWN.clips.add(clip.name)
    area.spaces.active.clip = clip
    area.spaces.active.show_region_ui = area.spaces.active.show_region_toolbar = False
    _SHOWN.unfitted.append(area.as_pointer())
    _look_later()


def _look_later() -> None:
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=0.1, persistent=True)


def _look() -> float | None:
    """Fit what was just shown into its window, and remove what no window shows any more."""
    shown_images, shown_clips = set(), set()
    for window, area, space in _spaces():
        if area.type == "IMAGE_EDITOR" and space.image is not None:
            shown_images.add(space.image.name)
        if area.type == "CLIP_EDITOR" and space.clip is not None:
            shown_clips.add(space.clip.name)
        if area.as_pointer() in _SHOWN.unfitted:
            _SHOWN.unfitted.remove(area.as_pointer())
            _fit(window, area)
    for names, shown, blocks in (
        (_SHOWN.images, shown_images, bpy.data.images),
        (_SHOWN.clips, shown_clips, bpy.data.movieclips),
    ):
        for name in names - shown:
            block = blocks.get(name)
            if block is not None:
                blocks.remove(block)
        names &= shown
    if not _SHOWN.images:
        _SHOWN.video_id = ""
    return LOOK_SECONDS if _SHOWN.images or _SHOWN.clips else None


def _fit(window: bpy.types.Window, area: bpy.types.Area) -> None:
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        if area.type == "IMAGE_EDITOR":
            bpy.ops.image.view_all(fit_view=True)
        else:
            bpy.ops.clip.view_all(fit_view=True)


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
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    for names, blocks in ((_SHOWN.images, bpy.data.images), (_SHOWN.clips, bpy.data.movieclips)):
        for name in names:
            block = blocks.get(name)
            if block is not None:
                blocks.remove(block)
        names.clear()


CLASSES = (GRAIL_OT_view_variant,)
