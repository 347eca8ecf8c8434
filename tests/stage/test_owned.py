# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage removes what it made and nothing else, whatever a user does in the file meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

import numpy as np  # noqa: E402

from grail_addon.core.settle.settings import SettleSettings  # noqa: E402
from grail_addon.core.variant.draw import LightDraw  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.owned import OwnedData  # noqa: E402
from grail_addon.stage.room.scene import Stage  # noqa: E402
from grail_addon.stage.settle.hull import convex_hull  # noqa: E402
from grail_addon.stage.settle.world import RigidPose, World  # noqa: E402
from grail_addon.steps.port import StageLost  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.shapes import box  # noqa: E402

pytestmark = pytest.mark.bpy

LIGHT = LightDraw("studio.exr", 0.0, 0.0, 0.0, 0.0, 6500.0)
Blocks = dict[str, frozenset[int]]


def blocks() -> Blocks:
    """Session uids of all data of the file, by kind; Blender's own Render Result left out."""
    kinds = (p.identifier for p in bpy.data.bl_rna.properties if p.type == "COLLECTION" and p.identifier != "all_ids")
    return {
        kind: frozenset(b.session_uid for b in getattr(bpy.data, kind) if getattr(b, "type", "") != "RENDER_RESULT")
        for kind in kinds
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A room, an object with a texture, a person."""
    from tests.render.conftest import write_scene
    from tests.render.gate_project import write_person

    folder = tmp_path_factory.mktemp("files")
    write_scene(folder / "mini.blend")
    write_person(folder / "dummy.blend")
    samples.texture(folder / "paint.png")
    (folder / "model.mtl").write_text("newmtl skin\nKd 1 1 1\nmap_Kd paint.png\n")
    samples.write_obj(folder / "model.obj")
    (folder / "model.obj").write_text("mtllib model.mtl\nusemtl skin\n" + (folder / "model.obj").read_text())
    return folder


@pytest.fixture
def user_file(empty_file: None) -> Iterator[None]:
    """A file of a user, with undo."""
    bpy.ops.wm.read_factory_settings(use_empty=False)
    bpy.ops.ed.undo_push(message="the user's file")
    yield


def open_stage(files: Path) -> Stage:
    """A stage with all that a run puts on it."""
    stage = Stage(files / "mini.blend")
    drain(stage.add_person(files / "dummy.blend", "dummy", None, files))
    drain(stage.load_object(files / "model.obj", opacity=0.5))
    stage.lights.apply(LIGHT)
    return stage


def make_five_things() -> None:
    """What a user makes while a stage is open."""
    bpy.data.scenes.new("mine").world = bpy.data.worlds.new("sky")
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("mine", bpy.data.meshes.new("mine")))
    bpy.data.materials.new("mine").use_fake_user = True
    bpy.data.texts.new("mine").write("notes")
    bpy.data.actions.new("mine")


def test_what_the_user_made_stays(user_file: None, files: Path) -> None:
    before = blocks()
    stage = open_stage(files)
    with_stage = blocks()
    make_five_things()
    made = {kind: now - with_stage[kind] for kind, now in blocks().items()}
    assert sum(map(len, made.values())) >= 7
    stage.close()
    assert blocks() == {kind: old | made[kind] for kind, old in before.items()}


def test_what_the_user_made_between_two_objects_stays(user_file: None, files: Path) -> None:
    before = blocks()
    stage = open_stage(files)
    with_stage = blocks()
    make_five_things()
    made = {kind: now - with_stage[kind] for kind, now in blocks().items()}
    drain(stage.load_object(files / "model.obj"))
    assert all(blocks()[kind] >= new for kind, new in made.items())
    stage.close()
    assert blocks() == {kind: old | made[kind] for kind, old in before.items()}


def test_what_the_user_uses_of_ours_is_handed_over(user_file: None, files: Path) -> None:
    before = blocks()
    stage = open_stage(files)
    ours = stage.imported.object
    (uid,) = (image.session_uid for image in bpy.data.images if image.name.startswith("paint"))
    own = bpy.data.objects.new("own", ours.data)
    bpy.context.scene.collection.objects.link(own)
    stage.close()
    nodes = own.data.materials[0].node_tree.nodes
    assert uid in {node.image.session_uid for node in nodes if node.type == "TEX_IMAGE"}
    extra = {kind: len(now - before[kind]) for kind, now in blocks().items() if now != before[kind]}
    assert extra == {"objects": 1, "meshes": 1, "materials": 1, "images": 1}
    assert bpy.data.objects["own"].data.users == 1


def test_ours_in_a_scene_or_with_a_fake_user_of_the_users(user_file: None, files: Path) -> None:
    stage = open_stage(files)
    bpy.context.scene.collection.objects.link(stage.imported.object)
    table = next(o for o in stage.scene.objects if o.name == "table")
    table.data.use_fake_user = True
    name, mesh = stage.imported.object.name, table.data.session_uid
    stage.close()
    assert bpy.data.objects[name].data.materials[0] is not None
    assert [m.session_uid for m in bpy.data.meshes if m.use_fake_user] == [mesh]
    assert "table" not in bpy.data.objects and len(bpy.data.scenes) == 1


def test_the_users_data_on_our_stage_is_not_lost_on_saving(user_file: None, files: Path, tmp_path: Path) -> None:
    stage = open_stage(files)
    window = bpy.context.window_manager.windows[0]
    scene = window.scene
    window.scene = stage.scene
    prop = bpy.data.objects.new("prop", bpy.data.meshes.new("prop"))
    stage.scene.collection.objects.link(prop)
    stage.imported.object.data.materials.append(bpy.data.materials.new("paint"))
    stage.close()
    assert window.scene == scene
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    assert {"prop", "Cube"} == set(bpy.data.objects.keys()) - {"Camera", "Light"}
    assert bpy.data.objects["prop"].data.name == "prop" and "paint" in bpy.data.materials


def test_names_that_the_user_takes_or_changes(user_file: None, files: Path) -> None:
    before = blocks()
    stage = open_stage(files)
    for kind in ("objects", "meshes", "materials", "scenes", "worlds", "images", "cameras", "collections"):
        for block in list(getattr(bpy.data, kind)):
            if block.session_uid not in before[kind]:
                name = block.name
                block.name = f"renamed {name}"
                if kind in ("meshes", "materials", "worlds", "cameras", "collections", "scenes"):
                    getattr(bpy.data, kind).new(name)
                elif kind == "objects":
                    bpy.data.objects.new(name, None)
    made = blocks()
    assert stage.intact and stage.support_at((0.2, 0.3), 0.6).name == "table"
    assert set(stage.room) == {"floor", "wall_back", "wall_left", "table"}
    stage.lights.apply(LIGHT)
    drain(stage.load_object(files / "model.obj"))
    stage.close()
    left = blocks()
    named = {kind: len(now - before[kind]) for kind, now in left.items() if now - before[kind]}
    assert set(named) == {"objects", "meshes", "materials", "scenes", "worlds", "cameras", "collections"}
    assert all(now <= made[kind] for kind, now in left.items())
    assert not [b for kind in named for b in getattr(bpy.data, kind) if b.name.startswith("renamed")]


def test_undo_takes_the_stage_and_redo_brings_it_back(user_file: None, files: Path) -> None:
    make_five_things()
    bpy.ops.ed.undo_push(message="five things")
    before = samples.counts()
    stage = open_stage(files)
    bpy.ops.ed.undo_push(message="stage")
    assert stage.intact
    bpy.ops.ed.undo()
    # Blender's undo leaves alone the library that an appended scene came from
    assert {**samples.counts(), "libraries": 0} == before and not stage.intact
    for use in (lambda: stage.scene, lambda: stage.imported.object, lambda: stage.lights.apply(LIGHT)):
        with pytest.raises(StageLost, match="Run again"):
            use()
    bpy.ops.ed.redo()
    assert stage.intact and stage.support_at((0.2, 0.3), 0.6).name == "table"
    stage.close()
    assert samples.counts() == before


def test_closing_while_the_stage_is_undone(user_file: None, files: Path) -> None:
    before = samples.counts()
    stage = open_stage(files)
    bpy.ops.ed.undo_push(message="stage")
    bpy.ops.ed.undo()
    stage.close()
    assert samples.counts() == before
    bpy.ops.ed.redo()
    assert samples.counts()["scenes"] == before["scenes"]


def test_undo_after_closing_brings_only_the_users_data_back(user_file: None, files: Path) -> None:
    before = samples.counts()
    stage = open_stage(files)
    bpy.data.texts.new("mine")
    bpy.ops.ed.undo_push(message="stage and a text")
    stage.close()
    bpy.data.texts.remove(bpy.data.texts["mine"])
    bpy.ops.ed.undo_push(message="closed, text removed")
    bpy.ops.ed.undo()
    assert samples.counts() == {**before, "texts": 1}
    bpy.ops.ed.redo()
    assert samples.counts() == before


def new_file(folder: Path) -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True)


def other_file(folder: Path) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(folder / "other.blend"))


def same_file(folder: Path) -> None:
    """Saved with the stage in it, and opened."""
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "same.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "same.blend"))


def saved_file(folder: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "same.blend"))
    bpy.ops.wm.revert_mainfile()


@pytest.mark.parametrize("load", [new_file, other_file, same_file, saved_file])
def test_another_file_is_opened(user_file: None, files: Path, tmp_path: Path, load: Callable[[Path], None]) -> None:
    for _ in range(100):
        bpy.data.texts.new("many")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "other.blend"))
    stage = open_stage(files)
    load(tmp_path)
    loaded = blocks()
    with pytest.raises(StageLost):
        _ = stage.scene
    assert not stage.intact
    stage.close()
    assert blocks() == loaded and bpy.data.scenes and bpy.data.objects
    again = open_stage(files)
    again.close()
    assert blocks() == loaded


def test_the_user_deletes_the_stages_scene(user_file: None, files: Path) -> None:
    before = blocks()
    stage = open_stage(files)
    bpy.data.scenes.remove(stage.scene)
    with pytest.raises(StageLost):
        drain(stage.load_object(files / "model.obj"))
    stage.close()
    assert blocks() == before


def test_the_user_deletes_parts(user_file: None, files: Path) -> None:
    before = blocks()
    stage = open_stage(files)
    bpy.data.objects.remove(next(o for o in stage.scene.objects if o.name == "table"))
    assert not stage.intact
    stage.close()
    assert blocks() == before


def test_the_stage_is_the_only_scene_left(user_file: None, files: Path) -> None:
    stage = open_stage(files)
    for scene in list(bpy.data.scenes):
        if scene != stage.scene:
            bpy.data.scenes.remove(scene)
    stage.close()
    assert [scene.name for scene in bpy.data.scenes] == ["Scene"]
    assert bpy.context.window_manager.windows[0].scene == bpy.data.scenes[0]


@pytest.mark.parametrize("first", [0, 1])
def test_two_stages_at_once(user_file: None, files: Path, first: int) -> None:
    before = blocks()
    stages = [open_stage(files), open_stage(files)]
    for stage in stages:
        stage.lights.apply(LIGHT)
    stages[first].close()
    other = stages[1 - first]
    assert other.intact and other.support_at((0.2, 0.3), 0.6).name == "table"
    (picture,) = (n.image for n in other.scene.world.node_tree.nodes if n.type == "TEX_ENVIRONMENT")
    assert picture.filepath.endswith("studio.exr")
    drain(other.load_object(files / "model.obj"))
    other.lights.apply(LIGHT)
    other.close()
    assert blocks() == before


def test_an_image_of_the_users_is_not_shared(user_file: None, files: Path) -> None:
    image = bpy.data.images.load(str(next(files.glob("*.png"))))
    image.colorspace_settings.name = "Non-Color"
    uid = image.session_uid
    before = blocks()
    stage = open_stage(files)
    bpy.data.images.remove(image)
    (own,) = (i for i in bpy.data.images if i.name.startswith(image_name := next(files.glob("*.png")).stem))
    assert own.session_uid != uid and image_name in own.filepath
    stage.close()
    assert blocks() == {**before, "images": before["images"] - {uid}}


def test_a_stage_that_cannot_be_opened_leaves_nothing(user_file: None, tmp_path: Path) -> None:
    (tmp_path / "bad.blend").write_bytes(b"no blend file")
    before = blocks()
    with pytest.raises(Exception, match="cannot be opened"):
        Stage(tmp_path / "bad.blend")
    assert blocks() == before


def world_of_a_block() -> World:
    world = World(SettleSettings(), 40, 10, 10)
    world.__enter__()
    world.add_box_support()
    hull = drain(convex_hull(box((-0.1, -0.1, -0.1), (0.1, 0.1, 0.1)).vertices))
    world.add_body([hull], RigidPose(np.eye(3), np.array([0.0, 0.0, 0.3])), (0.1, 0.1))
    return world


def test_settling_while_the_user_works(user_file: None) -> None:
    before = blocks()
    world = world_of_a_block()
    heights = [world.step(frame)[0][2, 3] for frame in range(1, 10)]
    with_world = blocks()
    make_five_things()
    made = {kind: now - with_world[kind] for kind, now in blocks().items()}
    heights += [world.step(frame)[0][2, 3] for frame in range(10, 20)]
    assert heights[-1] < heights[0]
    world.__exit__(None, None, None)
    assert blocks() == {kind: old | made[kind] for kind, old in before.items()}


def undo() -> None:
    bpy.ops.ed.undo()


@pytest.mark.parametrize("event", [undo, lambda: new_file(Path())], ids=["undo", "new file"])
def test_settling_ends_when_its_world_is_gone(user_file: None, event: Callable[[], None]) -> None:
    world = world_of_a_block()
    world.step(1)
    bpy.ops.ed.undo_push(message="amid a settle")
    event()
    after = blocks()
    with pytest.raises(StageLost):
        world.step(2)
    world.__exit__(None, None, None)
    assert blocks() == after
    if event is undo:
        bpy.ops.ed.redo()
        assert blocks()["scenes"] == after["scenes"]


def test_nothing_is_owned_twice(user_file: None) -> None:
    before = blocks()
    outer = OwnedData()
    inner = OwnedData(within=outer)
    with outer.recording():
        scene = bpy.data.scenes.new("outer")
    with inner.recording():
        scene.collection.objects.link(bpy.data.objects.new("inner", bpy.data.meshes.new("inner")))
    inner.remove()
    assert outer.intact and not scene.collection.objects
    outer.remove()
    assert blocks() == before and outer.intact
