# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract's OBJ: exact vertices for plain readers, materials and textures beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
trimesh = pytest.importorskip("trimesh")

from grail_addon.core.mesh import MeshData  # noqa: E402
from grail_addon.stage.importers import write_mesh  # noqa: E402
from grail_addon.stage.importers.textures import images_of  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]


def plain_parse(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles by the simplest reader there can be."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    vertices = np.array([[float(x) for x in r[1:]] for r in rows if r and r[0] == "v"])
    faces = np.array([[int(c.split("/")[0]) - 1 for c in r[1:]] for r in rows if r and r[0] == "f"])
    return vertices, faces


def bumpy_object(tmp_path: Path) -> bpy.types.Object:
    """Quads and triangles, awkward numbers, UVs, two materials, one of them with a texture."""
    bpy.ops.mesh.primitive_monkey_add(size=0.137)
    obj = bpy.context.object
    rng = np.random.default_rng(0)
    co = np.empty(len(obj.data.vertices) * 3, dtype=np.float32)
    obj.data.vertices.foreach_get("co", co)
    obj.data.vertices.foreach_set("co", co * (1 + 1e-3 * rng.standard_normal(len(co)).astype(np.float32)))
    samples.add_material(obj, "painted wood.001", samples.texture(tmp_path / "my paint (1).png"))
    samples.add_material(obj, "plain")
    for polygon in obj.data.polygons:
        polygon.material_index = polygon.index % 2
    return obj


def test_trimesh_and_a_plain_parser_read_the_exact_vertices(tmp_path: Path) -> None:
    path = write_mesh(bumpy_object(tmp_path), tmp_path / "mesh")
    imported = import_object(path, samples.fresh())
    vertices, faces = plain_parse(path)
    assert path.name == "model.obj"
    # the same values, in the same order, not only close
    assert np.array_equal(vertices.astype(np.float32), imported.mesh.vertices.astype(np.float32))
    assert np.array_equal(vertices[faces].astype(np.float32), imported.mesh.vertices[imported.mesh.faces])
    loaded = trimesh.load(path, process=False, force="mesh")
    ours = samples.triangles(imported.mesh.vertices, imported.mesh.faces)
    assert np.allclose(samples.triangles(loaded.vertices, loaded.faces), ours, rtol=1e-6, atol=0)


def test_obj_in_obj_out_keeps_the_sources_vertices(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    vertices = rng.uniform(-1, 1, (40, 3)) * 10.0 ** rng.integers(-4, 4, (40, 1))
    faces = [(k, k + 1, k + 2, k + 3) for k in range(0, 37, 3)]
    source = samples.write_obj(tmp_path / "source.obj", vertices, faces)
    imported = import_object(source, bpy.context.scene.collection)
    path = write_mesh(imported.object, tmp_path / "mesh")
    loaded = trimesh.load(path, process=False)
    assert np.allclose(loaded.vertices, imported.mesh.vertices, rtol=1e-6, atol=0)
    assert np.allclose(plain_parse(path)[0], vertices, rtol=1e-6, atol=0)
    assert np.array_equal(loaded.faces, imported.mesh.faces)
    again = write_mesh(import_object(path, samples.fresh()).object, tmp_path / "again")
    assert again.read_bytes().replace(b"o again", b"o mesh") == path.read_bytes()


def test_materials_and_textures_lie_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "mesh"
    path = write_mesh(bumpy_object(tmp_path), folder)
    assert sorted(p.name for p in folder.iterdir()) == ["model.mtl", "model.obj", "my_paint_1.png"]
    assert (folder / "my_paint_1.png").read_bytes() == (tmp_path / "my paint (1).png").read_bytes()
    mtl = (folder / "model.mtl").read_text(encoding="utf-8")
    assert "newmtl painted_wood\n" in mtl and "map_Kd my_paint_1.png\n" in mtl
    assert "newmtl plain\n" in mtl and "Kd 0.25 0.5 0.75\n" in mtl
    scene = trimesh.load(path, process=False)
    colours = {g.visual.material.image.getpixel((0, 0))[:3] for g in scene.geometry.values() if g.visual.material.image}
    assert colours == {(255, 0, 0)}
    obj = import_object(path, samples.fresh()).object
    assert [m.name for m in obj.data.materials] == ["painted_wood", "plain"]
    assert len(images_of(obj)) == 1 and len(obj.data.uv_layers) == 1


def test_packed_texture_of_a_glb_is_written(tmp_path: Path) -> None:
    samples.add_material(samples.add_tetra("t", "UVMap"), "skin", samples.texture(tmp_path / "in.png", (0, 0, 1)))
    glb = samples.export(tmp_path / "in.glb")
    imported = import_object(glb, samples.fresh())
    folder = tmp_path / "mesh"
    loaded = trimesh.load(write_mesh(imported.object, folder), process=False)
    assert loaded.visual.material.image.convert("RGB").getpixel((0, 0)) == (0, 0, 255)
    assert len(loaded.visual.uv) == len(loaded.vertices)


@pytest.mark.parametrize("is_float", [False, True])
def test_painted_texture_is_written_as_png(tmp_path: Path, is_float: bool) -> None:
    obj = samples.add_tetra("t", "UVMap")
    material = samples.add_material(obj, "skin")
    image = bpy.data.images.new("painted", 2, 1, alpha=True, float_buffer=is_float)
    image.pixels.foreach_set(np.array([0.2, 0.5, 1.0, 1.0, 0.0, 0.2, 0.5, 1.0], dtype=np.float32))
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    write_mesh(obj, tmp_path / "mesh")
    saved = bpy.data.images.load(str(tmp_path / "mesh" / "painted.png"))
    # a float image holds linear colour, a PNG display colour
    expected = np.array([0.484529, 0.735357, 1.0]) if is_float else np.array([0.2, 0.5, 1.0])
    assert np.allclose(saved.pixels[:3], expected, atol=0.003)
    assert image.source == "GENERATED" and "export" not in bpy.data.images


def test_missing_texture_is_left_out(tmp_path: Path) -> None:
    obj = samples.add_tetra("t", "UVMap")
    image = samples.texture(tmp_path / "in.png")
    samples.add_material(obj, "skin", image)
    image.unlink()
    write_mesh(obj, tmp_path / "mesh")
    assert "map_Kd" not in (tmp_path / "mesh" / "model.mtl").read_text(encoding="utf-8")


def test_names_do_not_depend_on_what_is_open(tmp_path: Path) -> None:
    texts = []
    for k in range(2):
        obj = samples.add_tetra("t", "UVMap")
        samples.add_material(obj, "skin", samples.texture(tmp_path / "in.png"))
        texts.append(write_mesh(obj, tmp_path / str(k) / "mesh").read_bytes())
    assert obj.data.materials[0].name == "skin.001" and texts[0] == texts[1]
    names = [sorted(p.name for p in (tmp_path / str(k) / "mesh").iterdir()) for k in range(2)]
    assert names[0] == names[1] == ["in.png", "model.mtl", "model.obj"]


def test_plain_arrays(tmp_path: Path) -> None:
    data = MeshData(samples.TETRA / 3.0, np.array(samples.TETRA_FACES, dtype=np.int32))
    loaded = trimesh.load(write_mesh(data, tmp_path / "mesh"), process=False)
    assert np.allclose(loaded.vertices, data.vertices, rtol=1e-8) and np.array_equal(loaded.faces, data.faces)
    assert [p.name for p in (tmp_path / "mesh").iterdir()] == ["model.obj"]
