# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the meshes of static objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.errors import InputError
from grail_addon.core.plan.assets import AssetRoot, find_static
from tests.touch import touch


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("table", "table.glb"),
        ("table.obj", "table.obj"),
        ("table", "table/model.obj"),
        ("table", "table/table.obj"),
        ("table", "table/any.ply"),
        ("table", "table/deeper/mesh.obj"),
        ("sets/table.usda", "sets/table.usda"),
        ("table", "table_v2.stl"),
    ],
)
def test_found_by(user: AssetRoot, starter: AssetRoot, name: str, file: str) -> None:
    touch(user.path / "Scene" / file, user.path / "Scene" / "tablet.obj", user.path / "Scene" / "readme.txt")
    found = find_static(name, [starter, user])
    assert found.path == user.path / "Scene" / file
    assert (found.root, found.is_starter) == (user.path, False)


def test_a_named_file_wins_over_a_folder(user: AssetRoot) -> None:
    touch(user.path / "Scene/table.obj", user.path / "Scene/table.obj.bak", user.path / "Scene/table/model.obj")
    assert find_static("table.obj", [user]).path == user.path / "Scene/table.obj"
    assert find_static("table", [user]).path == user.path / "Scene/table/model.obj"


def test_users_own_wins_whatever_the_order_given(user: AssetRoot, starter: AssetRoot) -> None:
    touch(starter.path / "Scene/table.obj")
    assert find_static("table", [starter, user]).is_starter
    touch(user.path / "Scene/table/z.ply")
    assert not find_static("table", [starter, user]).is_starter


def test_an_absolute_path(tmp_path: Path) -> None:
    touch(tmp_path / "mine/desk.fbx")
    found = find_static(str(tmp_path / "mine/desk.fbx"), [])
    assert found.path == tmp_path / "mine/desk.fbx" and found.root == tmp_path / "mine" and not found.is_starter


def test_missing(user: AssetRoot, starter: AssetRoot, tmp_path: Path) -> None:
    touch(user.path / "Scene/table.obj")
    with pytest.raises(InputError) as caught:
        find_static("tabel", [starter, user])
    text = str(caught.value)
    assert "No mesh for static object tabel" in text and "Did you mean table?" in text and "\n" not in text
    assert str(user.path / "Scene") in text and str(starter.path / "Scene") in text and "make assets" not in text
    with pytest.raises(InputError, match=r"gone\.obj"):
        find_static(str(tmp_path / "gone.obj"), [user])
    with pytest.raises(InputError, match="no folder at all"):
        find_static("table", [])
