# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of many variants: pieces, what is made anew when one variant comes, and what of old pieces goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.report import build
from grail_addon.report.build import build_report
from grail_addon.report.collect import ManifestFile
from grail_addon.report.pieces import LEAST, MOST, cut


def file_of(number: int) -> ManifestFile:
    return ManifestFile(f"Things/o{number // 10:05d}/v{number % 10:05d}", Path("x"), (1, number, 1))


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_pieces_are_the_whole_and_a_new_variant_changes_few(count: int, new: int) -> None:
    files = [file_of(2 * number) for number in range(count)]
    pieces = cut(files)
    assert [file for piece in pieces for file in piece.files] == files
    assert all(len(piece.files) <= MOST for piece in pieces)
    assert all(len(piece.files) >= LEAST for piece in pieces[:-1])
    assert len(pieces) == 1 or count > MOST or count == 0
    assert len({piece.name for piece in pieces}) == len(pieces)
    more = cut(sorted([*files, file_of(2 * new + 1)], key=lambda file: file.name))
    if count > MOST:
        states = {piece.state for piece in pieces}
        changed = [len(piece.files) for piece in more if piece.state not in states]
        assert sum(changed) <= 5 * MOST, "where it falls, and until the cuts meet again"


def write_results(folder: Path, objects: int, seeds: int) -> None:
    """Manifests of frames that failed, so that there are no pictures."""
    for number in range(objects):
        for seed in range(1, seeds + 1):
            write_manifest(folder, f"o{number:03d}", seed)


def write_manifest(folder: Path, category: str, seed: int, **more: Any) -> Path:
    video_id = f"Things/{category}/kid_stage_rand{seed:05d}"
    path = folder / "generation/manifests" / f"{video_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    manifest = {
        "step": "render", "status": "failed", "video_id": video_id, "dataset": "Things", "category": category, "seed": seed,
        "task": "manipulation", "verdict": "fail", "reasons": ["no placement"], "files": {}, "measurements": [], **more,
    }  # fmt: skip
    path.write_text(json.dumps(manifest))
    return path


def test_only_the_piece_of_a_new_variant_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_results(tmp_path, 100, 10)
    seen: list[tuple[int, int]] = []
    build_report(tmp_path, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1000, 1000) and len(seen) == 1000
    sheets, data = (tmp_path / "report" / name for name in ("contact_sheets", "data"))
    assert (
        len(list(data.iterdir())) == len(list(sheets.iterdir())) > 2
        and not (tmp_path / "report/contact_sheet.png").exists()
    )
    before = {path: path.stat().st_mtime_ns for path in [*data.iterdir(), *sheets.iterdir()]}
    read: list[int] = []
    real = build.collect
    monkeypatch.setattr(build, "collect", lambda folder, files: read.append(len(files)) or real(folder, files))
    build_report(tmp_path)
    assert not read, "nothing has changed"
    write_manifest(tmp_path, "o050", 11)
    build_report(tmp_path)
    after = {path: path.stat().st_mtime_ns for path in [*data.iterdir(), *sheets.iterdir()]}
    assert 0 < len(read) <= 2 and sum(read) <= 600
    assert len([path for path in after if before.get(path) != after[path]]) == 2 * len(read)


def test_pieces_that_are_no_more_are_removed(tmp_path: Path) -> None:
    write_results(tmp_path, 60, 10)
    build_report(tmp_path)
    for path in (tmp_path / "generation/manifests/Things").iterdir():
        if path.name >= "o010":
            for manifest in path.iterdir():
                manifest.unlink()
    build_report(tmp_path)
    assert len(list((tmp_path / "report/data").iterdir())) == 1
    assert (tmp_path / "report/contact_sheet.png").is_file() and not list(
        (tmp_path / "report/contact_sheets").iterdir()
    )


def test_a_lost_data_file_is_made_again(tmp_path: Path) -> None:
    write_results(tmp_path, 2, 2)
    build_report(tmp_path)
    (data,) = (tmp_path / "report/data").iterdir()
    text = data.read_text()
    data.unlink()
    build_report(tmp_path)
    assert data.read_text() == text
