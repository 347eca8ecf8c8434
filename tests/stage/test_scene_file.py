# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a file's scenes is the room."""

from __future__ import annotations

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.stage.room.scene import Stage  # noqa: E402
from tests.stage.shapes import box  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]


def saved(path: Path, things: dict[str, str | None], opened: str, compress: bool) -> Path:
    """A file of scenes, each with a box of that name or nothing; `opened` is the one in its window, as when it is saved."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.name = "0"
    for scene_name, thing in things.items():
        scene = bpy.data.scenes.new(scene_name)
        if thing is not None:
            mesh = box((-1, -1, -0.1), (1, 1, 0))
            data = bpy.data.meshes.new(thing)
            data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
            scene.collection.objects.link(bpy.data.objects.new(thing, data))
        scene.view_layers[0].update()
    bpy.context.window.scene = bpy.data.scenes[opened or "0"]
    bpy.data.scenes.remove(bpy.data.scenes["0"])
    bpy.ops.wm.save_as_mainfile(filepath=str(path), check_existing=False, compress=compress)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize(
    ("things", "opened", "shown", "words"),
    [
        ({"A": None, "Kitchen": "sink"}, "Kitchen", "sink", "Kitchen is shown, which was open when it was saved."),
        ({"A": "ramp", "Kitchen": "sink"}, "Kitchen", "sink", "which was open"),
        ({"A": "ramp", "Kitchen": "sink"}, "A", "ramp", "A is shown, which was open"),
        ({"A": None, "B": None, "Room": "sink"}, "A", "sink", "Room is shown, the first by name with anything to see."),
        ({"A": "ramp", "Old": None}, "Old", "ramp", "of its 2 scenes (A, Old) A is shown"),
        ({"Room": "sink"}, "Room", "sink", ""),
    ],
)
def test_the_scene_that_was_open_is_the_room(
    tmp_path: Path, things: dict[str, str | None], opened: str, shown: str, words: str, compress: bool
) -> None:
    stage = Stage(saved(tmp_path / "room.blend", things, opened, compress))
    assert set(stage.room) == {shown}
    assert len(stage.notes) == bool(words) and all(words in note for note in stage.notes)
    before = len(bpy.data.scenes)
    stage.close()
    assert before == 2 and len(bpy.data.scenes) == 1 and not bpy.data.meshes, "nothing of the others stays"


def test_scenes_written_without_a_window(tmp_path: Path) -> None:
    scenes = {bpy.data.scenes.new(name) for name in ("Attic", "Bath")}
    mesh = bpy.data.meshes.new("tub")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    bpy.data.scenes["Bath"].collection.objects.link(bpy.data.objects.new("tub", mesh))
    for scene in scenes:
        scene.view_layers[0].update()
    bpy.data.libraries.write(str(tmp_path / "room.blend"), scenes)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage = Stage(tmp_path / "room.blend")
    assert set(stage.room) == {"tub"} and "Bath is shown" in stage.notes[0]
    stage.close()
