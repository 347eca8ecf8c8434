# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's data: plain JSON, with words that occur in every variant stored once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from ..core.config.gate_check import MeasureUnit
from ..core.config.gate_table import CHECK_OF, GROUPS
from ..core.gate.words import amount, row_of
from ..core.video.verdict import clip_verdict, worst_verdict


@dataclass(frozen=True)
class Links:
    """Files that the page shows of a variant, relative to the report's folder; None where there is none.

    depth_range: metres of the depth picture's first and last colour. settle: `height`, `angle` -> plot.
    files: role -> result file. clips: `src` video and `still` plot for each clip of the manifest.
    """

    thumb: str | None
    depth: str | None
    masks: str | None
    depth_range: Sequence[float] | None
    files: Mapping[str, str]
    settle: Mapping[str, str]
    scale: str | None
    clips: Sequence[Mapping[str, str | None]]


class _Words:
    """Words that many variants share, each stored once and named by its place."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, word: str) -> int:
        return self._places.setdefault(word, len(self._places))

    def words(self) -> list[str]:
        return list(self._places)


def index_data(
    title: str, rows: Sequence[Mapping[str, Any]], problems: Sequence[str], run: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What the page holds itself. rows: of `row_of_variant`, each with the `piece` that its numbers are in. run: of
    `last_run`."""
    return {"title": title, "problems": list(problems), "groups": list(GROUPS), "variants": list(rows), "run": run}


def row_of_variant(manifest: Mapping[str, Any], links: Links) -> dict[str, Any]:
    """What cards, filters and search need of a variant."""
    row: dict[str, Any] = {
        "id": manifest["video_id"],
        "object": f"{manifest['dataset']}/{manifest['category']}",
        "name": PurePosixPath(str(manifest["video_id"])).name,
        "verdict": manifest["verdict"],
        "thumb": _url(links.thumb),
    }
    for key in ("task", "status", "reasons", "seed", "human"):
        row[key] = manifest.get(key)
    judged = [clip["verdict"] for clip in _clips(manifest) if clip.get("verdict")]
    if judged:
        row["video"] = worst_verdict(judged)
    return row


def piece_data(manifests: Sequence[Mapping[str, Any]], links: Sequence[Links]) -> dict[str, Any]:
    """All further numbers of the variants of a piece. A variant's check is [place in `checks`, shown value, place in
    `limits`, level] and, where it did not pass, its sentence; `checks` has [label, group] of each measurement, `limits`
    thresholds."""
    names, limits = _Words(), _Words()
    variants = [_variant(m, link, names, limits) for m, link in zip(manifests, links, strict=True)]
    return {
        "checks": [[label_of(name), group_of(name)] for name in names.words()],
        "limits": limits.words(),
        "variants": variants,
    }


def label_of(name: str) -> str:
    """What a number is called on the page; `left_hand_edge` -> "left hand to the frame's edge"."""
    row = row_of(name)
    return row.label_of(name) + (" to the frame's edge" if row.edge else "")


def group_of(name: str) -> str:
    """Heading under which a number stands; `Other` for one that the gate no longer knows."""
    return CHECK_OF[name].group if name in CHECK_OF else "Other"


def _variant(manifest: Mapping[str, Any], links: Links, names: _Words, limits: _Words) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": manifest["video_id"],
        "size": manifest.get("frame_size"),
        "depth": _url(links.depth),
        "depthRange": links.depth_range,
        "masks": _url(links.masks),
        "frame": _url(links.files.get("frame")),
        "files": {role: _url(path) for role, path in links.files.items()},
        "checks": [_check(c, names, limits) for c in manifest["measurements"]],
        "settlePlots": [_url(p) for p in links.settle.values()],
        "scalePlot": _url(links.scale),
        "clips": [_clip(c, link) for c, link in zip(_clips(manifest), links.clips, strict=True)],
    }
    for key in ("character", "scene", "attempt", "overlay"):
        data[key] = manifest.get(key)
    for key in ("settle", "scale", "prompt", "cost", "parameters", "timings", "versions"):
        if manifest.get(key):
            data[key] = manifest[key]
    return data


def _clips(manifest: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return (manifest.get("video") or {}).get("clips") or ()


def _clip(clip: Mapping[str, Any], link: Mapping[str, str | None]) -> dict[str, Any]:
    shown = {k: v for k, v in clip.items() if not k.startswith("stillness")}
    if "verdict" in shown:
        shown["verdict"] = clip_verdict(shown["verdict"])
    return {**shown, "src": _url(link["src"]), "still": _url(link["still"])}


def _check(check: Mapping[str, Any], names: _Words, limits: _Words) -> list[Any]:
    words = [] if check["level"] == "pass" else [check["sentence"]]
    limit = limits.place(str(check.get("threshold", "")))
    return [names.place(str(check["name"])), _shown(check["value"], check["unit"]), limit, check["level"], *words]


def _shown(value: float | bool | None, unit: MeasureUnit) -> str:
    if value is None:
        return "not measured"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return amount(float(value), unit)


def _url(path: str | None) -> str | None:
    return None if path is None else quote(path)
