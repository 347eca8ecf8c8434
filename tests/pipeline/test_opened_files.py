# SPDX-License-Identifier: GPL-3.0-or-later
"""What the importer opened beside the planned files stands in the manifests, and a change of it makes items stale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grail_addon.core.files import read_json, write_json
from grail_addon.core.plan.opened import changed_since, opened_entries
from tests.pipeline.driven_run import DrivenRun, items_of, key
from tests.plan_project import make_project

BROUGHT = {
    "object": ["Things/materials/textures/texture.png", "Things/mug/layer.usda"],
    "static board": ["Scene/tex/board.png"],
    "character": ["characters/hair.blend", "skins/face.png"],
    "scene": ["skies/sky.exr", "libraries/lamps.blend"],
}
"""Role -> files below `data`."""
FOR_SETTLE = {"Things/mug/layer.usda", "libraries/lamps.blend"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_project(tmp_path)
    for name in (name for names in BROUGHT.values() for name in names):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before")
    return tmp_path


def run(folder: Path, *argv: str) -> DrivenRun:
    session = DrivenRun(folder, "--category", "mug", *argv)
    session.workshop.brought = {role: [folder / "data" / name for name in names] for role, names in BROUGHT.items()}
    return session.drain()


def test_manifests_list_what_was_opened(folder: Path) -> None:
    session = run(folder)
    settle, *frames = (read_json(item.manifest) for item in session.jobs.ready[0].items)
    assert {(role, name) for role, files in settle["opened"].items() for name in files} == {
        ("object", "layer.usda"),
        ("scene", "../libraries/lamps.blend"),
    }
    assert frames[0]["opened"].keys() == BROUGHT.keys()
    assert "../materials/textures/texture.png" in frames[0]["opened"]["object"]
    assert all(len(mark) == 64 for files in frames[0]["opened"].values() for mark in files.values())
    assert run(folder, "--skip_done").told("skip") == items_of("mug")


CHANGES: dict[str, Callable[[Path], object]] = {
    "changed": lambda path: path.write_text("after"),
    "gone": lambda path: path.unlink(),
    "another in its place": lambda path: path.unlink() or path.symlink_to(path.parent.parent / "mug"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("name", [name for names in BROUGHT.values() for name in names])
def test_a_change_makes_stale_what_depends_on_it(folder: Path, name: str, change: Callable[[Path], object]) -> None:
    run(folder)
    change(folder / "data" / name)
    told = run(folder, "--skip_done")
    frames = [key("mug", 1), key("mug", 2)]
    assert told.told("done") == ([key("mug"), *frames] if name in FOR_SETTLE else frames)


def test_a_texture_that_comes_up_makes_stale(folder: Path) -> None:
    texture = folder / "data" / "Things/materials/textures/texture.png"
    texture.unlink()
    run(folder)
    assert run(folder, "--skip_done").told("done") == []
    texture.write_text("now")
    assert run(folder, "--skip_done").told("done") == [key("mug", 1), key("mug", 2)]


def test_items_made_before_stay_up_to_date(folder: Path) -> None:
    for item in run(folder).jobs.ready[0].items:
        manifest = read_json(item.manifest)
        del manifest["opened"]
        write_json(item.manifest, manifest)
    (folder / "data" / "skies/sky.exr").write_text("after")
    assert run(folder, "--skip_done").told("skip") == items_of("mug")


def test_results_may_move_with_their_assets(tmp_path: Path) -> None:
    entries = {}
    for name in ("here", "there"):
        (tmp_path / name / "mug").mkdir(parents=True)
        (tmp_path / name / "wood.png").write_text("same")
        source = {"object": tmp_path / name / "mug" / "model.obj"}
        entries[name] = opened_entries({"object": [tmp_path / name / "wood.png"]}, source, lambda p: p.read_text())
    assert entries["here"] == entries["there"] == {"object": {"../wood.png": "same"}}
    assert not changed_since(entries["here"], source, lambda p: p.read_text())


def test_the_folder_behind_a_link_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_text(name)
    (tmp_path / "mug").mkdir()
    (tmp_path / "mug" / "textures").symlink_to(tmp_path / "one")
    source = {"object": tmp_path / "mug" / "model.obj"}
    entries = opened_entries({"object": [tmp_path / "mug/textures/a.png"]}, source, lambda p: p.read_text())
    (tmp_path / "mug" / "textures").unlink()
    (tmp_path / "mug" / "textures").symlink_to(tmp_path / "two")
    why = changed_since(entries, source, lambda p: p.read_text())
    assert why == "textures/a.png of object was changed since"
