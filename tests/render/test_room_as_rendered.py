# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file shows otherwise in the viewport than in renders, or changes by itself, is measured as it is rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.render.render import Quality, render_frame  # noqa: E402
from tests.render import clear_things as clear  # noqa: E402
from tests.render.test_room import (  # noqa: E402
    TABLE,
    _scattering,
    add,
    collection,
    drawn,
    instance,
    layer_of,
    nodes_of,
    opened,
    pixels,
)
from tests.stage.shapes import box  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

UP = (0.2, 0.0, 0.1)
"""Where a table's top is at 0.7 m."""
HIGH = box((-0.3, -0.45, 0.8), (0.3, 0.45, 0.85))


def table() -> bpy.types.Object:
    made = add("table", TABLE)
    made.location = UP
    return made


def only_where_rendered(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """A table, where geometry nodes are told that this is no viewport."""
    cube, move = tree.nodes.new("GeometryNodeMeshCube"), tree.nodes.new("GeometryNodeTransform")
    cube.inputs["Size"].default_value, move.inputs["Translation"].default_value = (0.6, 0.9, 0.1), (0.2, 0.0, 0.65)
    tree.links.new(cube.outputs["Mesh"], move.inputs["Geometry"])
    choice, shown = tree.nodes.new("GeometryNodeSwitch"), tree.nodes.new("GeometryNodeIsViewport")
    choice.input_type = "GEOMETRY"
    tree.links.new(shown.outputs[0], choice.inputs["Switch"])
    tree.links.new(move.outputs[0], choice.inputs["False"])
    return choice.outputs[0]


def nodes_ask_for_the_viewport() -> None:
    nodes_of("table", only_where_rendered)


def brought_in(build: Callable[[bpy.types.NodeTree], bpy.types.Node]) -> None:
    """What a node gives, moved by UP."""

    def moved(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
        source, move = build(tree), tree.nodes.new("GeometryNodeTransform")
        move.inputs["Translation"].default_value = UP
        tree.links.new(next(socket for socket in source.outputs if socket.type == "GEOMETRY"), move.inputs["Geometry"])
        return move.outputs[0]

    nodes_of("scatter", moved)


def node_of(kind: str, socket: str, value: object) -> Callable[[bpy.types.NodeTree], bpy.types.Node]:
    def build(tree: bpy.types.NodeTree) -> bpy.types.Node:
        node = tree.nodes.new(kind)
        node.inputs[socket].default_value = value
        return node

    return build


def nodes_take_a_collection() -> None:
    parts = collection("parts", linked=False)
    add("table", TABLE, parts).hide_viewport = True
    add("ghost", HIGH, parts).hide_render = True
    brought_in(node_of("GeometryNodeCollectionInfo", "Collection", parts))


def nodes_take_a_modified_object() -> None:
    part = add("part", TABLE, collection("parts", linked=False))
    push = part.modifiers.new("more", "DISPLACE")
    push.direction, push.strength, push.mid_level, push.show_render = "Z", 0.4, 0.0, False
    brought_in(node_of("GeometryNodeObjectInfo", "Object", part))


def behind_the_set() -> None:
    behind = bpy.data.scenes.new("set")
    add("table", TABLE, behind.collection).location = UP
    bpy.context.scene.background_set = behind


def hide_at(first: bool, later: bool) -> None:
    """A table that is hidden, or not, in the first frame and from the tenth on; the twelfth is open."""
    made = table()
    for frame, hidden in ((1, first), (10, later)):
        made.hide_render = hidden
        made.keyframe_insert("hide_render", frame=frame)
    bpy.context.scene.frame_set(12)


def shown_in_the_first_frame() -> None:
    hide_at(False, True)


def hidden_by_keyframes_in_the_view() -> None:
    made = table()
    made.hide_viewport = True
    made.keyframe_insert("hide_viewport", frame=1)


def modifier_off_in_the_first_frame() -> None:
    push = table().modifiers.new("more", "DISPLACE")
    push.direction, push.strength, push.mid_level = "Z", 0.4, 0.0
    for frame, shown in ((1, False), (10, True)):
        push.show_render = shown
        push.keyframe_insert("show_render", frame=frame)
    bpy.context.scene.frame_set(12)


def number_by_driver() -> None:
    table().driver_add("pass_index").driver.expression = "1"


def number_by_keyframe() -> None:
    made = table()
    made.pass_index = 1
    made.keyframe_insert("pass_index", frame=1)


def moved_by_its_material() -> None:
    def build(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
        push = tree.nodes.new("ShaderNodeDisplacement")
        push.inputs["Height"].default_value, push.inputs["Midlevel"].default_value = 0.1, 0.0
        tree.links.new(push.outputs[0], tree.get_output_node("CYCLES").inputs["Displacement"])
        return tree.nodes.new("ShaderNodeBsdfDiffuse").outputs[0]

    material = clear.material(build)
    material.displacement_method = "BOTH"
    finer = table()
    finer.data.materials.append(material)
    finer.modifiers.new("finer", "SUBSURF").subdivision_type = "SIMPLE"


def a_holdout() -> None:
    table().is_holdout = True


def a_holdout_collection() -> None:
    add("table", TABLE, collection("holes")).location = UP
    layer_of("holes").holdout = True


def a_shadow_catcher() -> None:
    table().is_shadow_catcher = True


def beside_a_screw() -> None:
    table()
    line = bpy.data.curves.new("vase", "CURVE")
    spline = line.splines.new("POLY")
    spline.points.add(1)
    spline.points[0].co, spline.points[1].co = (0.5, 0.0, 0.0, 1.0), (0.8, 0.3, 0.0, 1.0)
    vase = bpy.data.objects.new("vase", line)
    vase.location = (0.0, 1.0, 0.2)
    bpy.context.scene.collection.objects.link(vase)
    turned = vase.modifiers.new("turn", "SCREW")
    turned.steps, turned.render_steps = 3, 32


def beside_an_ocean() -> None:
    table()
    sea = add("sea", box((-1, -1, 0), (1, 1, 0.01))).modifiers.new("waves", "OCEAN")
    sea.viewport_resolution, sea.resolution, sea.spatial_size, sea.wave_scale = 2, 6, 4, 0.2


def beside_strokes() -> None:
    """Grease pencil across the whole picture."""
    table()
    kind = "grease_pencils_v3" if hasattr(bpy.data, "grease_pencils_v3") else "grease_pencils"
    data = getattr(bpy.data, kind).new("strokes")
    frame = data.layers.new("layer").frames.new(1)
    corners = [(-2, -1, 1), (2, -1, 1), (2, -1, 1.5), (-2, -1, 1.5)]
    if hasattr(frame, "drawing"):
        frame.drawing.add_strokes([4])
        points = frame.drawing.strokes[0].points
        for point, place in zip(points, corners, strict=True):
            point.position, point.radius = place, 0.2
    else:
        stroke = frame.strokes.new()
        stroke.points.add(4)
        for point, place in zip(stroke.points, corners, strict=True):
            point.co = place
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("strokes", data))


def fog_in_an_instance() -> None:
    table()
    material = clear.material(lambda tree: tree.nodes.new("ShaderNodeBsdfTransparent").outputs[0])
    output = material.node_tree.get_output_node("CYCLES")
    material.node_tree.links.remove(output.inputs["Surface"].links[0])
    _scattering(material.node_tree, output)
    weather = collection("weather", linked=False)
    add("fog", box((-2.5, -2.5, 0.01), (2.5, 2.5, 3.0)), weather).data.materials.append(material)
    instance("today", weather)


def emitted() -> None:
    table()
    pebble = add("pebble", box((-0.05, -0.05, -0.05), (0.05, 0.05, 0.05)), collection("pebbles", linked=False))
    ground = add("ground", box((-1.4, -1.4, 1.0), (-0.6, -0.6, 1.02)))
    ground.modifiers.new("rain", "PARTICLE_SYSTEM")
    rain = ground.particle_systems[0].settings
    rain.count, rain.frame_start, rain.frame_end, rain.lifetime, rain.physics_type = 40, -50, 0, 500, "NO"
    rain.render_type, rain.instance_object, rain.particle_size = "OBJECT", pebble, 1.0


def nothing_but_for_mirrors() -> None:
    """Instances of what the camera does not see."""
    table()
    unseen = collection("unseen", linked=False)
    add("ghost", HIGH, unseen)
    instance("set", unseen, UP).visible_camera = False


CASES: dict[str, tuple[Callable[[], None], str]] = {
    build.__name__: (build, said)
    for build, said in (
        (nodes_ask_for_the_viewport, ""),
        (nodes_take_a_collection, ""),
        (nodes_take_a_modified_object, ""),
        (behind_the_set, "room.blend: of its 2 scenes (Scene, set) Scene is shown"),
        (shown_in_the_first_frame, ""),
        (hidden_by_keyframes_in_the_view, ""),
        (modifier_off_in_the_first_frame, ""),
        (number_by_driver, ""),
        (number_by_keyframe, ""),
        (moved_by_its_material, "room.blend: the surface is not moved by the displacement of"),
        (a_holdout, "room.blend: drawn as any other thing, though a holdout: table."),
        (a_holdout_collection, ""),
        (
            a_shadow_catcher,
            "room.blend: only shadows are drawn of what catches them, which depth and masks have: table.",
        ),
        (beside_a_screw, ""),
        (beside_an_ocean, ""),
        (beside_strokes, "room.blend: left out, as Cycles does not draw grease pencil: strokes."),
        (fog_in_an_instance, ""),
        (emitted, ""),
        (nothing_but_for_mirrors, ""),
    )
}


@pytest.mark.parametrize(("build", "said"), CASES.values(), ids=CASES.keys())
def test_what_is_measured_is_what_is_rendered(tmp_path: Path, build: Callable[[], None], said: str) -> None:
    """Each has a table whose top is at 0.7 m."""
    stage = opened(tmp_path, build)
    name = "scatter" if build is nodes_take_a_modified_object else "table"
    support = stage.support_at((0.2, 0.0), 0.65)
    assert support.name == name and support.height == pytest.approx(0.7, abs=2e-3)
    assert pixels(stage, drawn(stage, tmp_path), name) > 80
    assert "ghost" not in stage.room
    assert len(stage.notes) == bool(said) and all(note.startswith(said) for note in stage.notes)
    stage.close()


def hidden_in_the_first_frame() -> None:
    hide_at(True, False)


def hidden_by_a_strip() -> None:
    made = table()
    made.hide_render = True
    made.keyframe_insert("hide_render", frame=1)
    data = made.animation_data
    data.nla_tracks.new().strips.new("off", 1, data.action)
    data.action = None
    made.hide_render = False


def hidden_by_a_driver() -> None:
    made = table()
    made["shown"] = 0
    driver = made.driver_add("hide_render").driver
    shown = driver.variables.new()
    shown.name, shown.targets[0].id, shown.targets[0].data_path = "shown", made, '["shown"]'
    driver.expression = "1 - shown"


@pytest.mark.parametrize("build", [hidden_in_the_first_frame, hidden_by_a_strip, hidden_by_a_driver])
def test_what_is_hidden_by_animation_is_not_there(tmp_path: Path, build: Callable[[], None]) -> None:
    stage = opened(tmp_path, build)
    assert set(stage.room) == {"floor"} and stage.support_at((0.2, 0.0), 0.65).name == "floor"
    drawn(stage, tmp_path)
    stage.close()


def test_the_same_in_a_linked_file(tmp_path: Path) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    parts = collection("parts")
    nodes_ask_for_the_viewport()
    holder = bpy.data.objects["table"]
    holder.driver_add("pass_index").driver.expression = "1"
    ghost = add("ghost", HIGH)
    for frame, hidden in ((1, True), (10, False)):
        ghost.hide_render = hidden
        ghost.keyframe_insert("hide_render", frame=frame)
    bpy.context.scene.frame_set(12)
    for obj in (holder, ghost):
        bpy.context.scene.collection.objects.unlink(obj)
        parts.objects.link(obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"), check_existing=False)

    def build() -> None:
        with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (there, here):
            here.collections = list(there.collections)
        instance("set", here.collections[0])

    stage = opened(tmp_path, build)
    assert set(stage.room) == {"floor", "table"} and stage.support_at((0.2, 0.0), 0.65).name == "table"
    assert pixels(stage, drawn(stage, tmp_path), "table") > 80
    stage.close()
    assert not bpy.data.libraries


def test_the_nodes_see_the_files_camera_and_not_the_stages(tmp_path: Path) -> None:
    """What they make stays where it was measured while the stage's camera moves."""

    def follow(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
        cube, move = tree.nodes.new("GeometryNodeMeshCube"), tree.nodes.new("GeometryNodeTransform")
        cube.inputs["Size"].default_value = (0.6, 0.9, 0.1)
        camera, info = tree.nodes.new("GeometryNodeInputActiveCamera"), tree.nodes.new("GeometryNodeObjectInfo")
        tree.links.new(camera.outputs[0], info.inputs["Object"])
        tree.links.new(info.outputs["Location"], move.inputs["Translation"])
        tree.links.new(cube.outputs["Mesh"], move.inputs["Geometry"])
        return move.outputs[0]

    def build() -> None:
        camera = bpy.data.objects.new("own", bpy.data.cameras.new("own"))
        camera.location = (0.2, 0.0, 0.65)
        bpy.context.scene.collection.objects.link(camera)
        bpy.context.scene.camera = camera
        nodes_of("table", follow)

    stage = opened(tmp_path, build)
    assert stage.support_at((0.2, 0.0), 0.65).name == "table"
    assert pixels(stage, drawn(stage, tmp_path), "table") > 80
    stage.close()


def test_strokes_are_not_in_the_picture_either(tmp_path: Path) -> None:
    pictures = []
    for build in (table, beside_strokes):
        stage = opened(tmp_path, build)
        drawn(stage, tmp_path)
        drain(render_frame(stage.scene, tmp_path / "frame.png", Quality(1, False), 1))
        pictures.append((tmp_path / "frame.png").read_bytes())
        stage.close()
    assert pictures[0] == pictures[1]
