# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds `{results}/report/`: `index.html`, the data of its variants, small pictures, plots and contact sheets.

The page holds what filters and cards need; all numbers of a variant stand in the data file of its piece, which the page
loads when the variant is opened. It asks no network; pictures are files beside it or the results themselves, named by
relative paths, so that the results folder can be moved or zipped. Building twice gives the same bytes. A piece whose
manifests have not changed is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..core.files import write_json, write_text
from ..core.gate.decisions import final_verdict
from ..core.layout import ResultsLayout
from .collect import collect, json_of, manifest_files
from .last_run import last_run
from .maker import PAGE_LOGIC, Maker
from .page import assemble, data_script
from .pictures import contact_sheet
from .pieces import Piece, cut
from .view import index_data, piece_data, row_of_variant

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Made:
    """A piece as remembered. rows: of the page's index; sheet: its contact sheet, empty without variants."""

    state: str
    rows: Sequence[Mapping[str, Any]]
    problems: Sequence[str]
    sheet: str
    memory: Mapping[str, Any]


def build_report(results_dir: Path, progress: OnProgress | None = None) -> Path:
    """Write the report of a results folder and return its page. progress: called with (done, all) variants.

    Raises OSError where the report's folder cannot be written. Manifests that cannot be read are listed on the page.
    """
    report = ResultsLayout(results_dir).report_dir
    report.mkdir(parents=True, exist_ok=True)
    with FileLock(report / ".lock"):  # several processes of one run may come to their end together
        return _build(results_dir, report, progress)


def _build(results_dir: Path, report: Path, progress: OnProgress | None) -> Path:
    memory_file = report / "made_from.json"
    before: dict[str, Any] = json_of(memory_file) or {}
    known = before.get("pieces", {}) if before.get("look") == PAGE_LOGIC else {}
    pieces = cut(manifest_files(results_dir))
    sheets = _Sheets(report, alone=len(pieces) == 1)
    # the plots and pictures that were made may belong to a variant that has moved to another piece
    old = {name: part for entry in known.values() for name, part in entry["memory"].items()}
    made: dict[str, _Made] = {}
    count = _Count(sum(len(piece.files) for piece in pieces), progress)
    for piece in pieces:
        kept = _kept(piece, known.get(piece.name), report, sheets)
        if kept is not None:
            count.more(len(piece.files))
        made[piece.name] = kept or _make(piece, results_dir, report, old, sheets, count)
    page = report / "index.html"
    index = index_data(results_dir.resolve().name, made_rows(made), made_problems(made), last_run(results_dir))
    write_text(page, assemble(index))
    write_json(memory_file, {"look": PAGE_LOGIC, "pieces": {name: vars(entry) for name, entry in made.items()}})
    _remove_old(report, made)
    return page


def made_rows(made: Mapping[str, _Made]) -> list[dict[str, Any]]:
    """Rows of the index, each with the piece that its numbers are in."""
    return [{**row, "piece": name} for name, entry in made.items() for row in entry.rows]


def made_problems(made: Mapping[str, _Made]) -> list[str]:
    """What the page says about manifests that could not be used."""
    return [problem for entry in made.values() for problem in entry.problems]


def _kept(piece: Piece, known: Mapping[str, Any] | None, report: Path, sheets: _Sheets) -> _Made | None:
    """What an earlier build made of a piece, where it is still right."""
    if (
        known is None
        or known["state"] != piece.state
        or known["sheet"] != ((known["rows"] and sheets.name(piece)) or "")
    ):
        return None
    files = [_data_file(report, piece.name), *([report / known["sheet"]] if known["sheet"] else [])]
    return _Made(**known) if all(path.is_file() for path in files) else None


def _make(
    piece: Piece, results_dir: Path, report: Path, old: Mapping[str, Any], sheets: _Sheets, count: _Count
) -> _Made:
    found = collect(results_dir, piece.files)
    maker = Maker(results_dir, report, old)
    links = []
    for manifest in found.manifests:
        links.append(maker.links(manifest))
        count.more(1)
    count.more(len(piece.files) - len(links))
    write_text(_data_file(report, piece.name), data_script(piece.name, piece_data(found.manifests, links)))
    rows = [row_of_variant(m, link) for m, link in zip(found.manifests, links, strict=True)]
    cells = [
        (_caption(str(m["video_id"])), final_verdict(m), report / link.thumb if link.thumb else None)
        for m, link in zip(found.manifests, links, strict=True)
    ]
    sheet = sheets.name(piece) if cells else ""
    if cells:
        contact_sheet(cells, report / sheet)
    return _Made(piece.state, rows, list(found.problems), sheet, maker.made)


@dataclass
class _Count:
    """How far the build is."""

    total: int
    progress: OnProgress | None
    done: int = 0

    def more(self, count: int) -> None:
        self.done += count
        if self.progress is not None and count:
            self.progress(self.done, self.total)


@dataclass(frozen=True)
class _Sheets:
    """Where contact sheets are. alone: there is one piece."""

    report: Path
    alone: bool

    def name(self, piece: Piece) -> str:
        """Path of a piece's sheet, relative to the report's folder."""
        return "contact_sheet.png" if self.alone else f"contact_sheets/{piece.name}.png"


def _data_file(report: Path, name: str) -> Path:
    return report / "data" / f"{name}.js"


def _remove_old(report: Path, made: Mapping[str, _Made]) -> None:
    """Remove data and sheets of pieces that are no more."""
    wanted = {_data_file(report, name) for name in made} | {report / entry.sheet for entry in made.values()}
    there = [*(report / "data").glob("*.js"), *(report / "contact_sheets").glob("*.png"), report / "contact_sheet.png"]
    for path in there:
        if path not in wanted:
            path.unlink(missing_ok=True)


def _caption(video_id: str) -> str:
    """Category and seed, which tell the cells of one run apart: `cordless_drill rand00001`."""
    *_, category, variant = video_id.split("/")
    return f"{category} {variant.rpartition('_')[2]}"
