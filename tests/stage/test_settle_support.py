# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies under a point of a scene that is not the active one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from grail_addon.core.errors import UserError
from grail_addon.core.mesh import MeshData
from grail_addon.core.settle.support import FlatSupport, MeshSupport
from tests.stage.shapes import box, join

pytestmark = pytest.mark.bpy


@pytest.fixture
def room(empty_file: None) -> Iterator[object]:
    """Floor at 0, table top at 0.6 with a cube of 0.1 on it, a stair beside."""
    import bpy

    scene = bpy.data.scenes.new("room")
    add(scene, "floor", box((-3, -3, -0.1), (3, 3, 0)))
    add(scene, "table", box((-0.3, -0.45, 0.55), (0.3, 0.45, 0.6)))
    add(scene, "cube", box((-0.05, -0.05, 0.6), (0.05, 0.05, 0.7)))
    add(scene, "stair", join(box((1, -0.5, 0), (1.3, 0.5, 0.15)), box((1.3, -0.5, 0), (1.6, 0.5, 0.3))))
    yield scene


def add(scene, name: str, mesh: MeshData):
    import bpy

    data = bpy.data.meshes.new(name)
    data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
    obj = bpy.data.objects.new(name, data)
    scene.collection.objects.link(obj)
    return obj


def find(scene, xy, z, ignore=()):
    from grail_addon.stage.measure.posed_mesh import PosedMesh
    from grail_addon.stage.room.contents import drawn_objects, joined, pieces
    from grail_addon.stage.room.support import find_support

    for obj in scene.objects:
        obj.hide_viewport = obj.hide_render  # as a stage has it
    layer = scene.view_layers[0]
    layer.update()
    names = {o.session_uid: o.name for o in drawn_objects(layer.depsgraph) if o.name not in ignore}
    found, unread = {}, list(names)
    while unread:
        some = pieces(layer.depsgraph, unread)
        found |= joined(some)
        unread = unread[len(some) :]
    return find_support([PosedMesh(names[uid], 10, mesh) for uid, mesh in found.items()], xy, z, scene.name)


def test_the_highest_surface_near_the_hint(room) -> None:
    assert (find(room, (0.2, 0.3), 0.6).name, find(room, (0.2, 0.3), 0.0).name) == ("table", "floor")
    on_cube = find(room, (0, 0), 0.6)
    assert on_cube.name == "cube" and on_cube.height == pytest.approx(0.7, abs=1e-6)


def test_an_ignored_thing_does_not_hide_the_surface_it_stands_on(room) -> None:
    """Cube's bottom and table's top share a height; a ray that only skipped the cube would miss the table."""
    under = find(room, (0, 0), 0.6, {"cube"})
    assert isinstance(under, FlatSupport) and under.name == "table"
    assert under.height == pytest.approx(0.6, abs=1e-6)


def test_footprints_are_held_up_to_the_edge_and_not_beyond(room) -> None:
    top = find(room, (0.2, 0.3), 0.6, {"cube"})
    points = np.array([(0, 0), (0.09, 0.14), (-0.49, -0.74), (0.11, 0), (0, 0.16), (-0.51, 0)])
    assert top.holds is not None
    assert top.holds(points).tolist() == [True, True, True, False, False, False]


def test_moved_things_are_seen_where_they_are_now(room) -> None:
    table = room.objects["table"]
    table.location.z, table.scale.x = 0.1, 0.5
    assert find(room, (0.1, 0.3), 0.6).height == pytest.approx(0.7, abs=1e-6)
    assert find(room, (0.2, 0.3), 0.6).name == "floor"


def test_modifiers_and_instances_count(room) -> None:
    import bpy

    push = room.objects["table"].modifiers.new("up", "DISPLACE")
    push.direction, push.strength, push.mid_level = "Z", 0.05, 0.0
    assert find(room, (0.2, 0.3), 0.6).height == pytest.approx(0.65, abs=1e-6)
    group = bpy.data.collections.new("group")
    shelf = add(room, "shelf", box((-0.2, -0.2, 0.0), (0.2, 0.2, 0.02)))
    room.collection.objects.unlink(shelf)
    group.objects.link(shelf)
    empty = bpy.data.objects.new("empty", None)
    empty.instance_type, empty.instance_collection, empty.location = "COLLECTION", group, (-2.0, 0.0, 1.0)
    room.collection.objects.link(empty)
    assert find(room, (-2.0, 0.0), 1.0).height == pytest.approx(1.02, abs=1e-6)
    assert find(room, (-2.0, 0.0), 1.0).name == "shelf"
    assert find(room, (-2.0, 0.0), 1.0, {"shelf"}).name == "floor"


def test_what_is_not_rendered_holds_nothing(room) -> None:
    room.objects["table"].hide_render = True
    assert find(room, (0.2, 0.3), 0.6).name == "floor"


def test_uneven_ground_comes_as_triangles_relative_to_the_point(room) -> None:
    ground = find(room, (1.31, 0.0), 0.3)
    assert isinstance(ground, MeshSupport) and ground.name == "stair"
    assert ground.height == pytest.approx(0.3, abs=1e-6)
    heights = set(np.round(ground.vertices[:, 2], 4))
    assert {0.0, -0.15, -0.3} <= heights
    assert isinstance(find(room, (1.45, 0.0), 0.3), FlatSupport)  # the middle of a step is level


def test_nothing_below_is_an_error_that_says_where(room) -> None:
    with pytest.raises(UserError, match=r"x 9\.00, y 0\.00"):
        find(room, (9, 0), 0.6)
