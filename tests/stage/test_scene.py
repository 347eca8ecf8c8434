# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage: what it numbers, what it answers, and that it leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.errors import UserError
from grail_addon.core.pose import Pose
from grail_addon.drivers.blocking import drain
from tests.stage.shapes import box, obj_text

pytestmark = pytest.mark.bpy


@pytest.fixture
def stage(tmp_path: Path, empty_file):
    from grail_addon.stage.room.scene import Stage
    from tests.render.conftest import write_scene

    write_scene(tmp_path / "mini.blend")
    (tmp_path / "model.obj").write_text(obj_text(box((-0.05, -0.03, -0.02), (0.05, 0.03, 0.02))))
    made = Stage(tmp_path / "mini.blend")
    yield made
    made.close()


def test_room_has_a_number_for_each_thing(stage):
    assert set(stage.room) == {"floor", "wall_back", "wall_left", "table"}
    numbers = [thing.number for thing in stage.room.values()]
    assert len(set(numbers)) == len(numbers)
    assert min(numbers) > 2


def test_the_pose_maps_the_stored_vertices(stage, tmp_path: Path):
    mesh = drain(stage.load_object(tmp_path / "model.obj"))
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    pose = Pose(turn, np.array([0.1, 0.2, 0.7]), np.array([2.0, 3.0, 4.0]))
    thing = stage.place_object(pose)
    wanted = (mesh.vertices * pose.scale) @ turn.T + pose.translation
    assert np.allclose(thing.world.vertices, wanted)
    obj = stage.imported.object
    stage.view_layer.update()
    seen = np.array([obj.matrix_world @ v.co for v in obj.data.vertices])
    assert np.allclose(seen, wanted, atol=1e-6)


def test_heights(stage):
    assert stage.ground_height((1.0, -1.0), 0.1) == pytest.approx(0.0, abs=1e-6)
    assert stage.ground_height((0.0, 0.0), 0.55) == pytest.approx(0.6, abs=1e-6)
    assert stage.ground_height((50.0, 0.0), 0.25) == 0.25
    table = stage.room["table"]
    assert stage.level_under(table, np.array([[0.0, 0.0, 0.6], [0.1, 0.2, 0.6]])) == pytest.approx(0.6, abs=1e-6)
    assert stage.level_under(table, np.array([[0.0, 0.0, 0.6], [0.5, 0.0, 0.6]])) is None


def test_a_new_object_replaces_the_old_with_all_its_data(stage, tmp_path: Path):
    import bpy

    drain(stage.load_object(tmp_path / "model.obj"))
    meshes, materials = len(bpy.data.meshes), len(bpy.data.materials)
    for _ in range(3):
        drain(stage.load_object(tmp_path / "model.obj"))
    assert (len(bpy.data.meshes), len(bpy.data.materials)) == (meshes, materials)


@pytest.mark.parametrize("content", [b"not a blend file", b""])
def test_a_file_that_is_no_scene_is_told_by_name(tmp_path: Path, empty_file, content: bytes):
    import bpy

    from grail_addon.stage.room.scene import Stage

    path = tmp_path / "broken.blend"
    path.write_bytes(content)
    before = len(bpy.data.scenes)
    with pytest.raises(UserError, match=r"broken\.blend"):
        Stage(path)
    assert len(bpy.data.scenes) == before


def test_opacity_lets_light_through(stage, tmp_path: Path):
    drain(stage.load_object(tmp_path / "model.obj", opacity=0.25))
    (slot,) = stage.imported.object.material_slots
    (mix,) = [n for n in slot.material.node_tree.nodes if n.type == "MIX_SHADER"]
    assert mix.inputs[0].default_value == pytest.approx(0.25)
    assert mix.inputs[1].links[0].from_node.type == "BSDF_TRANSPARENT"
