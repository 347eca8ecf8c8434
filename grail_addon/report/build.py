# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds `{results}/report/`: `index.html`, its small pictures and plots, and `contact_sheet.png`.

The page holds all numbers itself and asks no network; pictures are files beside it or the results themselves, named
by relative paths, so that the results folder can be moved or zipped. Building twice gives the same bytes, and small
pictures are made anew only where the files they show have changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from ..core.files import write_bytes, write_json, write_text
from ..core.gate.decisions import final_verdict
from ..core.layout import ResultsLayout
from .collect import collect, file_of, json_of
from .page import assemble
from .pictures import (
    PREVIEW_WIDTH,
    THUMB_WIDTH,
    contact_sheet,
    depth_preview,
    fitted,
    masks_preview,
    opened,
    save_webp,
)
from .plots import scale_plot, settle_plots, stillness_plot
from .view import Links, page_data

_LOOK = 1  # grows whenever the small pictures look different, so that old ones are not kept
_PICTURE_ROLES = ("frame", "depth_png", "object_mask", "object_visible_mask", "human_mask")


def build_report(results_dir: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Write the report of a results folder and return its page. progress: called with (done, all) variants.

    Raises OSError where the report's folder cannot be written. Manifests that cannot be read are listed on the page.
    """
    found = collect(results_dir)
    report = ResultsLayout(results_dir).report_dir
    made = _Maker(results_dir, report)
    links: list[Links] = []
    for index, manifest in enumerate(found.manifests):
        links.append(made.links(manifest))
        if progress is not None:
            progress(index + 1, len(found.manifests))
    made.finish()
    data = page_data(results_dir.resolve().name, found, links)
    page = report / "index.html"
    write_text(page, assemble(data))
    cells = [
        (_caption(str(m["video_id"])), final_verdict(m), report / link.thumb if link.thumb else None)
        for m, link in zip(found.manifests, links, strict=True)
    ]
    if cells:
        contact_sheet(cells, report / "contact_sheet.png")
    return page


def _caption(video_id: str) -> str:
    """Category and seed, which tell the cells of one run apart: `cordless_drill rand00001`."""
    *_, category, variant = video_id.split("/")
    return f"{category} {variant.rpartition('_')[2]}"


class _Maker:
    """Makes the small pictures and plots of variants, and remembers what they were made from."""

    def __init__(self, results_dir: Path, report: Path) -> None:
        self._results, self._report = results_dir, report
        self._memory_file = report / "thumbs" / "made_from.json"
        self._memory: dict[str, Any] = json_of(self._memory_file) or {}
        self._now: dict[str, Any] = {}
        self._settle: dict[str, dict[str, str]] = {}

    def links(self, manifest: Mapping[str, Any]) -> Links:
        """Paths, relative to the report's folder, of all that the page shows of a variant."""
        video_id = str(manifest["video_id"])
        files = {role: file_of(dict(manifest), role, self._results) for role in manifest["files"]}
        pictures = self._pictures(video_id, manifest, files)
        return Links(
            thumb=pictures.get("thumb"),
            depth=pictures.get("depth"),
            masks=pictures.get("masks"),
            depth_range=pictures.get("range"),
            files={role: self._from_report(path) for role, path in files.items() if path is not None},
            settle=self._settle_plots(manifest),
            scale=self._plot(
                f"{video_id}.scale", scale_plot((manifest.get("scale") or {}).get("search_history") or ())
            ),
            clips=self._clips(video_id, manifest),
        )

    def finish(self) -> None:
        """Remember for the next build."""
        write_json(self._memory_file, self._now)

    def _from_report(self, path: Path) -> str:
        return "../" + path.relative_to(self._results).as_posix()

    def _pictures(self, video_id: str, manifest: Mapping[str, Any], files: Mapping[str, Path | None]) -> dict[str, Any]:
        there = {role: files[role] for role in _PICTURE_ROLES if files.get(role) is not None}
        hashes = [str(manifest["files"][role].get("sha256", "")) for role in there]
        sizes = [path.stat().st_size for path in there.values() if path is not None]
        key = hashlib.sha256(json.dumps([_LOOK, list(there), hashes, sizes]).encode()).hexdigest()[:16]
        old = self._memory.get(video_id)
        if isinstance(old, dict) and old.get("key") == key and all((self._report / p).is_file() for p in _paths(old)):
            self._now[video_id] = old
        else:
            self._now[video_id] = {"key": key, **self._make_pictures(video_id, there)}
        return dict(self._now[video_id])

    def _make_pictures(self, video_id: str, there: Mapping[str, Path | None]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        pictures = {role: opened(there.get(role)) for role in _PICTURE_ROLES}
        frame, depth = pictures["frame"], pictures["depth_png"]
        if frame is not None:
            frame = frame.convert("RGB")
            masks = [pictures[role] for role in ("object_mask", "object_visible_mask", "human_mask")]
            made["thumb"] = self._save(fitted(frame, THUMB_WIDTH), f"thumbs/{video_id}.webp")
            made["masks"] = self._save(masks_preview(frame, *masks), f"thumbs/{video_id}.masks.webp")
        if depth is not None:
            picture, metres = depth_preview(depth)
            made["depth"] = self._save(fitted(picture, PREVIEW_WIDTH), f"thumbs/{video_id}.depth.webp")
            made["range"] = [round(m, 3) for m in metres] if metres else None
        return made

    def _save(self, picture: Image.Image, name: str) -> str:
        save_webp(picture, self._report / name)
        return name

    def _plot(self, name: str, svg: bytes | None) -> str | None:
        if svg is None:
            return None
        write_bytes(self._report / "plots" / f"{name}.svg", svg)
        return f"plots/{name}.svg"

    def _settle_plots(self, manifest: Mapping[str, Any]) -> dict[str, str]:
        """One pair for each state file: all variants of an object share it."""
        file = (manifest.get("settle") or {}).get("file")
        if not file:
            return {}
        if file not in self._settle:
            name = f"{manifest['dataset']}/{manifest['category']}.settle"
            plots = settle_plots(json_of(self._results / file) or {})
            made = {kind: self._plot(f"{name}_{kind}", svg) for kind, svg in plots.items()}
            self._settle[file] = {kind: path for kind, path in made.items() if path}
        return self._settle[file]

    def _clips(self, video_id: str, manifest: Mapping[str, Any]) -> tuple[dict[str, str | None], ...]:
        clips = (manifest.get("video") or {}).get("clips") or ()
        shown: list[dict[str, str | None]] = []
        for index, clip in enumerate(clips):
            path = self._results / str(clip.get("file", ""))
            motion = stillness_plot(
                clip.get("stillness_px") or (), clip.get("stillness_times"), clip.get("stillness_limit_px")
            )
            shown.append(
                {
                    "src": self._from_report(path) if path.is_file() else None,
                    "still": self._plot(f"{video_id}.still{index}", motion),
                }
            )
        return tuple(shown)


def _paths(entry: Mapping[str, Any]) -> list[str]:
    return [str(entry[name]) for name in ("thumb", "depth", "masks") if entry.get(name)]
