# SPDX-License-Identifier: GPL-3.0-or-later
"""A project small enough to render in a second: a block on a table, a jointed wooden person, two walls, one lamp."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stage.shapes import box, join, obj_text

CONFIG = """\
task: manipulation
character: dummy
character_dir: characters
results_dir: results
object_config: objects.yaml
skip_step2: true
skip_step4: true
simulation: {drops: 2}
rendering: {samples: 1, width: 160, height: 90, num_rand_scenes: 2, gpu: false, denoise: false}
scenes:
  mini:
    obj_pos: [0, 0, 0.6]
    character_pos_mode: polar
    character_azimuth: 180
    character_distance: 0.6
    character_z: 0
    character_face_object: true
    camera_azimuth: -60
    camera_azimuth_rand_max: 25
    camera_elevation: 12
    camera_radius: 3.4
    camera_offset: [0, 0, 0.05]
"""

OBJECTS = """\
dataset: Test
objects:
  block: {obj_scale: 2, scene: mini}
  wedge: {obj_scale: 2, scene: mini}
  ghost: {obj_scale: 2, scene: mini}
"""


@dataclass(frozen=True)
class Project:
    """Folders and files of the small project."""

    root: Path

    @property
    def results(self) -> Path:
        return self.root / "results"

    def argv(self, *more: str) -> list[str]:
        return ["--config", str(self.root / "mini.yaml"), "--data_dir", str(self.root), *more]


def write_scene(path: Path) -> None:
    """Floor, two walls, a table and a lamp as a .blend, written by the running Blender."""
    import bpy

    from grail_addon.stage.owned import OwnedData

    bpy.ops.wm.read_factory_settings(use_empty=True)  # or the things of an earlier test hold the names
    owned = OwnedData()
    with owned.recording():
        scene = _mini_scene()
    path.parent.mkdir(parents=True, exist_ok=True)
    scene.view_layers[0].update()  # Blender 5.2 crashes on writing a view layer that was never brought up to date
    bpy.data.libraries.write(str(path), {scene})
    owned.remove()  # else what is made next gets numbered names


def _mini_scene():
    import bpy

    scene = bpy.data.scenes.new("mini")
    things = {
        "floor": box((-3, -3, -0.1), (3, 3, 0.0)),
        "wall_back": box((-3, 2.5, 0.0), (3, 2.6, 2.5)),
        "wall_left": box((-2.6, -3, 0.0), (-2.5, 2.5, 2.5)),
        "table": join(
            box((-0.3, -0.45, 0.56), (0.3, 0.45, 0.6)),
            *(box((x, y, 0.0), (x + 0.04, y + 0.04, 0.56)) for x in (-0.28, 0.24) for y in (-0.43, 0.39)),
        ),
    }
    for name, mesh in things.items():
        data = bpy.data.meshes.new(name)
        data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
        scene.collection.objects.link(bpy.data.objects.new(name, data))
    lamp = bpy.data.lights.new("key_area", "AREA")
    lamp.energy, lamp.size = 150.0, 2.0
    obj = bpy.data.objects.new("key_area", lamp)
    obj.location = (0.0, -1.0, 2.8)
    scene.collection.objects.link(obj)
    return scene


@pytest.fixture(scope="session")
def project_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, made once for a test run."""
    root = tmp_path_factory.mktemp("project")
    (root / "mini.yaml").write_text(CONFIG)
    (root / "objects.yaml").write_text(OBJECTS)
    block = box((-0.05, -0.03, -0.02), (0.05, 0.03, 0.02))
    wedge = block.vertices.copy()
    wedge[wedge[:, 0] > 0, 1] *= 0.5
    for name, mesh in (("block", block), ("wedge", type(block)(wedge, block.faces))):
        folder = root / "Test" / name
        folder.mkdir(parents=True)
        (folder / "model.obj").write_text(obj_text(mesh))
    person = join(
        box((-0.12, -0.05, 0.0), (-0.02, 0.12, 0.65)), box((0.02, -0.05, 0.0), (0.12, 0.12, 0.65)),
        box((-0.14, -0.06, 0.65), (0.14, 0.1, 1.1)), box((-0.08, -0.08, 1.1), (0.08, 0.08, 1.32)),
    )  # fmt: skip
    (root / "characters").mkdir()
    (root / "characters" / "dummy.obj").write_text(obj_text(person))
    write_scene(root / "scenes" / "mini.blend")
    return root


@pytest.fixture
def project(project_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project with results of its own, run from its folder."""
    for entry in project_files.iterdir():
        (tmp_path / entry.name).symlink_to(entry)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)
