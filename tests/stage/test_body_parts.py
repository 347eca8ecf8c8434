# SPDX-License-Identifier: GPL-3.0-or-later
"""Surface points of head, hands and feet: from vertex groups, from objects on bones, posed and placed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.stage.shapes import box, obj_text

pytestmark = pytest.mark.bpy

PARTS = {"head", "left_hand", "right_hand", "left_foot", "right_foot"}
# own frame of the dummy in tests/render/gate_project.py: faces -Y, left is +X
LEFT_HAND = (np.array([0.215, -0.17, 0.63]), np.array([0.265, -0.07, 0.73]))


@pytest.fixture
def dummy(tmp_path: Path, empty_file: None) -> Path:
    import bpy

    from tests.render.gate_project import write_person

    path = tmp_path / "dummy.blend"
    write_person(path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


def person(path: Path, pose: dict | None = None):

    from tests.stage.import_samples import import_person

    pose_file = None
    if pose is not None:
        pose_file = path.with_suffix(".json")
        pose_file.write_text(json.dumps(pose))
    return import_person(path, pose_file)


def parts(path: Path, position=(0.0, 0.0, 0.0), turn=(0.0, 0.0, 0.0), scale=(1.0, 1.0, 1.0), pose: dict | None = None):
    return person(path, pose).part_points(position, turn, scale)


def test_each_part_has_its_own_surface(dummy: Path) -> None:
    found = parts(dummy)
    assert set(found) == PARTS
    assert all(100 <= len(points) <= 200 for points in found.values())
    low, high = found["left_hand"].min(axis=0), found["left_hand"].max(axis=0)
    assert np.allclose(low, LEFT_HAND[0], atol=1e-5) and np.allclose(high, LEFT_HAND[1], atol=1e-5)
    assert found["right_hand"][:, 0].max() < -0.2 and found["head"][:, 2].min() > 1.1
    assert found["left_foot"][:, 2].max() < 0.07


def test_parts_follow_place_turn_and_scale(dummy: Path) -> None:
    low, high = (
        f(parts(dummy, (1.0, 2.0, 3.0), (0.0, 0.0, 90.0), (2.0, 2.0, 2.0))["left_hand"], axis=0)
        for f in (np.min, np.max)
    )
    # a quarter turn takes (x, y) to (-y, x)
    assert np.allclose(low, [1.0 + 2 * 0.07, 2.0 + 2 * 0.215, 3.0 + 2 * 0.63], atol=1e-5)
    assert np.allclose(high, [1.0 + 2 * 0.17, 2.0 + 2 * 0.265, 3.0 + 2 * 0.73], atol=1e-5)


def test_parts_follow_the_pose(dummy: Path) -> None:
    still, swung = parts(dummy), parts(dummy, pose={"upperarm_l": [55, 0, 0]})
    assert swung["left_hand"][:, 1].mean() > still["left_hand"][:, 1].mean() + 0.3, "behind the back"
    assert np.allclose(np.sort(swung["right_hand"], axis=0), np.sort(still["right_hand"], axis=0), atol=1e-5)


def test_objects_that_hang_on_bones(dummy: Path, tmp_path: Path) -> None:
    import bpy

    with bpy.data.libraries.load(str(dummy)) as (_, wanted):
        wanted.collections = ["dummy"]
    (collection,) = wanted.collections
    bpy.context.scene.collection.children.link(collection)
    hat = box((-0.1, -0.1, 1.3), (0.1, 0.1, 1.5))
    data = bpy.data.meshes.new("hat")
    data.from_pydata(hat.vertices.tolist(), [], hat.faces.tolist())
    obj = bpy.data.objects.new("hat", data)
    collection.objects.link(obj)
    rig = bpy.data.objects["dummy_rig"]
    bpy.context.view_layer.update()
    obj.parent, obj.parent_type, obj.parent_bone = rig, "BONE", "head"
    bpy.context.view_layer.update()
    obj.matrix_world = rig.matrix_world
    path = tmp_path / "hatted" / "dummy.blend"
    path.parent.mkdir()
    bpy.data.libraries.write(str(path), {collection})
    bpy.ops.wm.read_factory_settings(use_empty=True)
    found = parts(path)
    assert found["head"][:, 2].max() == pytest.approx(1.5, abs=1e-4)
    assert found["left_hand"][:, 2].max() < 0.75


def test_without_bones_there_are_none(tmp_path: Path, empty_file: None) -> None:
    path = tmp_path / "block.obj"
    path.write_text(obj_text(box((-0.2, -0.1, 0.0), (0.2, 0.1, 1.7))))
    assert parts(path) == {}
