# SPDX-License-Identifier: GPL-3.0-or-later
"""The variants of a request as plain records, read from plan and manifests in a thread, and what is picked among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..core.errors import Problem
from . import running
from .gate_words import GateFinding, findings_of, spoken_reasons
from .redraw import files_changed, tag_panels
from .request import request_inputs, request_loader, results_folder
from .state import STATE
from .threads import Work, in_thread

if TYPE_CHECKING:
    from ..core.config.request import Request

PAGE = 24
LOOK_SECONDS = 0.4
"""Between a change and the look at it, so that many at once are looked at once."""


@dataclass(frozen=True)
class VariantRow:
    """One variant. verdict: what counts (pass, warn, fail), empty while it is not made; machine: the gate's own; decision: a
    person's, empty without one. reasons: sentences in English; findings: the checks behind them. stamp: other for another picture. planned: the request asks for it."""

    video_id: str
    category: str
    seed: int
    kind: str
    verdict: str = ""
    machine: str = ""
    decision: str = ""
    reasons: tuple[str, ...] = ()
    picture: Path | None = None
    manifest: Path | None = None
    stamp: int = 0
    planned: bool = True
    findings: tuple[GateFinding, ...] = ()

    @property
    def label(self) -> str:
        """Short name below a thumbnail."""
        return f"{self.seed}" if self.kind == "rand" else f"{self.seed} {self.kind}"

    @property
    def spoken_reasons(self) -> list[str]:
        """The reasons in the window's language."""
        return spoken_reasons(self.reasons, self.findings)


@dataclass
class Gallery:
    """rows: all variants; active: video id that details are shown of; picked: those to render. problems: why nothing could be
    listed. many: more than one object, so that names are needed."""

    rows: tuple[VariantRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    page: int = 0
    active: str = ""
    picked: set[str] = field(default_factory=set)

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.rows) // PAGE))

    @property
    def shown(self) -> tuple[VariantRow, ...]:
        """Rows of the page that is seen."""
        return self.rows[self.page * PAGE : (self.page + 1) * PAGE]

    def row(self, video_id: str) -> VariantRow | None:
        return next((row for row in self.rows if row.video_id == video_id), None)

    @property
    def active_row(self) -> VariantRow | None:
        return self.row(self.active)

    def count(self, verdict: str) -> int:
        """How many variants have this verdict."""
        return sum(row.verdict == verdict for row in self.rows)


GALLERY = Gallery()


@dataclass
class _Reader:
    """key: of the settings that were read last; known: manifest file -> (stat, row), so that each is read once."""

    key: tuple[Any, ...] = ()
    wanted: tuple[Any, ...] = ()
    is_reading: bool = False
    known: dict[Path, tuple[Any, VariantRow]] = field(default_factory=dict)


_READER = _Reader()


def settings_key(context: bpy.types.Context) -> tuple[Any, ...]:
    """Other whenever the list may be another one; cheap, for `draw`."""
    return (request_inputs(context), STATE.changes)


def keep_current(context: bpy.types.Context) -> None:
    """Have the list read anew soon, where it may be another one; does no work itself, so `draw` may call it."""
    key = settings_key(context)
    if key == _READER.key:
        return
    _READER.wanted = key
    if not _READER.is_reading and not bpy.app.timers.is_registered(_read):
        bpy.app.timers.register(_read, first_interval=LOOK_SECONDS, persistent=True)


def _read() -> None:
    _READER.is_reading = True
    in_thread(_import, lambda _: _read_now())


def _import() -> None:
    """Load what reads requests: the first time takes a while, which the window need not wait for."""
    from ..core.config import find, load, overrides, yaml_source  # noqa: F401
    from ..pipeline import session  # noqa: F401


def _read_now() -> None:
    context = bpy.context
    _READER.key, _READER.is_reading = settings_key(context), True
    load, folder = request_loader(context), results_folder(context)
    known = dict(_READER.known)
    in_thread(lambda: read_rows(load, folder, known), _show)


def read_rows(load: Callable[[], Request], folder: Path, known: dict[Path, tuple[Any, VariantRow]]) -> tuple[list[VariantRow], dict[Path, tuple[Any, VariantRow]], tuple[Problem, ...]]:  # fmt: skip
    """The planned variants, then others that are there; runs in a thread. Third: why the request cannot be planned."""
    from ..core.errors import InputError
    from ..pipeline.videos.frames import planned_frames
    from ..report.collect import manifest_files

    rows: dict[str, VariantRow] = {}
    problems: tuple[Problem, ...] = ()
    try:
        request = load()
        folder = request.results_dir
        for vid in planned_frames(request):
            rows[str(vid)] = VariantRow(str(vid), vid.obj.category, vid.seed, vid.kind)
    except InputError as found:
        problems = found.problems[:2]
    planned = set(rows)
    fresh: dict[Path, tuple[Any, VariantRow]] = {}
    for file in manifest_files(folder):
        if file.path in known and known[file.path][0] == file.stat:
            row = known[file.path][1]
        else:
            row = _row_of(file.path, folder)
        if row is not None:
            fresh[file.path] = (file.stat, row)
            rows[row.video_id] = VariantRow(**{**vars(row), "planned": row.video_id in planned})
    return list(rows.values()), fresh, problems


def _row_of(path: Path, folder: Path) -> VariantRow | None:
    """The row of a frame's manifest; None for another item's or one that cannot be read."""
    from ..core.files import read_json
    from ..core.gate.decisions import final_verdict

    try:
        manifest: Mapping[str, Any] = read_json(path)
        if manifest.get("step") != "render":
            return None
        frame = manifest["files"].get("frame")
        picture = folder / frame["path"] if frame else None
        return VariantRow(
            str(manifest["video_id"]), str(manifest["category"]), int(manifest["seed"]), str(manifest["kind"]),
            final_verdict(manifest), str(manifest["verdict"]), str((manifest.get("human") or {}).get("decision", "")),
            tuple(map(str, manifest["reasons"])), picture, path,
            picture.stat().st_mtime_ns if picture is not None and picture.is_file() else 0,
            findings=findings_of(manifest),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _show(work: Work[Any]) -> None:
    from ..pipeline.attempt import failure_of

    _READER.is_reading = False
    if work.value is None:
        GALLERY.rows, GALLERY.problems = (), failure_of(work.error).problems
    else:
        rows, _READER.known, GALLERY.problems = work.value
        GALLERY.rows = tuple(rows)
    there = {row.video_id for row in GALLERY.rows}
    GALLERY.picked &= there
    GALLERY.page = min(GALLERY.page, GALLERY.pages - 1)
    if GALLERY.active not in there:
        GALLERY.active = GALLERY.rows[0].video_id if GALLERY.rows else ""
    tag_panels()


def clear() -> None:
    """Forget the list: another file was opened, or the extension is turned off."""
    GALLERY.rows, GALLERY.problems, GALLERY.page, GALLERY.active = (), (), 0, ""
    GALLERY.picked.clear()
    _READER.key = ()
    _READER.known.clear()


def picked_rows() -> Sequence[VariantRow]:
    """The picked variants; the active one where none is picked."""
    picked = [row for row in GALLERY.rows if row.video_id in GALLERY.picked]
    active = GALLERY.active_row
    return picked or ([active] if active is not None else [])


class GRAIL_OT_pick_variant(bpy.types.Operator):
    """Show this variant's verdict below; with Shift or Ctrl several can be picked"""

    bl_idname = "grail.pick_variant"
    bl_label = "Pick Variant"
    bl_options = {"INTERNAL"}

    video_id: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        row = GALLERY.row(properties.video_id)
        if row is None or not row.reasons:
            return bpy.app.translations.pgettext_tip(cls.__doc__)
        return "\n".join([row.video_id, *row.spoken_reasons])

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.shift or event.ctrl:
            GALLERY.picked ^= {self.video_id}
            GALLERY.active = self.video_id
            return {"FINISHED"}
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        GALLERY.active, GALLERY.picked = self.video_id, {self.video_id}
        return {"FINISHED"}


class GRAIL_OT_pick_all(bpy.types.Operator):
    """Pick all variants of the list, or none"""

    bl_idname = "grail.pick_all"
    bl_label = "Pick All"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_rows(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        everything = {row.video_id for row in GALLERY.rows}
        GALLERY.picked = set() if GALLERY.picked == everything else everything
        return {"FINISHED"}


class GRAIL_OT_gallery_page(bpy.types.Operator):
    """Show other variants of the list"""

    bl_idname = "grail.gallery_page"
    bl_label = "Page"
    bl_options = {"INTERNAL"}

    step: bpy.props.IntProperty(default=1, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_rows(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        GALLERY.page = (GALLERY.page + self.step) % GALLERY.pages
        return {"FINISHED"}


class GRAIL_OT_refresh_gallery(bpy.types.Operator):
    """Read the results folder again"""

    bl_idname = "grail.refresh_gallery"
    bl_label = "Refresh"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        files_changed()
        keep_current(context)
        return {"FINISHED"}


def _has_rows(operator: type[bpy.types.Operator]) -> bool:
    if not GALLERY.rows:
        operator.poll_message_set("There are no variants yet")
        return False
    return True


def may_use_row(operator: type[bpy.types.Operator], made: bool = True) -> bool:
    """For `poll`: whether a variant is active; made: whether it has to have a picture."""
    row = GALLERY.active_row
    if row is None:
        operator.poll_message_set("Pick a variant in the list first")
        return False
    if made and row.stamp == 0:
        operator.poll_message_set("Render this variant first")
        return False
    return True


def may_change(operator: type[bpy.types.Operator]) -> bool:
    """As `may_use_row`, and nothing runs."""
    return may_use_row(operator) and running.may_start(operator)


def unregister() -> None:
    """Stop looking, and forget."""
    if bpy.app.timers.is_registered(_read):
        bpy.app.timers.unregister(_read)
    clear()


CLASSES = (GRAIL_OT_pick_variant, GRAIL_OT_pick_all, GRAIL_OT_gallery_page, GRAIL_OT_refresh_gallery)
