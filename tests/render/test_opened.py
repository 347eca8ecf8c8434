# SPDX-License-Identifier: GPL-3.0-or-later
"""A real run notes the files that its assets brought, whatever brought them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

bpy = pytest.importorskip("bpy")

from tests.render.conftest import write_scene  # noqa: E402
from tests.render.gate_project import write_person  # noqa: E402
from tests.render.runs import manifest, run, session  # noqa: E402
from tests.stage.test_import_textures import paint, textured_obj  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

CONFIG = """\
task: manipulation
character: dummy
character_dir: characters
results_dir: results
object_config: objects.yaml
skip_step2: true
skip_step4: true
simulation: {drops: 1}
rendering: {samples: 1, width: 128, height: 72, num_rand_scenes: 1, gpu: false, denoise: false}
scenes:
  mini:
    obj_pos: [0, 0, 0.6]
    character_pos_mode: polar
    character_azimuth: 180
    character_distance: 0.6
    character_z: 0
    camera_azimuth: -60
    camera_elevation: 12
    camera_radius: 3.4
    static_objects: {board: {name: board/meshes/model.obj, pos: [2, 0, 0]}}
"""


def link_into(blend: Path, library: Path) -> None:
    """Have a room use a mesh of another .blend file, and a sky from a picture."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    mesh = bpy.data.meshes.new("lamp")
    mesh.from_pydata([(2, 2, 0), (2.1, 2, 0), (2, 2.1, 0)], [], [(0, 1, 2)])
    bpy.data.libraries.write(str(library), {bpy.data.objects.new("lamp", mesh)}, fake_user=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(blend)) as (_, wanted):
        wanted.scenes = ["mini"]
    scene = wanted.scenes[0]
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["lamp"]
    scene.collection.objects.link(wanted.objects[0])
    scene.world = bpy.data.worlds.new("sky")
    scene.world.use_nodes = True
    node = scene.world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    node.image = bpy.data.images.load(str(blend.parent.parent / "skies" / "sky.png"))
    scene.world.node_tree.links.new(node.outputs[0], scene.world.node_tree.nodes["Background"].inputs["Color"])
    scene.view_layers[0].update()
    bpy.data.libraries.write(str(blend), {scene})
    bpy.ops.wm.read_factory_settings(use_empty=True)


def test_a_run_notes_all_and_sees_each_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mini.yaml").write_text(CONFIG)
    (tmp_path / "objects.yaml").write_text("dataset: Test\nobjects:\n  tile: {scene: mini, obj_scale: 0.1}\n")
    monkeypatch.chdir(tmp_path)
    write_person(tmp_path / "characters" / "dummy.blend")
    write_scene(tmp_path / "scenes" / "mini.blend")
    paint(tmp_path / "skies" / "sky.png")
    link_into(tmp_path / "scenes" / "mini.blend", tmp_path / "lamps.blend")
    textured_obj(tmp_path / "Test" / "tile" / "meshes", "map_Kd texture.png")
    paint(tmp_path / "Test" / "tile" / "materials" / "textures" / "texture.png")
    textured_obj(tmp_path / "Scene" / "board" / "meshes", "map_Kd ..\\skin.png\nmap_Pr gone.png")
    paint(tmp_path / "Scene" / "board" / "skin.png")
    argv = ["--config", str(tmp_path / "mini.yaml"), "--data_dir", str(tmp_path), "--skip_done"]
    run(argv)
    made = manifest(tmp_path / "results", "dummy_mini_rand00001")
    opened = {role: set(files) for role, files in made["opened"].items()}
    assert "../materials/textures/texture.png" in opened["object"]
    assert "../skies/sky.png" in opened["scene"] and "../lamps.blend" in opened["scene"]
    assert {"../skin.png", "model.mtl", "gone.png"} <= opened["static board"]
    lost = next(entry for entry in made["measurements"] if entry["name"] == "textures_lost")
    assert lost["value"] == 1 and lost["level"] == "warn" and "gone.png is not there" in lost["sentence"]
    assert "(of the board)" in lost["sentence"] and lost["sentence"] in made["reasons"]
    for changed in ("skies/sky.png", "Scene/board/skin.png", "Test/tile/materials/textures/texture.png", "lamps.blend"):
        assert {item.verb for item in session(argv).plan().items} == {"skips"}
        path = tmp_path / changed
        before = path.read_bytes()
        path.write_bytes(before + b"x") if path.suffix == ".blend" else Image.new("RGB", (8, 8), (9, 9, 9)).save(path)
        stale = [item for item in session(argv).plan().items if item.verb == "runs"]
        assert stale and all(path.name in item.why for item in stale if item.item.startswith("render")), changed
        path.write_bytes(before)


def test_an_object_without_its_colour_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = CONFIG[: CONFIG.index("    static_objects")]
    (tmp_path / "mini.yaml").write_text(text)
    (tmp_path / "objects.yaml").write_text("dataset: Test\nobjects:\n  tile: {scene: mini, obj_scale: 0.1}\n")
    monkeypatch.chdir(tmp_path)
    write_person(tmp_path / "characters" / "dummy.blend")
    write_scene(tmp_path / "scenes" / "mini.blend")
    textured_obj(tmp_path / "Test" / "tile" / "meshes", "map_Kd C:\\work\\texture.png")
    events = run(["--config", str(tmp_path / "mini.yaml"), "--data_dir", str(tmp_path)])
    made = manifest(tmp_path / "results", "dummy_mini_rand00001")
    assert made["verdict"] == "fail"
    told = [reason for reason in made["reasons"] if "colour" in reason]
    assert told == ["object has lost its colour on 100 % of its surface (at most 50 % allowed)"]
    assert any("texture.png is not there" in reason and "meshes" in reason for reason in made["reasons"])
    assert any(told[0] in event.message for event in events if event.kind == "done")
