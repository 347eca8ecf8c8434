# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene file that offers options: what is shown, measured and named follows the choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stage.shapes import box

pytestmark = pytest.mark.bpy


@pytest.fixture
def scene_file(tmp_path: Path) -> Path:
    """A floor; a table low or high; a cushion with the low one; a white wall that may be red or blue."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.data.scenes.new("offers")
    white, red, blue = (bpy.data.materials.new(name) for name in ("white", "red", "blue"))

    def add(name: str, mesh: object, condition: str = "", hidden: bool = False) -> bpy.types.Object:
        data = bpy.data.meshes.new(name)
        data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
        obj = bpy.data.objects.new(name, data)
        scene.collection.objects.link(obj)
        if condition:
            obj["variety"] = condition
        obj.hide_render = obj.hide_viewport = hidden
        return obj

    add("floor", box((-2, -2, -0.1), (2, 2, 0)))
    add("low", box((-0.3, -0.3, 0.5), (0.3, 0.3, 0.55)), "support=table; table=low")
    add("high", box((-0.3, -0.3, 0.6), (0.3, 0.3, 0.65)), "support=table; table=high", hidden=True)
    add("cushion", box((0.8, 0.8, 0), (1, 1, 0.1)), "table=low|none")
    add("wall", box((-2, 1.9, 0), (2, 2, 2))).data.materials.append(white)
    swatch = add("swatch", box((0, 0, 5), (1, 1, 6)), hidden=True)
    for material in (white, red, blue):
        swatch.data.materials.append(material)
    swatch["variety_swatch"] = "walls"
    path = tmp_path / "offers.blend"
    scene.view_layers[0].update()  # Blender 5.2 crashes on writing a view layer that was never brought up to date
    bpy.data.libraries.write(str(path), {scene})
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


def wall_material(stage: object) -> str:
    return next(o for o in stage.scene.objects if o.name == "wall").material_slots[0].material.name


def test_what_is_chosen_is_there_and_nothing_else(scene_file: Path) -> None:
    from grail_addon.stage.room.scene import Stage

    stage = Stage(scene_file)
    try:
        assert set(stage.room) == {"floor", "low", "cushion", "wall"}
        numbers = dict.fromkeys(stage.room, 0)
        assert stage.support_at((0, 0), 0.6).height == pytest.approx(0.55)
        assert stage.dress({"table": 0.0, "walls": 0.0}, {}) == {
            "support": "table", "table": "low", "walls:white": "white",
        }  # fmt: skip
        taken = stage.dress({"table": 0.5, "walls": 0.9}, {})
        assert (taken["table"], taken["walls:white"]) == ("none", "blue") and wall_material(stage) == "blue"
        taken = stage.dress({"table": 0.4, "walls": 0.5}, {"table": "high"})
        assert taken["table"] == "high" and set(stage.room) == {"floor", "high", "wall"}
        assert stage.support_at((0, 0), 0.6).height == pytest.approx(0.65) and wall_material(stage) == "red"
        assert {"floor", "high", "wall"} < set(stage.names().values()) and "low" not in stage.names().values()
        stage.dress({}, {"support": "none"})
        assert set(stage.room) == {"floor", "cushion", "wall"} and wall_material(stage) == "white"
        assert stage.support_at((0, 0), 0.3).height == pytest.approx(0.0)
        stage.dress({}, {})
        assert set(stage.room) == {"floor", "low", "cushion", "wall"} == set(numbers)
    finally:
        stage.close()


def test_an_option_that_is_not_there_is_named(scene_file: Path) -> None:
    from grail_addon.core.errors import UserError
    from grail_addon.stage.room.scene import Stage

    stage = Stage(scene_file)
    try:
        with pytest.raises(UserError, match=r"no glass for table.*It has low, none, high"):
            stage.dress({}, {"table": "glass"})
        stage.dress({}, {"view": "town"})  # this scene has no windows
    finally:
        stage.close()


def test_a_wrong_condition_is_told(scene_file: Path) -> None:
    import bpy

    from grail_addon.core.errors import UserError
    from grail_addon.stage.room.scenery import Scenery

    scene = bpy.data.scenes.new("wrong")
    obj = bpy.data.objects.new("sofa", None)
    scene.collection.objects.link(obj)
    obj["variety"] = "furnitur=sofa"
    with pytest.raises(UserError, match=r"sofa of the scene.*walls"):
        Scenery(scene)
