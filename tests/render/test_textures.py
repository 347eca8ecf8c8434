# SPDX-License-Identifier: GPL-3.0-or-later
"""Each object of a batch is rendered with its own texture, in any order, whatever is rendered between."""

from __future__ import annotations

import colorsys
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy")

from grail_addon.core.camera import Camera, look_at  # noqa: E402
from grail_addon.core.pose import Pose  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.render.device import Device  # noqa: E402
from grail_addon.stage.render.render import Quality, prepare, render_frame, render_geometry  # noqa: E402
from grail_addon.stage.room.render_memory import forget_renders  # noqa: E402
from grail_addon.stage.room.scene import OBJECT_ID, Stage  # noqa: E402
from tests.render.conftest import write_scene  # noqa: E402
from tests.render.gate_project import write_person  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402

pytestmark = pytest.mark.bpy

USD = [".usdz", ".usdc"] if bpy.app.build_options.usd else []
FORMATS = [".glb", ".obj", ".fbx", ".gltf", ".ply", *USD]
POSITION, TARGET = np.array([0.8, -0.8, 1.2]), np.array([0.0, 0.0, 0.7])
CAMERA = Camera(look_at(POSITION, TARGET), POSITION, 60.0, 48, 36)
ON_TABLE = Pose(np.eye(3), TARGET, np.ones(3))


def cube(folder: Path, suffix: str, hue: float) -> Path:
    """A cube in one colour: from its texture, of which no file is left where the format carries it, or its vertices."""
    rgb = colorsys.hsv_to_rgb(hue, 1.0, 1.0)
    path = folder / f"model{suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_cube_add(size=0.2)
    obj = bpy.context.object
    if suffix == ".ply":
        colours = obj.data.color_attributes.new("Col", "BYTE_COLOR", "POINT")
        colours.data.foreach_set("color_srgb", np.tile([*rgb, 1.0], len(obj.data.vertices)))
        bpy.ops.wm.ply_export(filepath=str(path))
        return path
    samples.add_material(obj, "skin", samples.texture(folder / "paint.png", rgb))
    if suffix == ".obj":
        bpy.ops.wm.obj_export(filepath=str(path), path_mode="RELATIVE")
    elif suffix == ".fbx":
        bpy.ops.export_scene.fbx(filepath=str(path), path_mode="COPY", embed_textures=True)
    else:
        samples.export(path)
    if suffix in {".glb", ".usdz"}:
        (folder / "paint.png").unlink()
    return path


@pytest.fixture
def stage(tmp_path: Path, empty_file: None):
    write_scene(tmp_path / "mini.blend")
    write_person(tmp_path / "dummy.blend")
    made = None

    def opened() -> Stage:
        nonlocal made
        made = Stage(tmp_path / "mini.blend")
        prepare(made.scene, Device("CPU", "CPU", ()))
        made.scene.view_settings.view_transform = "Standard"
        for obj in made.scene.objects:
            if obj.type == "LIGHT":
                obj.data.energy = 30.0
        return made

    yield opened
    if made is not None:
        made.close()


def rendered_hue(stage: Stage, folder: Path) -> float:
    """Hue of the object's light in a picture of the stage."""
    stage.place_object(ON_TABLE)
    stage.aim(CAMERA)
    seen = drain(render_geometry(stage.scene, folder / "passes.exr")).ids == OBJECT_ID
    assert seen.sum() > 50
    drain(render_frame(stage.scene, folder / "frame.png", Quality(2, False), 1))
    with Image.open(folder / "frame.png") as image:
        return linear_hue(np.median(np.asarray(image.convert("RGB"))[seen], axis=0) / 255.0)


def off(found: float, painted: float) -> float:
    """Difference of a hue of light to that of paint, which is as displays take it."""
    wanted = linear_hue(np.array(colorsys.hsv_to_rgb(painted, 1.0, 1.0)))
    return abs((found - wanted + 0.5) % 1.0 - 0.5)


def linear_hue(rgb: np.ndarray) -> float:
    """Hue of a display's RGB (3,) as light: white that is added, as by a highlight, does not change it."""
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    assert light.max() > 1.5 * light.min(), "no strong colour"
    return colorsys.rgb_to_hsv(*light)[0]


def test_forty_objects_of_all_formats(stage, tmp_path: Path) -> None:
    order = random.Random(4)
    hues = [k / 40 for k in range(40)]
    order.shuffle(hues)
    files = [(cube(tmp_path / str(k), FORMATS[k % len(FORMATS)], hue), hue) for k, hue in enumerate(hues)]
    order.shuffle(files)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    room = stage()
    person = drain(room.add_person(tmp_path / "dummy.blend", "dummy", None, tmp_path))
    person.place((-2.0, 2.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    wrong = []
    for path, hue in files:
        person.show(order.random() < 0.5)  # as end frames do
        if order.random() < 0.2:
            forget_renders(room.scene)  # as after a probe or pilot
        drain(room.load_object(path))
        if order.random() < 0.3:  # an object that is settled, but not rendered
            drain(room.load_object(order.choice(files)[0]))
            drain(room.load_object(path))
        for _ in range(order.randint(1, 2)):
            found = rendered_hue(room, tmp_path)
            if off(found, hue) > 0.01:
                wrong.append((path.name, hue, round(found, 3)))
    assert wrong == []
    assert len(bpy.data.images) > 20, "addresses are kept"
    assert sum(image.packed_file is not None for image in bpy.data.images) <= 1
    room.close()
    assert all(image.type == "RENDER_RESULT" for image in bpy.data.images)


@pytest.mark.parametrize("suffix", [".obj", ".gltf", ".glb"])
def test_a_texture_that_was_edited_is_read_again(stage, tmp_path: Path, suffix: str) -> None:
    path = cube(tmp_path / "cube", suffix, 0.0)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    room = stage()
    for hue in (0.0, 1 / 3, 2 / 3, 0.0):
        if suffix == ".glb":
            cube(tmp_path / "other", suffix, hue).replace(path)
            room.close()
            room = stage()
        else:
            (texture,) = path.parent.glob("*.png")
            samples.texture(texture, colorsys.hsv_to_rgb(hue, 1.0, 1.0))
        drain(room.load_object(path))
        assert off(rendered_hue(room, tmp_path), hue) < 0.01


def test_a_room_of_the_same_name_with_other_textures(stage, tmp_path: Path) -> None:
    """The next stage has its own pictures, too, though its scene has the name of the one before."""
    made = [cube(tmp_path / str(k), ".glb", hue) for k, hue in enumerate((0.1, 0.5, 0.9))]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for path, hue in zip(made, (0.1, 0.5, 0.9), strict=True):
        room = stage()
        drain(room.add_static("prop", path, Pose(np.eye(3), np.array([0.0, 0.0, 0.6]), np.ones(3)), 1.0))
        drain(room.load_object(made[0]))
        room.place_object(Pose(np.eye(3), np.array([0.0, 0.0, 50.0]), np.ones(3)))
        room.aim(CAMERA)
        seen = drain(render_geometry(room.scene, tmp_path / "passes.exr")).ids == room.room["prop"].number
        drain(render_frame(room.scene, tmp_path / "frame.png", Quality(2, False), 1))
        with Image.open(tmp_path / "frame.png") as image:
            rgb = np.median(np.asarray(image.convert("RGB"))[seen], axis=0) / 255.0
        assert off(linear_hue(rgb), hue) < 0.01
        room.close()
