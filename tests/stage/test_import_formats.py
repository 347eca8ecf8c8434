# SPDX-License-Identifier: GPL-3.0-or-later
"""Every format comes in as one object with the vertices, materials and textures it should have."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from mathutils import Euler, Matrix, Vector  # noqa: E402

from grail_addon.core.mesh import MeshData  # noqa: E402
from grail_addon.stage.importers import ImportedObject  # noqa: E402
from grail_addon.stage.importers.textures import images_of  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

needs_usd = pytest.mark.skipif(not bpy.app.build_options.usd, reason="this Blender is built without USD")
SCENE_FORMATS = [
    ".glb",
    ".gltf",
    ".fbx",
    pytest.param(".usda", marks=needs_usd),
    pytest.param(".usdc", marks=needs_usd),
]


def shape(mesh: MeshData) -> np.ndarray:
    return samples.triangles(mesh.vertices, mesh.faces)


def assert_clean(imported: ImportedObject) -> None:
    obj = imported.object
    assert obj.matrix_world == Matrix.Identity(4) and obj.parent is None and not obj.modifiers
    assert [o.type for o in bpy.data.objects] == ["MESH"]
    assert len(bpy.data.meshes) == 1 and len(bpy.data.scenes) == 1


def test_obj_keeps_the_files_numbers(tmp_path: Path) -> None:
    vertices = np.array([(0.1, 0.2, 0.3), (1.234567, 0, 0), (0, -7.654321, 0), (0, 0, 1e-3), (5, 5, 5)])
    path = samples.write_obj(tmp_path / "model.obj", vertices, [(0, 1, 2, 4), (0, 2, 3)])
    imported = import_object(path, bpy.context.scene.collection)
    assert imported.object.name == "model" and imported.notes == ()
    assert np.array_equal(imported.mesh.vertices, vertices.astype(np.float32))
    assert imported.mesh.faces.shape == (3, 3)
    assert_clean(imported)


def test_obj_with_several_objects_and_groups_is_one(tmp_path: Path) -> None:
    lines = []
    for k in range(3):
        lines += [f"o part{k}", f"g group{k}", *(f"v {x + k} {y} {z}" for x, y, z in samples.TETRA.tolist())]
        lines += ["f " + " ".join(str(i + 1 + 4 * k) for i in face) for face in samples.TETRA_FACES]
    path = tmp_path / "parts.obj"
    path.write_text("\n".join(lines), encoding="utf-8")
    imported = import_object(path, bpy.context.scene.collection)
    expected = np.concatenate([samples.TETRA + np.array([k, 0, 0]) for k in range(3)])
    assert np.array_equal(imported.mesh.vertices, expected)
    assert_clean(imported)


@pytest.mark.parametrize("suffix", [".stl", ".ply"])
def test_stl_and_ply_keep_the_files_numbers(tmp_path: Path, suffix: str) -> None:
    samples.add_tetra()
    path = samples.export(tmp_path / f"scan{suffix}")
    imported = import_object(path, samples.fresh())
    assert np.array_equal(shape(imported.mesh), samples.moved(np.eye(4)))
    assert_clean(imported)


@pytest.mark.parametrize("suffix", SCENE_FORMATS)
def test_nested_turned_and_mirrored_parts_become_one(tmp_path: Path, suffix: str) -> None:
    turn = Matrix.LocRotScale(Vector((1, 2, 3)), Euler((0.3, -0.5, 1.1)), Vector((1, 1, 1)))
    mirror = Matrix.LocRotScale(Vector((-4, 0, 0.5)), Euler((0.0, 0.4, 0.0)), Vector((-1.5, 1.5, 1.5)))
    first, second = samples.add_tetra("first"), samples.add_tetra("second")
    empty = bpy.data.objects.new("empty", None)
    for extra in (empty, bpy.data.objects.new("lamp", bpy.data.lights.new("lamp", "POINT"))):
        bpy.context.scene.collection.objects.link(extra)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    bpy.context.scene.collection.objects.link(camera)
    empty.matrix_basis = turn
    second.parent = empty
    second.matrix_basis = mirror
    samples.add_material(first, "red")
    bpy.context.view_layer.update()
    path = samples.export(tmp_path / f"scene{suffix}")
    imported = import_object(path, samples.fresh(), "thing")
    expected = [samples.moved(np.eye(4)), samples.moved(np.array(turn @ mirror))]
    assert np.allclose(shape(imported.mesh), np.array(sorted(map(tuple, np.concatenate(expected)))), atol=2e-4)
    assert imported.object.name == "thing" and imported.object.data.name == "thing"
    assert_clean(imported)
    materials = imported.object.data.materials
    # the part that had none must not be shown in the other's
    assert [m.name for m in materials if m.name.startswith("red")] == ["red"] and len(materials) == 2
    assert {p.material_index for p in imported.object.data.polygons} == {0, 1}


@pytest.mark.parametrize("suffix", SCENE_FORMATS)
def test_texture_is_kept(tmp_path: Path, suffix: str) -> None:
    image = samples.texture(tmp_path / "paint.png", (0.0, 1.0, 0.0))
    samples.add_material(samples.add_tetra("skin", "UVMap"), "skin", image)
    path = samples.export(tmp_path / f"scene{suffix}")
    imported = import_object(path, samples.fresh())
    (kept,) = images_of(imported.object)
    assert np.allclose(kept.pixels[:4], (0, 1, 0, 1)) and imported.notes == _unit_notes(suffix, imported)
    uv = imported.object.data.uv_layers[0]
    values = np.empty(24, dtype=np.float32)
    uv.uv.foreach_get("vector", values)
    assert values.min() == pytest.approx(0.0, abs=1e-5) and values.max() == pytest.approx(1.0, abs=1e-5)


def _unit_notes(suffix: str, imported: ImportedObject) -> tuple[str, ...]:
    """4.2 cannot read the units of a binary USD file, and must say so."""
    if suffix == ".usdc" and bpy.app.version < (4, 4):
        assert "ignores the units" in imported.notes[0]
        return imported.notes
    return ()


def test_obj_texture_beside_it(tmp_path: Path) -> None:
    samples.texture(tmp_path / "paint.png", (0.0, 0.0, 1.0))
    (tmp_path / "model.mtl").write_text("newmtl skin\nKd 1 1 1\nmap_Kd paint.png\n", encoding="utf-8")
    text = "mtllib model.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl skin\nf 1/1 2/2 3/3\n"
    (tmp_path / "model.obj").write_text(text, encoding="utf-8")
    imported = import_object(tmp_path / "model.obj", bpy.context.scene.collection)
    (kept,) = images_of(imported.object)
    assert np.allclose(kept.pixels[:4], (0, 0, 1, 1)) and imported.notes == ()
    (tmp_path / "paint.png").unlink()
    imported = import_object(tmp_path / "model.obj", samples.fresh())
    assert [note.split(" (")[0] for note in imported.notes] == ["model.obj: texture paint.png is not there"]


def test_uv_maps_of_different_names_are_laid_on_each_other(tmp_path: Path) -> None:
    samples.add_tetra("a", "UVMap")
    samples.add_tetra("b", "channel_1").location = (5, 0, 0)
    bpy.context.view_layer.update()
    path = samples.export(tmp_path / "scene.fbx")
    imported = import_object(path, samples.fresh())
    mesh = imported.object.data
    assert [uv.name for uv in mesh.uv_layers] == ["UVMap"] and mesh.uv_layers[0].active_render
    values = np.empty(48, dtype=np.float32)
    mesh.uv_layers[0].uv.foreach_get("vector", values)
    assert (np.abs(values.reshape(2, 24)).max(axis=1) > 0.9).all()


def test_one_mesh_used_twice(tmp_path: Path) -> None:
    one = samples.add_tetra("one")
    two = bpy.data.objects.new("two", one.data)
    two.location = (0, 0, 9)
    bpy.context.scene.collection.objects.link(two)
    bpy.context.view_layer.update()
    path = samples.export(tmp_path / "scene.glb")
    imported = import_object(path, samples.fresh())
    assert len(imported.mesh.faces) == 8 and imported.mesh.bounds[1][2] == pytest.approx(12.0)


def test_skinned_glb_is_baked_as_posed(tmp_path: Path) -> None:
    rig = samples.add_skinned_tetra()
    rig.pose.bones["bone"].location = (0, 0, 0)
    path = samples.export(tmp_path / "skin.glb")
    samples.fresh()
    other = bpy.data.scenes.new("other")
    imported = import_object(path, other.collection)
    assert np.array_equal(shape(imported.mesh), samples.moved(np.eye(4)))
    assert not bpy.data.armatures and bpy.context.window.scene.name != "import"
    assert len(bpy.data.scenes) == 2


@pytest.mark.parametrize("units", ["FBX_SCALE_NONE", "FBX_SCALE_UNITS", "FBX_SCALE_ALL", "FBX_SCALE_CUSTOM"])
def test_fbx_units_are_turned_into_metres(tmp_path: Path, units: str) -> None:
    # the four write the same size as other numbers: in centimetres or metres, in the node or in the file's unit
    samples.add_tetra()
    path = tmp_path / "units.fbx"
    bpy.ops.export_scene.fbx(filepath=str(path), apply_scale_options=units)
    imported = import_object(path, samples.fresh())
    assert imported.mesh.size == pytest.approx(3.0, rel=1e-5)


@needs_usd
@pytest.mark.parametrize(("header", "factor"), [("metersPerUnit = 1", 1.0), ("metersPerUnit = 0.01", 0.01), ("", 0.01)])
def test_usd_units_and_up_axis(tmp_path: Path, header: str, factor: float) -> None:
    points = ", ".join(str(tuple(p)) for p in samples.TETRA.tolist())
    indices = ", ".join(str(i) for face in samples.TETRA_FACES for i in face)
    path = tmp_path / "tetra.usda"
    text = f"""#usda 1.0
(
    {header}
    upAxis = "Y"
)
def Mesh "tetra"
{{
    int[] faceVertexCounts = [3, 3, 3, 3]
    int[] faceVertexIndices = [{indices}]
    point3f[] points = [{points}]
}}
"""
    path.write_text(text, encoding="utf-8")
    imported = import_object(path, bpy.context.scene.collection)
    up = np.eye(4)
    up[:3, :3] = factor * np.array([(1, 0, 0), (0, 0, -1), (0, 1, 0)])
    assert np.allclose(shape(imported.mesh), samples.moved(up), atol=2e-4)


def test_gltf_is_y_up_metres(tmp_path: Path) -> None:
    data = samples.TETRA.astype("<f4").tobytes() + np.array(samples.TETRA_FACES, "<u2").tobytes()
    (tmp_path / "t.bin").write_bytes(data)
    doc = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "scale": [1, 1, -1]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [{"uri": "t.bin", "byteLength": len(data)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 48},
            {"buffer": 0, "byteOffset": 48, "byteLength": 24},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [0, 0, 0], "max": [1, 2, 3]},
            {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
        ],
    }
    path = tmp_path / "t.gltf"
    path.write_text(json.dumps(doc), encoding="utf-8")
    imported = import_object(path, bpy.context.scene.collection)
    up = np.array(Matrix.Rotation(math.pi / 2, 4, "X")) @ np.diag([1.0, 1.0, -1.0, 1.0])
    assert np.allclose(shape(imported.mesh), samples.moved(up), atol=1e-4)


def test_vertex_colours_are_shown(tmp_path: Path) -> None:
    rows = "0 0 0 255 0 0\n1 0 0 255 0 0\n0 1 0 255 0 0\n"
    props = "".join(f"property float {a}\n" for a in "xyz") + "".join(
        f"property uchar {c}\n" for c in ("red", "green", "blue")
    )
    head = f"ply\nformat ascii 1.0\nelement vertex 3\n{props}element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    path = tmp_path / "scan.ply"
    path.write_text(head + rows + "3 0 1 2\n", encoding="utf-8")
    obj = import_object(path, bpy.context.scene.collection).object
    (material,) = obj.data.materials
    names = [n.attribute_name for n in material.node_tree.nodes if n.type == "ATTRIBUTE"]
    assert names == [obj.data.color_attributes[0].name]
