# SPDX-License-Identifier: GPL-3.0-or-later
"""A character faces -Y on the stage, whichever way it faces in its file; the face is where its head looks as posed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from mathutils import Matrix  # noqa: E402

from grail_addon.core.rotations import from_euler_deg  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.importers.readers import read  # noqa: E402
from grail_addon.stage.importers.scratch import scratch  # noqa: E402
from grail_addon.stage.measure.meshes import merged, mesh_from_object  # noqa: E402
from grail_addon.stage.owned import OwnedData  # noqa: E402
from grail_addon.stage.person.facing import forward_of_bones, forward_of_mesh, turn_to_front  # noqa: E402
from grail_addon.stage.person.person import Person  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.shapes import box, join, obj_text  # noqa: E402
from tests.stage.test_character_load import BOX_FACES, figure, save_blend  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

STANDS = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def turned_file(path: Path, degrees: float, rigged: bool = True) -> Path:
    """The box figure (faces -Y, toes and a nose there) turned in its file."""
    nose = [(x, y, z) for x in (-0.02, 0.02) for y in (-0.14, -0.1) for z in (1.3, 1.34)]
    objects = figure(rigged)
    body = objects[-1]
    mesh = bpy.data.meshes.new("nose")
    mesh.from_pydata(nose, [], BOX_FACES)
    extra = bpy.data.objects.new("nose", mesh)
    bpy.context.scene.collection.objects.link(extra)
    turn = Matrix.Rotation(math.radians(degrees), 4, "Z")
    if rigged:
        rig = objects[0]
        extra.parent = rig
        extra.modifiers.new("rig", "ARMATURE").object = rig
        extra.vertex_groups.new(name="head").add(range(8), 1.0, "REPLACE")
        rig.matrix_world = turn
    else:
        for obj in (body, extra):
            obj.matrix_world = turn
    if path.suffix == ".blend":
        return save_blend(path)
    if path.suffix == ".vrm":
        return samples.export(path.with_suffix(".glb")).rename(path)
    return samples.export(path)


def person(path: Path, pose: dict[str, list[float]] | None = None) -> Person:
    samples.fresh()
    pose_file = None
    if pose is not None:
        pose_file = path.with_suffix(".json")
        pose_file.write_text(json.dumps(pose))
    return samples.import_person(path, pose_file)


def nose_points(loaded: Person) -> np.ndarray:
    """Middle of the part of the mesh at the nose's height that reaches out farthest from the axis."""
    vertices = loaded.place(*STANDS).world.vertices
    at_nose = vertices[(vertices[:, 2] > 1.29) & (vertices[:, 2] < 1.35)]
    return at_nose.mean(axis=0)


@pytest.mark.parametrize("suffix", [".blend", ".glb", ".vrm", ".fbx"])
@pytest.mark.parametrize("degrees", [0.0, 90.0, 180.0, -90.0, 37.0])
def test_bones_tell_the_front(tmp_path: Path, suffix: str, degrees: float) -> None:
    loaded = person(turned_file(tmp_path / f"kid{suffix}", degrees))
    nose = nose_points(loaded)
    assert nose[1] < -0.1 and abs(nose[0]) < 0.02, "the nose points to -Y"
    assert np.allclose(loaded.face_forward((0.0, 0.0, 0.0)), (0, -1, 0), atol=0.02)
    joints = loaded.joints(*STANDS)
    assert joints["left_toes"][1] < joints["left_ankle"][1] and joints["left_toes"][0] > 0.0
    said = [note for note in loaded.notes if "faces another way" in note]
    assert len(said) == (degrees != 0.0) and all(f"{abs(degrees):.0f} degrees" in note for note in said)


@pytest.mark.parametrize("degrees", [0.0, 90.0, 180.0, 45.0])
def test_feet_tell_the_front_where_there_are_no_bones(tmp_path: Path, degrees: float) -> None:
    loaded = person(turned_file(tmp_path / "kid.blend", degrees, rigged=False))
    assert nose_points(loaded)[1] < -0.1 and abs(nose_points(loaded)[0]) < 0.02


@pytest.mark.parametrize("suffix", [".blend", ".glb"])
def test_a_person_who_lies_is_told(tmp_path: Path, suffix: str) -> None:
    figure(True)[0].rotation_euler = (math.radians(-90.0), 0.0, 0.0)
    path = tmp_path / f"kid{suffix}"
    loaded = person(save_blend(path) if suffix == ".blend" else samples.export(path))
    words = "lies in its file, 0.30 m high and 1.50 m long. Turn it upright there if it should stand."
    assert f"kid{suffix}: {words}" in loaded.notes


@pytest.mark.parametrize("degrees", [0.0, 180.0])
def test_where_nothing_tells_the_front_that_is_said(tmp_path: Path, degrees: float) -> None:
    """A body that is alike from the front and from the back."""
    parts = [box((-0.14, -0.1, 0.0), (-0.04, 0.1, 0.08)), box((0.04, -0.1, 0.0), (0.14, 0.1, 0.08))]
    parts += [box((-0.13, -0.05, 0.08), (-0.05, 0.05, 0.85)), box((0.05, -0.05, 0.08), (0.13, 0.05, 0.85))]
    parts += [box((-0.2, -0.1, 0.85), (0.2, 0.1, 1.75)), box((-0.8, -0.05, 1.35), (0.8, 0.05, 1.45))]
    body = join(*parts)
    turned = body.transformed(from_euler_deg((0.0, 0.0, degrees)), np.zeros(3))
    (tmp_path / "kid.obj").write_text(obj_text(turned))
    told = "kid.obj: which way it faces is told by neither bones nor feet; taken as -Y."
    assert person(tmp_path / "kid.obj").notes == (told,)


@pytest.mark.parametrize("degrees", [0.0, 180.0, 90.0])
def test_the_pose_that_is_written_maps_the_files_own_frame(tmp_path: Path, degrees: float) -> None:
    path = turned_file(tmp_path / "kid.glb", degrees)
    place = ((1.0, 2.0, 0.1), (0.0, 0.0, 30.0), (1.1, 1.1, 1.1))
    loaded = person(path)
    world = loaded.place(*place).world.vertices
    samples.fresh()
    with scratch(OwnedData()) as raw:
        drain(read(path, raw, "raw"))
        depsgraph = raw.depsgraph()
        meshes = [o for o in raw.scene.objects if o.type == "MESH"]
        file = merged([mesh_from_object(o, depsgraph, o.evaluated_get(depsgraph).matrix_world) for o in meshes])
    pose = loaded_pose(loaded, place)
    mapped = (file.vertices * pose.scale) @ pose.rotation.T + pose.translation
    assert np.allclose(sorted(map(tuple, mapped.round(4))), sorted(map(tuple, world.round(4))), atol=2e-4)


def loaded_pose(loaded: Person, place):
    return loaded.pose(*place)


def test_a_start_pose_turns_the_face_and_not_the_body(tmp_path: Path) -> None:
    path = turned_file(tmp_path / "kid.blend", 180.0)
    straight, aside = person(path), None
    assert np.allclose(straight.face_forward((0, 0, 0)), (0, -1, 0), atol=0.02)
    aside = person(path, {"head": [0, 70, 0]})  # about the bone's own axis, which is upright
    face = aside.face_forward((0, 0, 0))
    assert abs(math.degrees(math.acos(-face[1])) - 70.0) < 1.0 and abs(face[2]) < 0.02
    assert aside.joints(*STANDS)["left_toes"][1] < 0.0
    turned = aside.face_forward((0.0, 0.0, 90.0))
    assert np.allclose(turned, from_euler_deg((0.0, 0.0, 90.0)) @ face, atol=1e-6)


def joints_facing(direction: float, swapped: bool = False) -> dict[str, np.ndarray]:
    turn = from_euler_deg((0.0, 0.0, direction))
    left, right = ("right", "left") if swapped else ("left", "right")
    points = {}
    for side, x in ((left, 0.1), (right, -0.1)):
        points |= {f"{side}_hip": (x, 0, 0.9), f"{side}_ankle": (x, 0.05, 0.1), f"{side}_toes": (x, -0.12, 0.0)}
        points |= {f"{side}_shoulder": (2 * x, 0, 1.4)}
    points["head"] = (0, 0, 1.5)
    return {name: turn @ np.array(point, dtype=float) for name, point in points.items()}


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("direction", [0.0, 90.0, 180.0, 250.0])
def test_exchanged_sides_are_seen_by_the_feet(direction: float, swapped: bool) -> None:
    forward = forward_of_bones(joints_facing(direction, swapped))
    assert forward is not None
    assert np.allclose(forward, from_euler_deg((0, 0, direction)) @ np.array([0.0, -1.0, 0.0]), atol=1e-6)


def test_eyes_alone_and_nothing_at_all() -> None:
    head = {"head": np.array([0.0, 0.0, 1.5])}
    assert np.allclose(forward_of_bones(head, np.array([0.1, 0.0, 1.55])), (1, 0, 0))
    assert forward_of_bones(head) is None and forward_of_bones({}) is None


@pytest.mark.parametrize(
    ("angle", "turn"),
    [(0, 0), (10, 0), (-19, 0), (90, -90), (100, -90), (-80, 90), (180, 180), (175, 180), (45, -45), (-130, 130)],
)
def test_small_and_almost_square_angles(angle: float, turn: float) -> None:
    forward = from_euler_deg((0, 0, angle)) @ np.array([0.0, -1.0, 0.0])
    assert (turn_to_front(forward) - turn) % 360.0 == pytest.approx(0.0, abs=1e-6)


def test_a_body_whose_feet_do_not_tell_stays() -> None:
    assert forward_of_mesh(box((-0.1, -0.1, 0.0), (0.1, 0.1, 1.5))) is None
