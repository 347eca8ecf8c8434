# SPDX-License-Identifier: GPL-3.0-or-later
"""What is up to date, and why not: by manifests, by what was hashed, by times where nothing is read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.disk_file import file_entries
from grail_addon.core.files import read_json, write_json
from grail_addon.core.plan import items as plan
from grail_addon.core.plan.items import Item, caching_hasher, freshness
from tests.plan_project import job_of, make_project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def made(item: Item, results: Path, **other: Any) -> None:
    """What a finished item leaves: two files and a manifest that lists them."""
    files = {}
    for role in ("frame", "depth_png"):
        files[role] = results / "generation" / f"{item.step}-{role}.png"
        files[role].parent.mkdir(parents=True, exist_ok=True)
        files[role].write_text(role)
    content = {
        "fingerprint": item.fingerprint,
        "plan_inputs": item.inputs,
        "status": "done",
        "files": file_entries(files, results),
    }
    write_json(item.manifest, {**content, **other})


@pytest.fixture
def item(folder: Path) -> Item:
    return job_of(folder).renders[0]


def test_up_to_date(item: Item, folder: Path) -> None:
    made(item, folder / "out")
    state = freshness(item, folder / "out")
    assert state.fresh and state.why == "up to date"


def test_not_made_yet(item: Item, folder: Path) -> None:
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "not made yet"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--samples", "64"], "rendering.samples: 8 -> 64"),
        (["--seed", "3"], "base_seed: 0 -> 3"),
        (["--set", "scenes.stage.camera_radius=2"], "settings.camera_radius[0]: 3 -> 2"),
        (["--set", "simulation.drops=2"], "settle: "),
    ],
)
def test_changed_input_is_named(item: Item, folder: Path, argv: list[str], named: str) -> None:
    made(item, folder / "out")
    state = freshness(job_of(folder, *argv).renders[0], folder / "out")
    assert not state.fresh and state.why.startswith("inputs changed: ") and named in state.why


def test_changed_file_of_the_input_is_named(item: Item, folder: Path) -> None:
    made(item, folder / "out")
    (folder / "data/Things/mug/a/color.png").write_text("painted")
    state = freshness(job_of(folder).renders[0], folder / "out")
    assert not state.fresh and "object.a/color.png: " in state.why and state.why.count("->") == 1


def test_a_fingerprint_that_was_edited(item: Item, folder: Path) -> None:
    made(item, folder / "out", fingerprint="0" * 64)
    state = freshness(item, folder / "out")
    assert not state.fresh and not state.why.endswith(": ")


def test_failed_last_time(item: Item, folder: Path) -> None:
    made(item, folder / "out", status="failed", files={})
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "failed last time"


def test_missing_and_changed_files(item: Item, folder: Path) -> None:
    made(item, folder / "out")
    depth = folder / "out/generation/render-depth_png.png"
    depth.write_text("depth_pnh")  # same size, other bytes
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "depth_png was changed since (generation/render-depth_png.png)"
    depth.unlink()
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "depth_png is missing (generation/render-depth_png.png)"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"x"', "\xff\xfe"])
def test_unreadable_manifest(item: Item, folder: Path, text: str) -> None:
    item.manifest.parent.mkdir(parents=True)
    item.manifest.write_bytes(text.encode("latin-1"))
    state = freshness(item, folder / "out")
    assert not state.fresh and state.why == "its manifest cannot be read"


@pytest.mark.parametrize("files", [None, {"frame": "x.png"}, {"frame": {"path": "x"}}, [1], {"frame": {"sha256": "0"}}])
def test_manifest_with_a_broken_list_of_files(item: Item, folder: Path, files: Any) -> None:
    made(item, folder / "out", files=files)
    assert not freshness(item, folder / "out").fresh


def test_files_that_must_not_be_read(item: Item, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(item, folder / "out")

    def denied(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(plan, "sha256_file", denied)
    state = freshness(item, folder / "out")
    assert not state.fresh and "cannot be read" in state.why and "depth_png" in state.why


def test_file_entries_are_relative_and_hashed(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    path.parent.mkdir()
    path.write_bytes(b"abc")
    stat = path.stat()
    assert file_entries({"x": path}, tmp_path) == {
        "x": {
            "path": "a/b.txt",
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "stat": [3, stat.st_mtime_ns, stat.st_ino],
        }
    }
    assert file_entries({"x": tmp_path / "gone"}, tmp_path) == {"x": {"path": "gone", "sha256": ""}}


def made_long_ago(item: Item, results: Path) -> Path:
    """As `made`, with the manifest written well after its files; returns one of them."""
    made(item, results)
    depth = results / "generation/render-depth_png.png"
    os.utime(depth, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    list_file(item, results, depth)
    return depth


def list_file(item: Item, results: Path, depth: Path) -> None:
    """Have the manifest list this file as it is now, and nothing else."""
    write_json(item.manifest, {**read_json(item.manifest), "files": file_entries({"depth_png": depth}, results)})


def test_a_file_that_looks_untouched_is_not_read_again_but_where_that_is_asked_for(
    item: Item, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth = made_long_ago(item, folder / "out")
    reads: list[Path] = []
    real = plan.sha256_file
    monkeypatch.setattr(plan, "sha256_file", lambda path: reads.append(path) or real(path))
    assert freshness(item, folder / "out").fresh and not reads
    assert freshness(item, folder / "out", verify=True).fresh and reads == [depth]


def test_a_copy_of_the_folder_is_hashed_and_still_up_to_date(item: Item, folder: Path) -> None:
    depth = made_long_ago(item, folder / "out")
    text = depth.read_text()
    depth.unlink()
    depth.write_text(text)  # another time, another inode
    assert freshness(item, folder / "out").fresh


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_changed_file_is_seen_by_its_time_or_by_verify(item: Item, folder: Path, keep_time: bool) -> None:
    depth = made_long_ago(item, folder / "out")
    before = depth.stat()
    depth.write_text("depth_pnh")  # same size, other bytes
    if keep_time:
        os.utime(depth, ns=(before.st_atime_ns, before.st_mtime_ns))
    state = freshness(item, folder / "out", verify=keep_time)
    assert not state.fresh and state.why == "depth_png was changed since (generation/render-depth_png.png)"


def test_a_file_of_the_manifests_own_moment_is_hashed(item: Item, folder: Path) -> None:
    depth = made_long_ago(item, folder / "out")
    moment = item.manifest.stat().st_mtime_ns - plan.UNSURE_NS // 2
    os.utime(depth, ns=(moment, moment))
    list_file(item, folder / "out", depth)
    os.utime(item.manifest, ns=(moment + 1, moment + 1))
    depth.write_text("depth_pnh")
    os.utime(depth, ns=(moment, moment))
    assert not freshness(item, folder / "out").fresh


def test_hasher_reads_a_file_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    real = plan.sha256_file
    monkeypatch.setattr(plan, "sha256_file", lambda path: reads.append(path) or real(path))
    path, hasher = tmp_path / "a", caching_hasher()
    path.write_text("one")
    assert hasher(path) == hasher(path) == real(path) and len(reads) == 1
    path.write_text("two")
    os.utime(path, ns=(1, 1))  # the clock of the file system may be coarse
    assert hasher(path) == real(path) and len(reads) == 2
