# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the small pictures and plots of variants, anew only where the files that they show have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from ..core.files import write_bytes
from .collect import json_of, role_file
from .pictures import PREVIEW_WIDTH, THUMB_WIDTH, depth_preview, masks_preview, read_picture, save_webp, scaled_down
from .plots import scale_plot, settle_plots, stillness_plot
from .view import Links

PAGE_LOGIC = 3
"""Raised whenever pictures, plots or the page's data look different, so that old ones are not kept."""

_PICTURE_ROLES = ("frame", "depth_png", "object_mask", "object_visible_mask", "human_mask")


class Maker:
    """Makes the small pictures and plots of variants. old: what earlier builds made; made: what is made now."""

    def __init__(self, results_dir: Path, report: Path, old: Mapping[str, Any]) -> None:
        self._results, self._report, self._old = results_dir, report, old
        self.made: dict[str, Any] = {}

    def links(self, manifest: Mapping[str, Any]) -> Links:
        """Paths, relative to the report's folder, of all that the page shows of a variant."""
        video_id = str(manifest["video_id"])
        files = {role: role_file(dict(manifest), role, self._results) for role in manifest["files"]}
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

    def _from_report(self, path: Path) -> str:
        return "../" + path.relative_to(self._results).as_posix()

    def _pictures(self, video_id: str, manifest: Mapping[str, Any], files: Mapping[str, Path | None]) -> dict[str, Any]:
        there = {role: files[role] for role in _PICTURE_ROLES if files.get(role) is not None}
        hashes = [str(manifest["files"][role].get("sha256", "")) for role in there]
        sizes = [path.stat().st_size for path in there.values() if path is not None]
        key = hashlib.sha256(json.dumps([PAGE_LOGIC, list(there), hashes, sizes]).encode()).hexdigest()[:16]
        old = self._old.get(video_id)
        if isinstance(old, dict) and old.get("key") == key and self._are_there(_paths(old)):
            self.made[video_id] = old
        else:
            self.made[video_id] = {"key": key, **self._make_pictures(video_id, there)}
        return dict(self.made[video_id])

    def _are_there(self, names: Iterable[str]) -> bool:
        return all((self._report / name).is_file() for name in names)

    def _make_pictures(self, video_id: str, there: Mapping[str, Path | None]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        pictures = {role: read_picture(there.get(role)) for role in _PICTURE_ROLES}
        frame, depth = pictures["frame"], pictures["depth_png"]
        if frame is not None:
            frame = frame.convert("RGB")
            masks = [pictures[role] for role in ("object_mask", "object_visible_mask", "human_mask")]
            made["thumb"] = self._save(scaled_down(frame, THUMB_WIDTH), f"thumbs/{video_id}.webp")
            made["masks"] = self._save(masks_preview(frame, *masks), f"thumbs/{video_id}.masks.webp")
        if depth is not None:
            picture, metres = depth_preview(depth)
            made["depth"] = self._save(scaled_down(picture, PREVIEW_WIDTH), f"thumbs/{video_id}.depth.webp")
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
        entry = f"settle {file}"
        if entry not in self.made:
            state = self._results / file
            key = [PAGE_LOGIC, *_look_of(state)]
            old = self._old.get(entry)
            if isinstance(old, dict) and old["key"] == key and self._are_there(old["plots"].values()):
                self.made[entry] = old
            else:
                name = f"{manifest['dataset']}/{manifest['category']}.settle"
                plots = settle_plots(json_of(state) or {})
                made = {kind: self._plot(f"{name}_{kind}", svg) for kind, svg in plots.items()}
                self.made[entry] = {"key": key, "plots": {kind: path for kind, path in made.items() if path}}
        return dict(self.made[entry]["plots"])

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


def _look_of(path: Path) -> list[int]:
    """Size and time of a file, by which a change is seen; nothing for one that is not there."""
    try:
        stat = path.stat()
    except OSError:
        return []
    return [stat.st_size, stat.st_mtime_ns]
