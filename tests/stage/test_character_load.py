# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters from every format: upright, in metres, on the ground, posed, placed, and with their joints."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from mathutils import Euler, Matrix, Vector  # noqa: E402

from grail_addon.core.errors import InputError, UserError  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.person.character import (  # noqa: E402
    CharacterHandle,
    CharacterSettings,
    evaluated_mesh,
    joints,
    place_character,
)
from tests.stage import import_samples as samples  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

BONES = {  # head, tail, parent; the figure faces -Y and its left is +X
    "pelvis": ((0, 0, 0.8), (0, 0, 1.2), None),
    "head": ((0, 0, 1.2), (0, 0, 1.5), "pelvis"),
    "upperarm_l": ((0.2, 0, 1.2), (0.5, 0, 1.2), "pelvis"),
    "hand_l": ((0.5, 0, 1.2), (0.7, 0, 1.2), "upperarm_l"),
    "foot_l": ((0.1, 0.05, 0.1), (0.1, -0.15, 0.0), "pelvis"),
    "foot_r": ((-0.1, 0.05, 0.1), (-0.1, -0.15, 0.0), "pelvis"),
}


def box(low: tuple[float, ...], high: tuple[float, ...]) -> list[tuple[float, ...]]:
    return [(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]


BOX_FACES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
PARTS = {
    "pelvis": box((-0.2, -0.1, 0.1), (0.2, 0.1, 1.2)),
    "head": box((-0.1, -0.1, 1.2), (0.1, 0.1, 1.5)),
    "hand_l": box((0.5, -0.05, 1.15), (0.7, 0.05, 1.25)),
    "foot_l": box((0.05, -0.2, 0.0), (0.15, 0.1, 0.1)),
    "foot_r": box((-0.15, -0.2, 0.0), (-0.05, 0.1, 0.1)),
}


def figure(
    rigged: bool = True, factor: float = 1.0, offset: tuple[float, ...] = (0.0, 0.0, 0.0)
) -> list[bpy.types.Object]:
    """A box figure 1.5 m tall, in the open scene; all its numbers times `factor`, then moved."""
    place = Matrix.LocRotScale(Vector(offset), None, Vector((factor,) * 3))
    vertices = [tuple(place @ Vector(v)) for part in PARTS.values() for v in part]
    faces = [tuple(i + 8 * k for i in face) for k in range(len(PARTS)) for face in BOX_FACES]
    mesh = bpy.data.meshes.new("body")
    mesh.from_pydata(vertices, [], faces)
    body = bpy.data.objects.new("body", mesh)
    bpy.context.scene.collection.objects.link(body)
    if not rigged:
        return [body]
    rig = bpy.data.objects.new("rig", bpy.data.armatures.new("rig"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, (head, tail, parent) in BONES.items():
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = place @ Vector(head), place @ Vector(tail)
        bone.parent = rig.data.edit_bones.get(parent) if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    body.parent = rig
    body.modifiers.new("rig", "ARMATURE").object = rig
    for k, name in enumerate(PARTS):
        body.vertex_groups.new(name=name).add(range(8 * k, 8 * k + 8), 1.0, "REPLACE")
    return [rig, body]


def save_blend(path: Path, collection: str | None = "kid") -> Path:
    """The open scene as a .blend; its objects in a collection of that name, with a camera outside of it."""
    scene = bpy.context.scene
    if collection:
        group = bpy.data.collections.new(collection)
        scene.collection.children.link(group)
        for obj in list(scene.collection.objects):
            group.objects.link(obj)
            scene.collection.objects.unlink(obj)
    for data in (bpy.data.cameras.new("camera"), bpy.data.lights.new("lamp", "POINT")):
        scene.collection.objects.link(bpy.data.objects.new(data.name, data))
    bpy.ops.wm.save_as_mainfile(filepath=str(path), check_existing=False)
    return path


def load(path: Path, **settings: object) -> CharacterHandle:
    samples.fresh()
    return samples.import_character(path, CharacterSettings(**settings))


def assert_stands(handle: CharacterHandle, height: float = 1.5) -> None:
    """On the ground at the origin, feet forward (-Y)."""
    low, high = drain(evaluated_mesh(handle)).bounds
    assert low[2] == pytest.approx(0.0, abs=1e-4) and high[2] == pytest.approx(height, abs=1e-3)
    assert low[0] == pytest.approx(-0.2, abs=1e-3) and low[1] == pytest.approx(-0.2, abs=1e-3)


@pytest.mark.parametrize("collection", ["kid", None])
def test_blend(tmp_path: Path, collection: str | None) -> None:
    figure()
    handle = load(save_blend(tmp_path / "kid.blend", collection))
    assert_stands(handle)
    assert handle.notes == () and handle.file_scale == 1.0 and handle.name == "kid"
    assert handle.armature.name == "rig" and {part.name for part in handle.parts} == {"rig", "body"}
    assert not bpy.data.cameras and not bpy.data.lights and not bpy.data.libraries
    assert len(bpy.data.scenes) == 1 and len(bpy.data.objects) == 3
    assert {c.name for c in bpy.context.scene.collection.children} == {"kid"}


def test_blend_collection_leaves_the_rest_of_the_file_out(tmp_path: Path) -> None:
    figure()
    path = tmp_path / "kid.blend"
    group = bpy.data.collections.new("kid")
    bpy.context.scene.collection.children.link(group)
    for obj in list(bpy.context.scene.collection.objects):
        group.objects.link(obj)
    samples.add_tetra("prop")
    save_blend(path, None)
    handle = load(path)
    assert {part.name for part in handle.parts} == {"rig", "body"} and "prop" not in bpy.data.objects


def test_same_character_twice(tmp_path: Path) -> None:
    figure()
    path = save_blend(tmp_path / "kid.blend")
    first = load(path)
    second = samples.import_character(path, CharacterSettings(position=(2, 0, 0)))
    assert not set(first.parts) & set(second.parts) and first.root != second.root
    assert_stands(first)
    assert drain(evaluated_mesh(second)).bounds[0][0] == pytest.approx(1.8, abs=1e-4)


USD = [".usdc"] if bpy.app.build_options.usd else []


@pytest.mark.parametrize("rigged", [True, False])
@pytest.mark.parametrize("suffix", [".fbx", ".glb", *USD])
def test_imported_formats(tmp_path: Path, suffix: str, rigged: bool) -> None:
    figure(rigged)
    handle = load(samples.export(tmp_path / f"kid{suffix}"))
    assert_stands(handle)
    assert (handle.armature is not None) == rigged
    found = joints(handle)
    if not rigged:
        assert found == {}
        return
    assert np.allclose(found["head"], (0, 0, 1.2), atol=2e-3)
    assert np.allclose(found["left_wrist"], (0.5, 0, 1.2), atol=2e-3)
    assert np.allclose(found["right_ankle"], (-0.1, 0.05, 0.1), atol=2e-3)


@pytest.mark.parametrize(("factor", "unit"), [(1.0, 1.0), (100.0, 0.01), (1000.0, 0.001)])
@pytest.mark.parametrize("y_up", [True, False])
def test_obj_in_any_unit_either_way_up(tmp_path: Path, factor: float, unit: float, y_up: bool) -> None:
    (body,) = figure(rigged=False, factor=factor)
    vertices = np.array([v.co for v in body.data.vertices])
    if y_up:
        vertices = np.stack([vertices[:, 0], vertices[:, 2], -vertices[:, 1]], axis=1)
    path = samples.write_obj(tmp_path / "kid.obj", vertices, [tuple(p.vertices) for p in body.data.polygons])
    handle = load(path)
    assert_stands(handle)
    assert handle.file_scale == unit
    text = " ".join(handle.notes)
    assert ("turned upright" in text) == y_up and ("metres" in text) == (factor != 1.0)


@pytest.mark.parametrize("suffix", [".blend", ".fbx", ".glb", *USD])
def test_centimetres_are_seen(tmp_path: Path, suffix: str) -> None:
    figure(factor=100.0)
    path = tmp_path / f"kid{suffix}"
    handle = load(save_blend(path) if suffix == ".blend" else samples.export(path))
    assert_stands(handle)
    assert handle.file_scale == 0.01 and "taken as centimetres" in " ".join(handle.notes)
    assert np.allclose(joints(handle)["left_wrist"], (0.5, 0, 1.2), atol=2e-3)


def test_origin_elsewhere_is_moved_between_the_feet(tmp_path: Path) -> None:
    figure(offset=(3.0, 0.0, -0.75))
    handle = load(save_blend(tmp_path / "kid.blend"))
    low, high = drain(evaluated_mesh(handle)).bounds
    # between the feet: in the middle of both soles
    assert low[2] == pytest.approx(0.0, abs=1e-5)
    assert (low[0], high[0]) == (pytest.approx(-0.2, abs=1e-4), pytest.approx(0.7, abs=1e-4))
    assert "between the feet" in handle.notes[0]


def test_placement(tmp_path: Path) -> None:
    figure()
    path = save_blend(tmp_path / "kid.blend")
    settings = {"position": (1.0, -2.0, 0.25), "rotation_deg": (0.0, 0.0, 90.0), "scale": (1.0, 1.0, 0.8)}
    handle = load(path, **settings)
    expected = np.array(
        Matrix.LocRotScale(Vector((1, -2, 0.25)), Euler((0, 0, math.pi / 2)), Vector((1, 1, 0.8)))
        @ Vector((0.5, 0, 1.2))
    )
    assert np.allclose(joints(handle)["left_wrist"], expected, atol=1e-5)
    low, high = drain(evaluated_mesh(handle)).bounds
    assert high[2] - low[2] == pytest.approx(1.2, abs=1e-4)
    place_character(handle, (0, 0, 0), (0, 0, 0), (1, 1, 1))
    assert np.allclose(drain(evaluated_mesh(handle)).bounds, ((-0.2, -0.2, 0.0), (0.7, 0.1, 1.5)), atol=1e-4)


def test_start_pose(tmp_path: Path) -> None:
    figure()
    path = save_blend(tmp_path / "kid.blend")
    pose = tmp_path / "pose.json"
    pose.write_text(json.dumps({"upperarm_l": [90, 0, 0]}), encoding="utf-8")
    handle = load(path, init_pose_file=pose)
    # the bone's own x axis, as Blender rolls it, is what the 90 degrees turn about
    rest = handle.armature.block.data.bones["upperarm_l"].matrix_local
    expected = rest @ Matrix.Rotation(math.pi / 2, 4, "X") @ rest.inverted() @ Vector((0.5, 0, 1.2))
    wrist = joints(handle)["left_wrist"]
    assert np.allclose(wrist, expected, atol=1e-5) and np.linalg.norm(wrist - (0.5, 0, 1.2)) > 0.3
    hand = drain(evaluated_mesh(handle)).vertices[16:24].mean(axis=0)
    assert np.linalg.norm(hand - wrist) == pytest.approx(0.1, abs=1e-4)


WRONG = {
    "unknown": ('{"uperarm_l": [1, 2, 3]}', "no bone uperarm_l. Did you mean upperarm_l"),
    "two numbers": ('{"head": [1, 2]}', "Bone head should have three angles"),
    "text": ('{"head": [1, 2, "3"]}', "three angles"),
    "boolean": ('{"head": [1, 2, true]}', "three angles"),
    "nan": ('{"head": [1, 2, NaN]}', "three angles"),
    "list": ("[1, 2, 3]", "should be a mapping"),
    "no JSON": ('{"head": [1,\n 2', "is not JSON"),
    "not there": (None, "cannot be read"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_wrong_pose_file(tmp_path: Path, text: str | None, sentence: str) -> None:
    figure()
    path = save_blend(tmp_path / "kid.blend")
    pose = tmp_path / "pose.json"
    if text is not None:
        pose.write_text(text, encoding="utf-8")
    samples.fresh()
    before = samples.counts()
    with pytest.raises(InputError) as caught:
        samples.import_character(path, CharacterSettings(init_pose_file=pose))
    assert sentence in str(caught.value) and "pose.json" in str(caught.value) and "\n" not in str(caught.value)
    assert samples.counts() == before


def test_pose_needs_bones(tmp_path: Path) -> None:
    figure(rigged=False)
    path = save_blend(tmp_path / "kid.blend")
    pose = tmp_path / "pose.json"
    pose.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="needs bones"):
        load(path, init_pose_file=pose)


@pytest.mark.parametrize("suffix", [".blend", ".glb", ".fbx", *USD])
def test_animation_is_stopped_at_its_first_frame(tmp_path: Path, suffix: str) -> None:
    rig, _ = figure()
    arm = rig.pose.bones["upperarm_l"]
    arm.rotation_mode = "XYZ"
    for frame, angle in ((1, 0.5), (30, 1.5)):
        arm.rotation_euler.x = angle
        arm.keyframe_insert("rotation_euler", frame=frame)
    bpy.context.scene.frame_set(1)
    bpy.context.scene.frame_end = 30
    expected = np.array((rig.matrix_world @ arm.tail)[:])
    path = tmp_path / f"kid{suffix}"
    if suffix == ".usdc":
        bpy.ops.wm.usd_export(filepath=str(path), export_animation=True)
    elif suffix == ".blend":
        save_blend(path)
    else:
        samples.export(path)
    handle = load(path)
    assert any("animated" in note for note in handle.notes)
    for frame in (1, 30):
        bpy.context.scene.frame_set(frame)
        assert np.allclose(joints(handle)["left_wrist"], expected, atol=5e-3)


def test_hidden_parts_do_not_count(tmp_path: Path) -> None:
    figure()
    tall = samples.add_tetra("helper")
    tall.scale = (1, 1, 5)
    tall.hide_render = True
    handle = load(save_blend(tmp_path / "kid.blend"))
    assert_stands(handle)


def test_textures_apart_are_found(tmp_path: Path) -> None:
    (body,) = figure(rigged=False)
    image = samples.texture(tmp_path / "cloth.png")
    samples.add_material(body, "cloth", image)
    (tmp_path / "people" / "kid").mkdir(parents=True)
    path = save_blend(tmp_path / "people" / "kid" / "kid.blend")
    (tmp_path / "tex" / "deep").mkdir(parents=True)
    moved = image.rename(tmp_path / "tex" / "deep" / "cloth.png")
    handle = load(path)
    (lost,) = handle.textures.lost
    assert handle.notes == (f"kid.blend: texture {lost.words}.",) and lost.words.startswith("cloth.png is not there")
    handle = load(path, texture_dir=tmp_path / "tex")
    assert handle.notes == () and moved in handle.files


@pytest.mark.parametrize("content", ["camera only", "hidden", "garbage", "missing"])
def test_no_body(tmp_path: Path, content: str) -> None:
    path = tmp_path / "kid.blend"
    if content == "garbage":
        path.write_bytes(b"no blend file")
    elif content != "missing":
        if content == "hidden":
            figure(rigged=False)[0].hide_render = True
        save_blend(path, None)
    samples.fresh()
    before = samples.counts()
    with pytest.raises(UserError, match=r"kid\.blend"):
        samples.import_character(path)
    assert samples.counts() == before


def test_hulls_coarser_levels_and_loose_points_are_no_part_of_the_body(tmp_path: Path) -> None:
    _, body = figure()
    for name, factor in (("UCX_body", 3.0), ("body_LOD1", 2.0)):
        mesh = body.data.copy()
        mesh.transform(Matrix.Scale(factor, 4))
        bpy.context.scene.collection.objects.link(bpy.data.objects.new(name, mesh))
    body.data.vertices.add(1)
    body.data.vertices[-1].co = (0.0, 0.0, 4.0)
    handle = load(save_blend(tmp_path / "kid.blend"))
    assert_stands(handle)
    assert "UCX_body" in handle.notes[0] and "body_LOD1" in handle.notes[0]
