# SPDX-License-Identifier: GPL-3.0-or-later
"""The room that is measured is the room that Cycles draws, whatever it is made of and however it is switched on or off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.camera import Camera, look_at  # noqa: E402
from grail_addon.core.mesh import MeshData  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.render.device import Device  # noqa: E402
from grail_addon.stage.render.render import GeometrySample, prepare, render_geometry  # noqa: E402
from grail_addon.stage.room.placement import place  # noqa: E402
from grail_addon.stage.room.scene import CHARACTER_ID, OBJECT_ID, Stage  # noqa: E402
from tests.render import clear_things as clear  # noqa: E402
from tests.stage.shapes import box, obj_text  # noqa: E402
from tests.stage.test_placement import DRAW, rest, settings  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

POSITION, TARGET = np.array([2.2, -2.6, 2.2]), np.array([0.0, 0.0, 0.6])
CAMERA = Camera(look_at(POSITION, TARGET), POSITION, 90.0, 96, 72)
TABLE, BLOCK = box((-0.3, -0.45, 0.56), (0.3, 0.45, 0.6)), box((-0.1, -0.1, 0.0), (0.1, 0.1, 1.2))


def add(name: str, mesh: MeshData, collection=None) -> bpy.types.Object:
    data = bpy.data.meshes.new(name)
    data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
    obj = bpy.data.objects.new(name, data)
    (collection or bpy.context.scene.collection).objects.link(obj)
    return obj


def collection(name: str, linked: bool = True) -> bpy.types.Collection:
    made = bpy.data.collections.new(name)
    if linked:
        bpy.context.scene.collection.children.link(made)
    return made


def instance(name: str, of: bpy.types.Collection, at=(0.0, 0.0, 0.0)) -> bpy.types.Object:
    obj = bpy.data.objects.new(name, None)
    obj.instance_type, obj.instance_collection, obj.location = "COLLECTION", of, at
    bpy.context.scene.collection.objects.link(obj)
    return obj


def layer_of(name: str) -> bpy.types.LayerCollection:
    return bpy.context.view_layer.layer_collection.children[name]


def opened(folder: Path, build: Callable[[], object]) -> Stage:
    """A stage with floor and lamp, and what `build` puts beside them in the open file's scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    add("floor", box((-3, -3, -0.1), (3, 3, 0.0)))
    build()
    lamp = bpy.data.objects.new("lamp", bpy.data.lights.new("lamp", "SUN"))
    bpy.context.scene.collection.objects.link(lamp)
    bpy.context.view_layer.update()
    path = folder / "room.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), check_existing=False)
    (folder / "model.obj").write_text(obj_text(box((-0.05, -0.03, -0.02), (0.05, 0.03, 0.02))))
    (folder / "dummy.obj").write_text(obj_text(box((-0.1, -0.1, 0.0), (0.1, 0.1, 1.3))))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage = Stage(path)
    prepare(stage.scene, Device("CPU", "CPU", ()))
    return stage


def drawn(stage: Stage, folder: Path) -> GeometrySample:
    """What Cycles draws; every pixel of it must lie on the surface that was measured for it."""
    stage.aim(CAMERA)
    seen = drain(render_geometry(stage.scene, folder / "passes.exr"))
    points = CAMERA.unproject_map(seen.depth.astype(np.float64))
    by_number = {posed.number: posed for posed in stage.room.values()}
    assert set(np.unique(seen.ids[seen.depth > 0])) <= {*by_number, OBJECT_ID, CHARACTER_ID}, "nothing is unknown"
    for number in np.unique(seen.ids[seen.ids > CHARACTER_ID]).tolist():
        here = points[seen.ids == number]
        assert by_number[number].distance(here).max() < 2e-3, by_number[number].name
    return seen


def pixels(stage: Stage, seen: GeometrySample, name: str) -> int:
    return int((seen.ids == stage.room[name].number).sum()) if name in stage.room else 0


def instanced_table() -> None:
    furniture = collection("furniture", linked=False)
    add("table", TABLE, furniture)
    instance("set", furniture, (0.2, 0.0, 0.1))


def nested_instances() -> None:
    inner, outer = collection("inner", linked=False), collection("outer", linked=False)
    add("table", TABLE, inner)
    holder = instance("holder", inner, (0.1, 0.0, 0.1))
    bpy.context.scene.collection.objects.unlink(holder)
    outer.objects.link(holder)
    instance("set", outer, (0.1, 0.0, 0.0))


def nodes_of(name: str, build: Callable[[object], object]) -> None:
    tree = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    out = tree.nodes.new("NodeGroupOutput")
    tree.links.new(build(tree), out.inputs[0])
    holder = add(name, MeshData(np.zeros((1, 3)), np.zeros((0, 3), dtype=np.int32)))
    holder.modifiers.new("nodes", "NODES").node_group = tree


def table_of_geometry_nodes() -> None:
    def build(tree):
        cube = tree.nodes.new("GeometryNodeMeshCube")
        cube.inputs["Size"].default_value = (0.6, 0.9, 0.1)
        move = tree.nodes.new("GeometryNodeTransform")
        move.inputs["Translation"].default_value = (0.2, 0.0, 0.65)
        tree.links.new(cube.outputs["Mesh"], move.inputs["Geometry"])
        return move.outputs[0]

    nodes_of("table", build)


def table_instanced_by_geometry_nodes() -> None:
    template = add("table", TABLE, collection("templates", linked=False))

    def build(tree):
        points = tree.nodes.new("GeometryNodeMeshLine")
        points.inputs["Count"].default_value = 2
        points.inputs["Start Location"].default_value = (0.2, 0.0, 0.1)
        points.inputs["Offset"].default_value = (0.0, 1.5, 0.0)
        of = tree.nodes.new("GeometryNodeObjectInfo")
        of.inputs["Object"].default_value, of.inputs["As Instance"].default_value = template, True
        each = tree.nodes.new("GeometryNodeInstanceOnPoints")
        tree.links.new(points.outputs[0], each.inputs["Points"])
        tree.links.new(of.outputs["Geometry"], each.inputs["Instance"])
        return each.outputs[0]

    nodes_of("scatter", build)


def raised_by_a_modifier() -> None:
    push = add("table", TABLE).modifiers.new("up", "DISPLACE")
    push.direction, push.strength, push.mid_level = "Z", 0.1, 0.0
    bpy.data.objects["table"].location.x = 0.2
    only_in_the_view = bpy.data.objects["table"].modifiers.new("more", "DISPLACE")
    only_in_the_view.direction, only_in_the_view.strength = "Z", 0.4
    only_in_the_view.show_render = False


def hidden_in_the_view_only() -> None:
    table = add("table", TABLE)
    table.location = (0.2, 0.0, 0.1)
    table.hide_viewport = True
    other = collection("other")
    shelf = add("shelf", box((0.8, -0.2, 0.3), (1.2, 0.2, 0.4)), other)
    shelf.hide_set(True)
    layer_of("other").hide_viewport = True
    other.hide_viewport = True


def text_as_a_table() -> None:
    data = bpy.data.curves.new("table", "FONT")
    data.body, data.size, data.extrude = "\u2588", 1.2, 0.1
    obj = bpy.data.objects.new("table", data)
    obj.location = (-0.3, -0.4, 0.6)
    bpy.context.scene.collection.objects.link(obj)


def curve_as_a_table() -> None:
    data = bpy.data.curves.new("table", "CURVE")
    data.dimensions, data.extrude, data.resolution_u, data.render_resolution_u = "3D", 0.5, 1, 12
    line = data.splines.new("BEZIER")
    line.bezier_points.add(1)
    for point, y in zip(line.bezier_points, (-0.5, 0.5), strict=True):
        point.co, point.handle_left, point.handle_right = (0.2, y, 0.7), (0.2, y - 0.2, 0.7), (0.2, y + 0.2, 0.7)
    obj = bpy.data.objects.new("table", data)
    obj.rotation_euler = (0.0, 0.0, 0.0)
    bpy.context.scene.collection.objects.link(obj)
    obj.data.twist_mode = "Z_UP"
    for point in line.bezier_points:
        point.tilt = np.pi / 2


HIGHER: dict[str, Callable[[], None]] = {
    build.__name__: build
    for build in (
        instanced_table,
        nested_instances,
        table_of_geometry_nodes,
        table_instanced_by_geometry_nodes,
        raised_by_a_modifier,
        hidden_in_the_view_only,
        text_as_a_table,
        curve_as_a_table,
    )
}


@pytest.mark.parametrize("build", HIGHER.values(), ids=HIGHER.keys())
def test_an_object_stands_on_what_is_drawn(tmp_path: Path, build: Callable[[], None]) -> None:
    """Each of them is a table whose top is at 0.7 m."""
    stage = opened(tmp_path, build)
    support = stage.support_at((0.2, 0.0), 0.65)
    assert support.name == "table" and support.height == pytest.approx(0.7, abs=1e-3)
    assert pixels(stage, drawn(stage, tmp_path), "table") > 100
    stage.close()


def off_by_collection() -> None:
    furniture = collection("furniture")
    add("table", TABLE, furniture)
    furniture.hide_render = True


def off_by_view_layer() -> None:
    add("table", TABLE, collection("furniture"))
    layer_of("furniture").exclude = True


def off_by_itself() -> None:
    add("table", TABLE).hide_render = True


def off_in_an_instance() -> None:
    furniture = collection("furniture", linked=False)
    add("table", TABLE, furniture).hide_render = True
    instance("set", furniture)


def off_by_instancer() -> None:
    furniture = collection("furniture", linked=False)
    add("table", TABLE, furniture)
    instance("set", furniture).hide_render = True


def off_for_the_camera() -> None:
    add("table", TABLE).visible_camera = False


def off_but_in_mirrors() -> None:
    add("table", TABLE, collection("furniture"))
    layer_of("furniture").indirect_only = True


def off_but_in_mirrors_as_an_instance() -> None:
    furniture = collection("furniture", linked=False)
    add("table", TABLE, furniture)
    ghosts = collection("ghosts")
    instance("set", furniture)
    bpy.context.scene.collection.objects.unlink(bpy.data.objects["set"])
    ghosts.objects.link(bpy.data.objects["set"])
    layer_of("ghosts").indirect_only = True


def off_by_modifier() -> None:
    mask = add("table", TABLE).modifiers.new("none", "MASK")
    bpy.data.objects["table"].vertex_groups.new(name="none")
    mask.vertex_group = "none"
    mask.show_viewport = False


def of_another_scene() -> None:
    other = bpy.data.scenes.new("other")
    add("table", TABLE, other.collection)


OFF: dict[str, Callable[[], None]] = {
    build.__name__: build
    for build in (
        off_by_collection,
        off_by_view_layer,
        off_by_itself,
        off_in_an_instance,
        off_by_instancer,
        off_for_the_camera,
        off_but_in_mirrors,
        off_but_in_mirrors_as_an_instance,
        off_by_modifier,
        of_another_scene,
    )
}


@pytest.mark.parametrize("build", OFF.values(), ids=OFF.keys())
def test_what_is_switched_off_is_not_there(tmp_path: Path, build: Callable[[], None]) -> None:
    stage = opened(tmp_path, build)
    assert set(stage.room) == {"floor"} and stage.support_at((0.0, 0.0), 0.6).name == "floor"
    assert set(np.unique(drawn(stage, tmp_path).ids)) <= {0, stage.room["floor"].number}
    stage.close()


def _scattering(tree: bpy.types.NodeTree, output: bpy.types.Node) -> None:
    volume = tree.nodes.new("ShaderNodeVolumeScatter")
    volume.inputs["Density"].default_value = 0.2
    tree.links.new(volume.outputs[0], output.inputs["Volume"])


def fog_of_a_mesh() -> None:
    material = clear.material(lambda tree: tree.nodes.new("ShaderNodeBsdfTransparent").outputs[0])
    output = material.node_tree.get_output_node("CYCLES")
    material.node_tree.links.remove(output.inputs["Surface"].links[0])
    _scattering(material.node_tree, output)
    add("fog", box((-2.5, -2.5, 0.01), (2.5, 2.5, 3.0))).data.materials.append(material)


def fog_of_the_world() -> None:
    world = bpy.data.worlds.new("mist")
    if world.node_tree is None:
        world.use_nodes = True
    _scattering(world.node_tree, world.node_tree.get_output_node("CYCLES"))
    bpy.context.scene.world = world


@pytest.mark.parametrize("build", [fog_of_a_mesh, fog_of_the_world])
def test_fog_is_no_surface_and_hides_no_depth(tmp_path: Path, build: Callable[[], None]) -> None:
    def room() -> None:
        add("table", TABLE)
        build()

    clear_day = opened(tmp_path, lambda: add("table", TABLE) and None)
    wanted = drawn(clear_day, tmp_path)
    clear_day.close()
    stage = opened(tmp_path, room)
    assert set(stage.room) == {"floor", "table"}
    world, fog = stage.scene.world, stage.scene.objects.get("fog")
    seen = drawn(stage, tmp_path)
    assert np.array_equal(seen.ids > 0, wanted.ids > 0) and np.allclose(seen.depth, wanted.depth, atol=1e-4)
    assert stage.scene.world == world and (fog is None or not fog.hide_render), "pictures show it"
    stage.close()


@pytest.mark.parametrize("instanced", [False, True])
def test_a_block_in_the_persons_back(tmp_path: Path, instanced: bool) -> None:
    def build() -> None:
        add("table", TABLE)
        block = collection("block", linked=not instanced)
        add("block", BLOCK, block)
        if instanced:
            instance("prop", block, (-2.0, 2.15, 0.0))
        else:
            bpy.data.objects["block"].location = (-2.0, 2.15, 0.0)

    stage = opened(tmp_path, build)
    person = drain(stage.add_person(tmp_path / "dummy.obj", "dummy", None, tmp_path))
    drain(stage.load_object(tmp_path / "model.obj"))
    found = drain(place(stage, person, settings(static_objects={}), DRAW, rest(stage, None)))
    assert getattr(found, "reason", "").startswith("the person runs into block by 50")
    stage.close()


def test_the_rooms_own_pass_indices_never_reach_the_masks(tmp_path: Path) -> None:
    def build() -> None:
        instanced_table()
        bpy.data.objects["table"].pass_index = OBJECT_ID
        add("cup", box((0.6, -0.6, 0.0), (0.8, -0.4, 0.3))).pass_index = CHARACTER_ID
        table_of_geometry_nodes()
        for obj in bpy.data.objects:
            obj.pass_index = obj.pass_index or OBJECT_ID
        cloud = bpy.data.objects.new("hair", bpy.data.hair_curves.new("hair"))
        cloud.pass_index = OBJECT_ID
        bpy.context.scene.collection.objects.link(cloud)

    stage = opened(tmp_path, build)
    assert not {OBJECT_ID, CHARACTER_ID} & set(np.unique(drawn(stage, tmp_path).ids).tolist())
    stage.close()


def test_linked_data_and_particles(tmp_path: Path) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    parts = collection("parts")
    add("table", TABLE, parts)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"), check_existing=False)

    def build() -> None:
        with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (there, here):
            here.collections = list(there.collections)
        instance("set", here.collections[0], (0.2, 0.0, 0.1))
        pebble = add("pebble", box((-0.05, -0.05, -0.05), (0.05, 0.05, 0.05)), collection("pebbles", linked=False))
        ground = add("ground", box((-1.4, -1.4, 0.0), (-0.6, -0.6, 0.02)))
        bpy.context.view_layer.objects.active = ground
        ground.modifiers.new("scatter", "PARTICLE_SYSTEM")
        scatter = ground.particle_systems[0].settings
        scatter.type, scatter.count, scatter.render_type, scatter.instance_object = "HAIR", 12, "OBJECT", pebble
        scatter.use_advanced_hair, scatter.display_percentage, scatter.particle_size = True, 10, 1.0

    stage = opened(tmp_path, build)
    assert stage.support_at((0.2, 0.0), 0.65).name == "table"
    seen = drawn(stage, tmp_path)
    assert pixels(stage, seen, "table") > 100 and pixels(stage, seen, "pebble") > 10
    stage.close()
    assert not bpy.data.libraries
