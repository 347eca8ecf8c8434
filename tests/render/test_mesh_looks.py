# SPDX-License-Identifier: GPL-3.0-or-later
"""The exported mesh, rendered beside the original, looks the same: within 3 of 255 on average."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy")
trimesh = pytest.importorskip("trimesh")

from grail_addon.core.camera import Camera, look_at  # noqa: E402
from grail_addon.core.pose import Pose  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.importers import write_mesh  # noqa: E402
from grail_addon.stage.render.device import Device  # noqa: E402
from grail_addon.stage.render.render import Quality, prepare, render_frame, render_geometry  # noqa: E402
from grail_addon.stage.room.scene import OBJECT_ID, Stage  # noqa: E402
from tests.render.conftest import write_scene  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

POSITION, TARGET = np.array([0.55, -0.6, 1.05]), np.array([0.0, 0.0, 0.7])
CAMERA = Camera(look_at(POSITION, TARGET), POSITION, 150.0, 96, 72)
ON_TABLE = Pose(np.eye(3), TARGET, np.ones(3))


def pattern(path: Path, holes: bool = False) -> Path:
    """A picture without symmetry: colours run along both sides, with a dark corner; holes: it is see-through in stripes."""
    x, y = np.meshgrid(np.linspace(0, 1, 64), np.linspace(0, 1, 64))
    rgba = np.stack([x, y, 0.6 - 0.5 * x * y, np.ones_like(x)], axis=2)
    rgba[:16, :24, :3] = 0.05
    if holes:
        rgba[:, 20:40, 3] = 0.0
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.rint(rgba * 255).astype(np.uint8)).convert("RGBA" if holes else "RGB").save(path)
    return path


def cube() -> bpy.types.Object:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_cube_add(size=0.2)
    return bpy.context.object


def obj_file(folder: Path, lines: str) -> Path:
    """A cube as OBJ whose material has `lines`."""
    samples.add_material(cube(), "skin")
    path = folder / "cube.obj"
    bpy.ops.wm.obj_export(filepath=str(path), export_materials=True)
    (folder / "cube.mtl").write_text(f"newmtl skin\nKd 0.8 0.8 0.8\nNs 0\n{lines}\n", encoding="utf-8")
    return path


def gltf_file(folder: Path, shape: Callable[[bpy.types.Object, bpy.types.Material], object]) -> Path:
    obj = cube()
    shape(obj, samples.add_material(obj, "skin", pattern(folder / "wood.png")))
    return samples.export(folder / "cube.gltf")


def edited(path: Path, change: Callable[[dict], object]) -> Path:
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return path


def with_mapping(obj: bpy.types.Object, material: bpy.types.Material) -> None:
    tree = material.node_tree
    picture = next(n for n in tree.nodes if n.type == "TEX_IMAGE")
    mapping, uv = tree.nodes.new("ShaderNodeMapping"), tree.nodes.new("ShaderNodeUVMap")
    uv.uv_map = obj.data.uv_layers[0].name
    mapping.inputs["Location"].default_value = (0.2, 0.35, 0.0)
    mapping.inputs["Rotation"].default_value = (0.0, 0.0, 0.6)
    mapping.inputs["Scale"].default_value = (2.0, 3.0, 1.0)
    tree.links.new(uv.outputs[0], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs[0], picture.inputs["Vector"])


def with_second_uvs(obj: bpy.types.Object, material: bpy.types.Material) -> None:
    second = obj.data.uv_layers.new(name="second")
    flat = np.empty(2 * len(obj.data.loops), np.float32)
    obj.data.uv_layers[0].uv.foreach_get("vector", flat)
    second.uv.foreach_set("vector", (flat.reshape(-1, 2)[:, ::-1] * 1.7 + 0.1).ravel())
    tree = material.node_tree
    uv = tree.nodes.new("ShaderNodeUVMap")
    uv.uv_map = "second"
    tree.links.new(uv.outputs[0], next(n for n in tree.nodes if n.type == "TEX_IMAGE").inputs["Vector"])


def paint_corners(mesh: bpy.types.Mesh, domain: str = "CORNER") -> None:
    colours = mesh.color_attributes.new("Col", "FLOAT_COLOR", domain)
    rng = np.random.default_rng(3)
    colours.data.foreach_set(
        "color", np.c_[rng.uniform(0, 1, (len(colours.data), 3)), np.ones(len(colours.data))].ravel()
    )
    mesh.color_attributes.active_color = colours
    mesh.color_attributes.render_color_index = 0


def gltf_with_colours(folder: Path, textured: bool) -> Path:
    """COLOR_0 in the file, whose exporter differs from version to version, is written by hand."""
    obj = cube()
    samples.add_material(obj, "skin", pattern(folder / "wood.png") if textured else None)
    path = samples.export(folder / "cube.gltf")

    def add(data: dict) -> None:
        primitive = data["meshes"][0]["primitives"][0]
        count = data["accessors"][primitive["attributes"]["POSITION"]]["count"]
        rgba = np.c_[np.random.default_rng(5).uniform(0, 1, (count, 3)), np.ones(count)].astype("<f4").tobytes()
        file = folder / "colours.bin"
        file.write_bytes(rgba)
        data["buffers"].append({"byteLength": len(rgba), "uri": file.name})
        data["bufferViews"].append({"buffer": len(data["buffers"]) - 1, "byteLength": len(rgba)})
        data["accessors"].append(
            {"bufferView": len(data["bufferViews"]) - 1, "componentType": 5126, "count": count, "type": "VEC4"}
        )
        primitive["attributes"]["COLOR_0"] = len(data["accessors"]) - 1

    return edited(path, add)


def ply_with_colours(folder: Path) -> Path:
    obj = cube()
    paint_corners(obj.data, "POINT")
    bpy.ops.wm.ply_export(filepath=str(folder / "cube.ply"), export_colors="SRGB")
    return folder / "cube.ply"


def obj_with_colours(folder: Path) -> Path:
    obj = cube()
    paint_corners(obj.data, "POINT")
    bpy.ops.wm.obj_export(filepath=str(folder / "cube.obj"), export_colors=True, export_materials=False)
    return folder / "cube.obj"


def with_factor(path: Path, factor: tuple[float, float, float, float], **more: object) -> Path:
    def change(data: dict) -> None:
        data["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] = list(factor)
        data["materials"][0].update(more)

    return edited(path, change)


def holed_gltf(folder: Path, **more: object) -> Path:
    path = gltf_file(folder, lambda obj, material: None)
    for file in folder.glob("*.png"):
        pattern(file, holes=True)
    return with_factor(path, (1.0, 1.0, 1.0, 1.0), **more)


def wrapped(folder: Path, along: int, upright: int) -> Path:
    """UVs that reach far beyond the picture, which a sampler wraps as it says (10497 repeats, 33071 extends, 33648 mirrors)."""

    def far(obj: bpy.types.Object, _: bpy.types.Material) -> None:
        flat = np.empty(2 * len(obj.data.loops), np.float32)
        obj.data.uv_layers[0].uv.foreach_get("vector", flat)
        obj.data.uv_layers[0].uv.foreach_set("vector", flat * 5 - 2)

    def wrap(data: dict) -> None:
        data["samplers"] = [{"wrapS": along, "wrapT": upright}]
        for texture in data["textures"]:
            texture["sampler"] = 0

    return edited(gltf_file(folder, far), wrap)


def unlit(folder: Path) -> Path:
    def change(data: dict) -> None:
        data["materials"][0]["extensions"] = {"KHR_materials_unlit": {}}
        data["extensionsUsed"] = ["KHR_materials_unlit"]

    return edited(gltf_file(folder, lambda obj, material: None), change)


def shining(folder: Path, painted: bool) -> Path:
    def change(data: dict) -> None:
        material = data["materials"][0]
        surface = material["pbrMetallicRoughness"]
        material["emissiveTexture"] = dict(surface["baseColorTexture"])
        material["emissiveFactor"] = [0.5, 0.5, 0.5] if painted else [1.0, 1.0, 1.0]
        if not painted:
            del surface["baseColorTexture"]
            surface["baseColorFactor"] = [0.0, 0.0, 0.0, 1.0]

    return edited(gltf_file(folder, lambda obj, material: None), change)


def usd_mapped(folder: Path) -> Path:
    """Its material asks for UVs by another name than the mesh has."""
    obj = cube()
    with_mapping(obj, samples.add_material(obj, "skin", pattern(folder / "wood.png")))
    bpy.ops.wm.usd_export(filepath=str(folder / "cube.usda"))
    return folder / "cube.usda"


CASES: dict[str, Callable[[Path], Path]] = {
    "MTL": lambda f: obj_file(f, f"map_Kd {pattern(f / 'wood.png').name}"),
    "MTL backslash": lambda f: obj_file(f, f"map_Kd tex\\{pattern(f / 'tex' / 'wood.png').name}"),
    "MTL -o -s": lambda f: obj_file(f, f"map_Kd -o 0.3 0.1 0 -s 2 1.5 1 {pattern(f / 'wood.png').name}"),
    "MTL map_Ka -s": lambda f: obj_file(f, f"map_Ka -s 3 1 1 {pattern(f / 'wood.png').name}"),
    "MTL cut-out": lambda f: obj_file(f, f"map_Kd {pattern(f / 'wood.png', holes=True).name}\nmap_d wood.png"),
    "glTF": lambda f: gltf_file(f, lambda obj, material: None),
    "KHR_texture_transform": lambda f: gltf_file(f, with_mapping),
    "second UV set": lambda f: gltf_file(f, with_second_uvs),
    "factor x texture": lambda f: with_factor(gltf_file(f, lambda obj, material: None), (0.9, 0.3, 0.1, 1.0)),
    "factor x texture, transformed": lambda f: with_factor(gltf_file(f, with_mapping), (0.2, 0.9, 0.4, 1.0)),
    "vertex colours, glTF": lambda f: gltf_with_colours(f, textured=False),
    "vertex colours x texture, glTF": lambda f: gltf_with_colours(f, textured=True),
    "vertex colours, PLY": ply_with_colours,
    "vertex colours, OBJ": obj_with_colours,
    "cut-out, glTF": lambda f: holed_gltf(f, alphaMode="MASK", alphaCutoff=0.5),
    "blended, glTF": lambda f: holed_gltf(f, alphaMode="BLEND"),
    "rim extended": lambda f: wrapped(f, 33071, 33071),
    "rim mirrored": lambda f: wrapped(f, 33648, 33648),
    "rim extended one way": lambda f: wrapped(f, 10497, 33071),
    "rim mirrored one way": lambda f: wrapped(f, 33648, 10497),
    "unlit": unlit,
    "shining and painted": lambda f: shining(f, painted=True),
    "USD with a transform": usd_mapped,
}


@pytest.fixture
def stage(tmp_path: Path):
    made: list[Stage] = []
    write_scene(tmp_path / "mini.blend")

    def opened() -> Stage:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        made.append(Stage(tmp_path / "mini.blend"))
        prepare(made[0].scene, Device("CPU", "CPU", ()))
        made[0].scene.view_settings.view_transform = "Standard"
        return made[0]

    yield opened
    for room in made:
        room.close()


def shot(room: Stage, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The picture, and where the object is in it."""
    room.place_object(ON_TABLE)
    room.aim(CAMERA)
    seen = drain(render_geometry(room.scene, folder / "passes.exr")).ids == OBJECT_ID
    drain(render_frame(room.scene, folder / "frame.png", Quality(24, False, 0.0), 1))
    with Image.open(folder / "frame.png") as image:
        return np.asarray(image.convert("RGB")).astype(np.float64), seen


@pytest.mark.parametrize("make", CASES.values(), ids=CASES.keys())
def test_exported_mesh_looks_as_rendered(stage, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    (tmp_path / "source").mkdir()
    path = make(tmp_path / "source")
    room = stage()
    drain(room.load_object(path))
    before, seen = shot(room, tmp_path)
    exported = write_mesh(room.imported.object, tmp_path / "mesh")
    drain(room.load_object(exported))
    assert room.imported.textures.lost == ()
    after, _ = shot(room, tmp_path)
    assert seen.sum() > 300 and before[seen].std(axis=0).max() > 20.0, "there is something to compare"
    found = np.abs(after - before)[seen].mean()
    assert found < 3.0
    loaded = trimesh.load(exported, process=False, force="mesh")
    assert loaded.visual.uv is not None and loaded.visual.material.image.size[0] > 1


def test_a_picture_that_only_shines_is_exported(stage, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    path = shining(tmp_path / "source", painted=False)
    room = stage()
    drain(room.load_object(path))
    before, seen = shot(room, tmp_path)
    exported = write_mesh(room.imported.object, tmp_path / "mesh")
    drain(room.load_object(exported))
    after, _ = shot(room, tmp_path)
    assert np.abs(after - before)[seen].mean() < 3.0 and "map_Ke" in (tmp_path / "mesh" / "model.mtl").read_text()


def test_unlit_materials_are_lit_and_told(stage, tmp_path: Path) -> None:
    """Lit much like the same file without the extension."""
    files = []
    for name, make in (("unlit", unlit), ("lit", lambda f: gltf_file(f, lambda obj, material: None))):
        (tmp_path / name).mkdir()
        files.append(make(tmp_path / name))
    room, pictures, told = stage(), [], []
    for path in files:
        drain(room.load_object(path))
        told.append(room.imported.notes)
        picture, seen = shot(room, tmp_path)
        pictures.append(picture[seen])
    assert told == [("cube.gltf: lit as any other material, though unlit in the file: skin.",), ()]
    assert np.abs(pictures[0] - pictures[1]).mean() < 25.0, "alike; the one has no highlights"
