# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding assets: order of names, formats, depths and roots, and the sentence when nothing is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.errors import InputError
from grail_addon.core.plan.assets import (
    STARTER_DATASET,
    STARTER_OBJECTS,
    STARTER_TERRAIN,
    AssetRoot,
    fallback_category,
    find_character,
    find_object,
    find_scene,
)
from tests.touch import touch

ORDER = [
    "model.obj",
    "mug.obj",
    "mesh.obj",
    "another.OBJ",
    "z.usda",
    "z.usdc",
    "z.usd",
    "z.usdz",
    "z.glb",
    "z.gltf",
    "z.vrm",
    "z.fbx",
    "z.stl",
    "z.ply",
    "raw/model.obj",
    "raw/b.glb",
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_order_in_a_folder(user: AssetRoot, first: int) -> None:
    folder = user.path / "ComAsset" / "mug"
    touch(*(folder / name for name in ORDER[first:]), folder / "readme.txt", folder / ".part-1-model.obj")
    found = find_object("ComAsset", "mug", [user])
    assert found.path == folder / ORDER[first]
    assert (found.root, found.is_starter, found.category) == (user.path, False, "mug")


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (["UCX_mug_visual.obj", "mug_visual.obj"], "mug_visual.obj"),
        (["cup_collision.glb", "cup_look.glb"], "cup_look.glb"),
        (["body-col.ply", "scan.ply"], "scan.ply"),
        (["a_LOD2.fbx", "a_LOD10.fbx", "a_LOD1.fbx"], "a_LOD1.fbx"),
        (["a_lod1.obj", "a_lod0.obj"], "a_lod0.obj"),
        (["collision/a.obj", "visual/a.obj"], "visual/a.obj"),
        (["colliders/model.obj", "meshes/part.obj"], "meshes/part.obj"),
        (["collision/a.obj"], "collision/a.obj"),
        (["UCX_mug.obj"], "UCX_mug.obj"),
    ],
)
def test_hulls_and_coarse_levels_come_last(user: AssetRoot, files: list[str], wanted: str) -> None:
    folder = user.path / "ComAsset" / "mug"
    touch(*(folder / name for name in files))
    assert find_object("ComAsset", "mug", [user]).path == folder / wanted


@pytest.mark.parametrize("name", ["mug.blend", "raw/scan.DAE", "mug.zip"])
def test_a_file_of_another_format_is_told(user: AssetRoot, name: str) -> None:
    touch(user.path / "ComAsset" / "mug" / name)
    with pytest.raises(InputError) as caught:
        find_object("ComAsset", "mug", [user])
    (problem,) = caught.value.problems
    assert problem.fix == f"{Path(name).name} is there, and that format is not read for objects: save it as GLB or OBJ."


def test_users_data_wins_whatever_the_order_given(user: AssetRoot, starter: AssetRoot) -> None:
    touch(starter.path / "ComAsset/mug/model.obj")
    assert find_object("ComAsset", "mug", [starter, user]).is_starter
    touch(user.path / "ComAsset/mug/z.ply")
    assert not find_object("ComAsset", "mug", [starter, user]).is_starter


def test_category_falls_back_but_exact_wins(user: AssetRoot, starter: AssetRoot) -> None:
    touch(user.path / "ComAsset/canned_food/canned_food.obj")
    found = find_object("ComAsset", "canned_food_3", [user, starter])
    assert found.category == "canned_food" and found.path.name == "canned_food.obj"
    touch(starter.path / "ComAsset/canned_food_3/model.obj")
    assert find_object("ComAsset", "canned_food_3", [user, starter]).category == "canned_food_3"


@pytest.mark.parametrize(
    ("name", "base"), [("canned_food_3", "canned_food"), ("mug", None), ("mug3", None), ("_3", None), ("a_1_22", "a_1")]
)
def test_fallback_category(name: str, base: str | None) -> None:
    assert fallback_category(name) == base


def test_missing_object_says_where_and_what_to_do(user: AssetRoot, starter: AssetRoot) -> None:
    touch(user.path / "ComAsset/cordless_drill/model.obj")
    with pytest.raises(InputError) as caught:
        find_object("ComAsset", "cordless_dril", [user, starter])
    text = str(caught.value)
    assert "\n" not in text and "ComAsset/cordless_dril" in text and "make assets" not in text
    assert str(user.path / "ComAsset/cordless_dril") in text and str(starter.path) in text
    assert "Did you mean cordless_drill?" in text


@pytest.mark.parametrize("category", ["cordless_drill", "canned_food_3"])
def test_missing_starter_object_says_how_to_build_it(starter: AssetRoot, category: str) -> None:
    with pytest.raises(InputError, match="make assets"):
        find_object("ComAsset", category, [starter])
    with pytest.raises(InputError) as caught:
        find_object("Other", category, [starter])
    assert "make assets" not in str(caught.value)


def test_starter_set_is_what_is_named_here() -> None:
    catalog = pytest.importorskip("starter.objects.catalog")
    assert {
        thing.category for thing in (*catalog.OBJECTS, *catalog.SEATS)
    } == STARTER_OBJECTS and catalog.DATASET == STARTER_DATASET


def test_starter_terrain_is_what_is_named_here() -> None:
    terrain = pytest.importorskip("starter.terrain")
    assert {(p.dataset, p.category) for p in terrain.PIECES} == {
        (d, c) for d, names in STARTER_TERRAIN.items() for c in names
    }


def test_missing_object_of_other_dataset_has_no_starter_hint(user: AssetRoot) -> None:
    with pytest.raises(InputError) as caught:
        find_object("Chairs", "chair_7", [user])
    text = str(caught.value)
    assert "make assets" not in text and "Chairs/chair," not in text and "chair_7" in text


def test_character_by_exact_name_format_and_folder(user: AssetRoot, starter: AssetRoot) -> None:
    own = user.path / "elsewhere"
    touch(starter.path / "characters/kid/kid.blend")
    assert find_character("kid", own, [user, starter]).is_starter
    touch(user.path / "characters/kid_rigged/body.fbx", user.path / "characters/kidney/kidney.blend")
    found = find_character("kid", own, [user, starter])
    assert found.path.name == "body.fbx" and not found.is_starter
    touch(own / "kid_posed.obj", own / "kid.fbx", own / "kidney.blend", own / "kid.txt")
    assert find_character("kid", own, [user, starter]).path == own / "kid.fbx"
    touch(own / "kid.usda")
    assert find_character("kid", own, [user, starter]).path == own / "kid.usda"
    touch(own / "kid.blend")
    assert find_character("kid", own, [user, starter]).path == own / "kid.blend"
    assert find_character("kidney", own, []).path == own / "kidney.blend"


def test_character_dir_that_is_a_roots_own_is_listed_once(starter: AssetRoot) -> None:
    with pytest.raises(InputError) as caught:
        find_character("kid", starter.path / "characters", [starter])
    text = str(caught.value)
    assert text.count(str(starter.path)) == 1 and "make assets" in text and "No character kid" in text


def test_scene_by_name_path_and_root(user: AssetRoot, starter: AssetRoot, tmp_path: Path) -> None:
    touch(starter.path / "scenes/indoor2-manipulation.blend")
    assert find_scene("indoor2-manipulation.blend", [], [user, starter]).is_starter
    touch(user.path / "scenes/indoor2-manipulation/indoor2-manipulation.blend")
    found = find_scene("indoor2-manipulation", [], [user, starter])
    assert found.path == user.path / "scenes/indoor2-manipulation/indoor2-manipulation.blend" and not found.is_starter
    touch(tmp_path / "mine/sub/room.blend")
    assert find_scene("sub/room", [tmp_path / "mine"], []).path == tmp_path / "mine/sub/room.blend"
    assert find_scene(str(tmp_path / "mine/sub/room.blend"), [], []).path == tmp_path / "mine/sub/room.blend"


def test_missing_scene(user: AssetRoot, tmp_path: Path) -> None:
    touch(user.path / "scenes/indoor2-manipulation.blend")
    with pytest.raises(InputError, match="Did you mean indoor2-manipulation"):
        find_scene("indoor2-manipulaton", [], [user])
    with pytest.raises(InputError, match="make assets"):
        find_scene("indoor2-manipulation", [], [AssetRoot(tmp_path / "none", True)])
    with pytest.raises(InputError, match=r"No scene file gone\.blend"):
        find_scene(str(tmp_path / "gone.blend"), [], [user])


def test_all_that_is_missing_is_one_line(tmp_path):
    from grail_addon.core.errors import Problem
    from grail_addon.core.plan.assets import as_one

    roots = [AssetRoot(tmp_path)]
    problems = []
    for look in (
        lambda: find_object("Chairs", "stool", roots),
        lambda: find_object("Chairs", "armchair", roots),
        lambda: find_scene("indoor1-sitting", [], roots),
        lambda: find_scene("indoor1-sitting", [], roots),
    ):
        with pytest.raises(InputError) as caught:
            look()
        problems += caught.value.problems
    other = Problem("something else.")
    line, rest = as_one([*problems, other])
    assert rest == other
    assert line.message.count("looked in") == 1
    assert line.message.count("indoor1-sitting.blend") == 1
    assert "Chairs/stool" in line.message and "Chairs/armchair" in line.message
    assert str(tmp_path / "Chairs") in line.message and "Chairs/stool, " not in line.message.split("looked in")[1]
