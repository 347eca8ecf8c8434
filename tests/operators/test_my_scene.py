# SPDX-License-Identifier: GPL-3.0-or-later
"""Use My Scene without a window: what is written runs on the command line, and the user's file stays as it was."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.errors import InputError
from grail_addon.core.own_scene import CameraPlace, camera_place, file_name
from grail_addon.core.project import project_root
from tests.operators.blender import ROOT, run

SCENE = """
from mathutils import Matrix, Vector

def cube(name, place, size):
    bpy.ops.mesh.primitive_cube_add(size=1.0, location=place)
    obj = bpy.context.object
    obj.name, obj.scale = name, size
    return obj

for obj in list(bpy.data.objects):
    bpy.data.objects.remove(obj)
cube("Floor", (0, 0, -0.05), (6, 6, 0.1))
cube("Table", (0, 0, 0.35), (1.2, 0.8, 0.7))
brick = cube("My Brick", (0.1, 0.05, 0.78), (0.2, 0.1, 0.06))
brick.rotation_euler.z = 0.5
# a person of two boxes: a skeleton that moves the body, and a hat below it; it looks along +X
bpy.ops.object.armature_add(location=(-1.0, 0.2, 0.0))
rig = bpy.context.object
rig.rotation_euler.z = math.radians(90)
body = cube("Body", (-1.0, 0.2, 0.85), (0.3, 0.4, 1.7))
body.modifiers.new("Bones", "ARMATURE").object = rig
hat = cube("Hat", (-1.0, 0.2, 1.72), (0.2, 0.2, 0.04))
hat.parent = body
hat.matrix_parent_inverse = Matrix.LocRotScale(body.location, None, body.scale).inverted()
camera = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
bpy.context.collection.objects.link(camera)
camera.location = (2.0, -2.0, 1.6)
camera.rotation_euler = (Vector((0.1, 0.0, 0.8)) - camera.location).to_track_quat("-Z", "Y").to_euler()
bpy.context.scene.camera = camera
lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
bpy.context.collection.objects.link(lamp)
lamp.location = (0, 0, 3)
bpy.context.view_layer.update()
"""
SAVE = (
    "import math\n"
    + SCENE
    + """
own.results_dir = str(Path("out").resolve())
try:
    bpy.ops.grail.save_my_scene()
except RuntimeError as error:
    told["nothing"] = str(error)
own.my_object, own.my_character, own.my_name = brick, body, "my room"
bpy.context.scene.unit_settings.scale_length = 0.01
try:
    bpy.ops.grail.save_my_scene()
except RuntimeError as error:
    told["units"] = str(error)
bpy.context.scene.unit_settings.scale_length = 1.0
def blocks():
    kinds = ("objects", "meshes", "scenes", "collections", "armatures", "materials", "images", "libraries")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}
before, places = blocks(), {o.name: [list(row) for row in o.matrix_world] for o in bpy.data.objects}
own.my_support, own.my_support_name = (0.1, 0.05, 0.7), "Table"
bpy.ops.grail.save_my_scene()
told["supported"] = Path("data/scenes/my_room.yaml").read_text()
bpy.ops.grail.forget_support()
bpy.ops.grail.save_my_scene()
told["forgotten"] = Path("data/scenes/my_room.yaml").read_text()
own.my_support_name = "Table"
bpy.ops.grail.save_my_scene()
told["same"] = before == blocks() and places == {o.name: [list(row) for row in o.matrix_world] for o in bpy.data.objects}
told["eye"] = [list(camera.matrix_world.translation), list(-camera.matrix_world.to_3x3().col[2])]
with bpy.data.libraries.load(str(Path("data/scenes/my_room.blend"))) as (there, _):
    told["room"] = [sorted(there.scenes), sorted(there.objects)]
with bpy.data.libraries.load(str(Path("data/characters/Body.blend"))) as (there, _):
    told["person"] = [list(there.collections), len(there.objects)]
bpy.ops.grail.use_my_scene()
told["used"] = [own.task, Path(own.config_file).name]
bpy.ops.grail.settle()
"""
)
RUN = ("--skip_step3", "--skip_step4", "--results_dir", "batch")


def test_a_saved_scene_runs_on_the_command_line(tmp_path: Path) -> None:
    told = run(SAVE, tmp_path)
    assert "Choose the object" in told["nothing"]
    assert "Unit Scale" in told["units"]
    assert told["same"], "the user's file was changed"
    assert told["room"] == [["my_room"], ["Floor", "Lamp", "Table"]]
    assert told["person"] == [["Body"], 3]
    assert told["used"] == ["FILE", "my_room.yaml"]
    file = tmp_path / "data" / "scenes" / "my_room.yaml"
    request = load(file, [], Places(tmp_path, project_root()))
    settings = request.settings["My_Brick"]
    assert "obj_support: Table" in told["supported"] and "obj_support" not in told["forgotten"]
    assert (settings.obj_support, settings.obj_pos) == ("Table", pytest.approx((0.1, 0.05, 0.7)))
    assert request.config.character == "Body"
    assert settings.character_pos == pytest.approx((-1.0, 0.2, 0.0), abs=1e-4)
    assert settings.character_rot[2] == pytest.approx(90.0, abs=1e-3)
    assert settings.obj_rot[2] == pytest.approx(math.degrees(0.5), abs=1e-3)
    radius = settings.camera_radius[0]
    a, e = math.radians(settings.camera_azimuth), math.radians(settings.camera_elevation[0])
    away = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
    target = np.array(settings.obj_pos) + settings.camera_offset
    np.testing.assert_allclose(target + radius * away, told["eye"][0], atol=1e-4)
    np.testing.assert_allclose(-away, told["eye"][1], atol=1e-4)

    state = "generation/initial_states/MyObjects/My_Brick/initial_state.json"
    command = [sys.executable, str(ROOT / "run_batch.py"), "--", "--config", str(file), *RUN]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads((tmp_path / "batch" / state).read_text())
    assert made == json.loads((tmp_path / "out" / state).read_text())
    assert made["usable"]
    assert made["support_name"] == settings.obj_support == "Table"
    assert made["support_height"] == pytest.approx(0.7, abs=1e-5)


def test_the_camera_s_keys_put_it_back_where_it_was() -> None:
    obj = np.array([0.3, -0.2, 0.7])
    position, forward = np.array([2.0, 1.5, 1.9]), np.array([-0.7, -0.6, -0.35])
    found = camera_place(position, forward, obj)
    assert isinstance(found, CameraPlace)
    a, e = math.radians(found.azimuth), math.radians(found.elevation)
    away = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
    np.testing.assert_allclose(obj + found.offset + found.radius * away, position, atol=1e-9)
    assert abs(found.offset @ forward) < 1e-9, "the target is the point of the axis that is nearest to the object"
    with pytest.raises(InputError, match="away"):
        camera_place(position, -forward, obj)
    with pytest.raises(InputError, match="straight"):
        camera_place(np.array([0.3, -0.2, 3.0]), np.array([0.0, 0.0, -1.0]), obj)


def test_names_of_files_hold_no_surprises() -> None:
    assert file_name(" My Room/2 (ü) ") == "My_Room_2"
    assert file_name("../..") == ""


CAMERA = (
    "import math\n"
    + SCENE
    + """
from grail_addon.operators.my_scene_facts import camera_facts, camera_notes, scene_faults

scene, width, height = bpy.context.scene, 1280, 720
own.advanced.rendering_width, own.advanced.rendering_height = width, height
scene.render.resolution_x, scene.render.resolution_y = width, height
own.my_object, own.my_camera = brick, camera
camera.data.lens = 36 * math.hypot(width, height) / width
told["plain"] = camera_notes(own, scene)
camera.data.lens, camera.data.shift_x, camera.data.dof.use_dof = 85, 0.1, True
camera.matrix_world = camera.matrix_world @ Matrix.Rotation(math.radians(7), 4, "Z")
bpy.context.view_layer.update()
facts = camera_facts(camera, scene)
told["facts"] = [facts.lens_mm, facts.shift, facts.roll_deg]
told["notes"] = camera_notes(own, scene)
camera.data.type = "ORTHO"
told["ortho"] = scene_faults(own, scene)
told["ortho_notes"] = camera_notes(own, scene)
"""
)


def test_what_frames_do_not_take_over_of_a_camera_is_said(tmp_path: Path) -> None:
    told = run(CAMERA, tmp_path)
    assert told["plain"] == []
    lens, shift, roll = told["facts"]
    assert (lens, shift, abs(roll)) == pytest.approx((85.0, 0.1, 7.0), abs=0.01)
    words = ("85 mm", "7.0 degrees", "shift", "depth of field")
    assert len(told["notes"]) == len(words)
    assert all(word in note for word, note in zip(words, told["notes"], strict=True))
    assert any("perspective" in fault for fault in told["ortho"]) and told["ortho_notes"] == []
