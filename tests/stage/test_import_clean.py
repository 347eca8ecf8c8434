# SPDX-License-Identifier: GPL-3.0-or-later
"""Importing leaves nothing behind but its result, whatever the user has open, and fails with a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.errors import UserError  # noqa: E402
from grail_addon.stage import compat  # noqa: E402
from grail_addon.stage.importers import readers  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

FORMATS = [".obj", ".stl", ".ply", ".glb", ".fbx", *([".usdc"] if bpy.app.build_options.usd else [])]


def sample(folder: Path, suffix: str) -> Path:
    """A file with two textured, animated parts where the format can carry that."""
    path = folder / f"thing{suffix}"
    if suffix == ".obj":
        return samples.write_obj(path)
    image = samples.texture(folder / "paint.png")
    for name in ("a", "b"):
        obj = samples.add_tetra(name, "UVMap")
        samples.add_material(obj, "skin", image)
        obj.keyframe_insert("location", frame=1)
        obj.location.x += 3.0
    return samples.export(path)


def open_busy_file() -> bpy.types.Object:
    """A user's session: an object in edit mode, names taken, another scene that is called as ours."""
    bpy.ops.wm.read_factory_settings(use_empty=False)
    for name in ("thing", "thing.001", "import"):
        bpy.data.objects.new(name, bpy.data.meshes.new(name)).use_fake_user = True
    bpy.data.scenes.new("import")
    bpy.data.materials.new("skin").use_fake_user = True
    bpy.data.images.new("paint.png", 1, 1)
    cube = bpy.data.objects["Cube"]
    bpy.context.view_layer.objects.active = cube
    bpy.ops.object.mode_set(mode="EDIT")
    return cube


@pytest.mark.parametrize("suffix", FORMATS)
def test_users_session_is_untouched(tmp_path: Path, suffix: str) -> None:
    path = sample(tmp_path, suffix)
    cube = open_busy_file()
    target = bpy.data.collections.new("target")
    before = samples.counts()
    selected = {o.name for o in bpy.context.selected_objects}
    scene = bpy.context.window.scene
    imported = import_object(path, target, "thing")
    obj = imported.object
    assert list(target.objects) == [obj] and obj.name == imported.object.name == "thing.002"
    assert bpy.context.window.scene == scene and bpy.context.scene == scene and not bpy.data.scenes["import"].objects
    assert bpy.context.view_layer.objects.active == cube and cube.mode == "EDIT"
    assert {o.name for o in bpy.context.selected_objects} == selected
    materials, images = len(obj.data.materials), len({i.name for i in bpy.data.images}) - before["images"]
    expected = {"objects": 1, "meshes": 1, "materials": materials, "images": images}
    changed = {k: n - before[k] for k, n in samples.counts().items() if n != before[k]}
    assert changed == {k: n for k, n in expected.items() if n}
    assert images <= 2  # one for each material that a format copies
    bpy.data.objects.remove(obj)


@pytest.mark.parametrize("suffix", [".fbx", ".glb"])
def test_skeletons_leave_the_session_alone(tmp_path: Path, suffix: str) -> None:
    # these importers enter edit mode on the skeleton: not in the user's window, not on the user's object
    samples.add_skinned_tetra()
    path = samples.export(tmp_path / f"skin{suffix}")
    cube = open_busy_file()
    before, scene = samples.counts(), bpy.context.window.scene
    imported = import_object(path, scene.collection)
    assert np.allclose(
        samples.triangles(imported.mesh.vertices, imported.mesh.faces), samples.moved(np.eye(4)), atol=2e-4
    )
    assert bpy.context.window.scene == scene and cube.mode == "EDIT"
    assert bpy.context.view_layer.objects.active == cube
    added = {k: n - before[k] for k, n in samples.counts().items() if n != before[k]}
    assert added == {"objects": 1, "meshes": 1}


@pytest.mark.parametrize("suffix", FORMATS)
def test_same_file_twice_gives_the_same_arrays(tmp_path: Path, suffix: str) -> None:
    path = sample(tmp_path, suffix)
    first = import_object(path, samples.fresh())
    open_busy_file()
    second = import_object(path, bpy.context.scene.collection)
    assert first.mesh.digest() == second.mesh.digest()


BROKEN = {
    "no faces": ("points.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\n", "it has no faces"),
    "nothing": ("empty.obj", "", "it has no faces|cannot be read"),
    "no area": ("line.obj", "v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "without area"),
    "one point": ("dot.obj", "v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n", "without area"),
    "no glTF": ("bad.glb", "this is no glTF", "cannot be read as glTF"),
    "no FBX": ("bad.fbx", "this is no FBX", "cannot be read as FBX"),
    "no PLY": ("bad.ply", "this is no PLY", "bad.ply"),
    "unknown": ("thing.xyz", "", "unknown format"),
}


@pytest.mark.parametrize(("name", "text", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_unusable_files_say_so_and_leave_nothing(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    before = samples.counts()
    with pytest.raises(UserError, match=sentence) as caught:
        import_object(path, bpy.context.scene.collection)
    assert "\n" not in str(caught.value) and name in str(caught.value)
    assert samples.counts() == before


def test_coordinates_that_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "nan.stl"
    corners = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 0), (1, 0, 0), (0, np.nan, 1)], dtype="<f4")
    triangles = b"".join(bytes(12) + corners[k : k + 3].tobytes() + bytes(2) for k in (0, 3))
    path.write_bytes(bytes(80) + np.array([2], "<u4").tobytes() + triangles)
    with pytest.raises(UserError, match="not numbers"):
        import_object(path, bpy.context.scene.collection)
    assert not bpy.data.objects and not bpy.data.meshes


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no file .*gone\.obj"):
        import_object(tmp_path / "gone.obj", bpy.context.scene.collection)


def test_flat_and_tiny_meshes_are_fine(tmp_path: Path) -> None:
    flat = np.array([(0, 0, 0), (1e-4, 0, 0), (0, 1e-4, 0)])
    imported = import_object(samples.write_obj(tmp_path / "flat.obj", flat, [(0, 1, 2)]), bpy.context.scene.collection)
    assert len(imported.mesh.faces) == 1


def test_build_without_an_importer_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = samples.write_obj(tmp_path / "model.obj")
    monkeypatch.setattr(readers.compat, "operator", lambda name, options: None)
    before = samples.counts()
    with pytest.raises(UserError, match=r"this Blender has no OBJ importer.*Convert"):
        import_object(path, bpy.context.scene.collection)
    assert samples.counts() == before


def test_options_of_other_versions_are_left_out() -> None:
    assert compat.operator("wm.no_such_importer", {}) is None
    call = compat.operator("wm.obj_import", {"no_such_option": 1})
    assert call is not None
    with pytest.raises(RuntimeError):
        call(filepath="/no/such/file.obj")
