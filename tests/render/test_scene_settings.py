# SPDX-License-Identifier: GPL-3.0-or-later
"""No setting of the user's scene changes a frame: scenes with every property at random give the pixels of a plain one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy")

from grail_addon.core.camera import Camera, look_at  # noqa: E402
from grail_addon.core.variant.draw import LightDraw  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.render.device import Device  # noqa: E402
from grail_addon.stage.render.render import Quality, prepare, render_frame, render_geometry  # noqa: E402
from grail_addon.stage.room.scene import Stage  # noqa: E402
from tests.render.conftest import write_scene  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

POSITION, TARGET = np.array([2.2, -2.6, 2.2]), np.array([0.0, 0.0, 0.6])
CAMERA = Camera(look_at(POSITION, TARGET), POSITION, 90.0, 96, 72)
LIGHT = LightDraw("studio.exr", 0.0, 0.0, 0.0, 0.0, 6500.0)
# settings of content, not of rendering: what is animated stands as in the first frame
CONTENT = frozenset({"frame_current", "frame_start", "frame_end", "frame_preview_start", "frame_preview_end"})

# no render looks at them, and 4.2 crashes on writing a scene whose brush for UVs was touched by Python
NOT_WRITTEN = frozenset({"uv_sculpt"})


def is_group(child: Any, scene: bpy.types.Scene) -> bool:
    is_struct = isinstance(child, bpy.types.bpy_struct) and not isinstance(child, bpy.types.ID | bpy.types.Struct)
    return is_struct and child.id_data == scene


def groups(scene: bpy.types.Scene) -> list[Any]:
    """The scene and all groups of settings that hang on it and on its view layers."""
    found, queue = [], [scene, *scene.view_layers]
    while queue:
        owner = queue.pop()
        found.append(owner)
        for prop in owner.bl_rna.properties:
            wanted = prop.type == "POINTER" and prop.identifier not in NOT_WRITTEN
            child = getattr(owner, prop.identifier, None) if wanted else None
            if is_group(child, scene) and not any(child == known for known in (*found, *queue)):
                queue.append(child)
    return found


def randomise(scene: bpy.types.Scene, seed: int) -> int:
    """Set every property that can be set to a random value; how many."""
    draw = random.Random(seed)
    count = 0
    for owner in groups(scene):
        for prop in owner.bl_rna.properties:
            if (
                prop.is_readonly
                or prop.identifier in CONTENT
                or prop.identifier in {"name", "filepath", "is_runtime_data"}
            ):
                continue
            value = random_value(draw, prop)
            if value is None:
                continue
            try:
                setattr(owner, prop.identifier, value)
                count += 1
            except (TypeError, AttributeError, RuntimeError, ValueError):
                continue  # a value that depends on others
    return count


def random_value(draw: random.Random, prop: Any) -> Any:
    if prop.type == "BOOLEAN":
        value: Any = [draw.random() < 0.5 for _ in range(prop.array_length)] if prop.is_array else draw.random() < 0.5
    elif prop.type == "INT" and not prop.is_array:
        low = max(prop.soft_min, prop.hard_min)
        value = draw.randint(low, max(low, min(prop.soft_max, prop.hard_max, 5000)))
    elif prop.type == "FLOAT" and not prop.is_array:
        low = max(prop.soft_min, -100.0)
        value = draw.uniform(low, max(low, min(prop.soft_max, 100.0)))
    elif prop.type == "ENUM" and not prop.is_enum_flag and prop.enum_items:
        value = draw.choice([item.identifier for item in prop.enum_items])
    else:
        value = None
    return value


def further_mess(scene: bpy.types.Scene) -> None:
    """What is no single property: view layers, compositor, strips, markers, a border, a world of one colour kept."""
    scene.view_layers.new("second")
    scene.view_layers[0].use = False
    scene.view_layers.new("third").use = True
    scene.render.use_multiview = True
    scene.render.use_border = scene.render.use_crop_to_border = True
    scene.render.border_min_x, scene.render.border_max_x = 0.4, 0.5
    scene.render.use_simplify = True
    scene.timeline_markers.new("cut", frame=1).camera = next((o for o in scene.objects if o.type == "CAMERA"), None)
    if hasattr(scene, "use_nodes"):
        scene.use_nodes = True
    for node in getattr(getattr(scene, "node_tree", None), "nodes", ()):
        if node.type == "R_LAYERS":
            node.scene = scene  # a new one shows the window's scene, which would be written, too
    strips = scene.sequence_editor_create()
    strips = strips.strips if hasattr(strips, "strips") else strips.sequences
    strips.new_effect(name="red", type="COLOR", channel=1, frame_start=1, **_length(20))


def _length(frames: int) -> dict[str, int]:
    return {"length": frames} if bpy.app.version >= (5, 0, 0) else {"frame_end": frames}


def made_of(path: Path, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Picture, depth and ids of a scene file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage = Stage(path)
    prepare(stage.scene, Device("CPU", "CPU", ()))
    stage.lights.apply(LIGHT)
    stage.aim(CAMERA)
    seen = drain(render_geometry(stage.scene, folder / "passes.exr"))
    drain(render_frame(stage.scene, folder / "frame.png", Quality(4, False), 1))
    stage.close()
    with Image.open(folder / "frame.png") as image:
        return np.asarray(image.convert("RGB")).astype(int), seen.depth, seen.ids


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    write_scene(tmp_path / "mini.blend")
    return tmp_path / "mini.blend"


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_setting_of_the_scene_counts(plain: Path, tmp_path: Path, seed: int) -> None:
    picture, depth, ids = made_of(plain, tmp_path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(plain)) as (there, here):
        here.scenes = list(there.scenes)
    scene = here.scenes[0]
    further_mess(scene)
    if seed > 1:
        assert randomise(scene, seed) > 300
    for layer in scene.view_layers:
        if seed == 1 and layer.name != "third":
            layer.use = False
    for layer in scene.view_layers:
        layer.update()  # Blender crashes on writing a view layer that was never brought up to date
    messy = tmp_path / "messy.blend"
    bpy.data.libraries.write(str(messy), {scene})
    other = made_of(messy, tmp_path)
    assert np.array_equal(other[2], ids) and np.array_equal(other[1], depth)
    assert np.abs(other[0] - picture).max() <= 1


def test_the_layers_collections_and_first_frame_are_the_scenes(plain: Path, tmp_path: Path) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(plain)) as (there, here):
        here.scenes = list(there.scenes)
    scene = here.scenes[0]
    group = bpy.data.collections.new("group")
    scene.collection.children.link(group)
    table = scene.objects["table"]
    group.objects.link(table)
    scene.collection.objects.unlink(table)
    rendered = scene.view_layers.new("rendered")
    scene.view_layers[0].use = False
    scene.view_layers[0].update()
    scene.view_layers[0].layer_collection.children["group"].exclude = True
    scene.frame_start = 12
    wall = scene.objects["wall_back"]
    wall.location.y = 0.0
    wall.keyframe_insert("location", frame=1)
    wall.location.y = 0.3
    wall.keyframe_insert("location", frame=12)
    rendered.update()
    bpy.data.libraries.write(str(tmp_path / "layers.blend"), {scene})
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage = Stage(tmp_path / "layers.blend")
    assert "table" in stage.room
    assert stage.room["wall_back"].world.bounds[0][1] == pytest.approx(2.8, abs=1e-4)
    stage.close()
