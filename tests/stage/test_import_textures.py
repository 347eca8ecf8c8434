# SPDX-License-Identifier: GPL-3.0-or-later
"""Textures are found where other tools find them; those that cannot be shown are told, with the places looked in."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy")

from grail_addon.stage.importers import ImportedObject  # noqa: E402
from grail_addon.stage.importers import pictures as pictures_of  # noqa: E402
from grail_addon.stage.importers.textures import images_of  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

GREEN = (0, 200, 0)
needs_usd = pytest.mark.skipif(not bpy.app.build_options.usd, reason="this Blender is built without USD")


def paint(path: Path, colour: tuple[int, int, int] = GREEN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), colour).save(path)
    return path


def textured_obj(folder: Path, line: str, more: str = "") -> Path:
    """A square whose material has `line`, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.mtl").write_text(f"newmtl skin\nKd 0.5 0.5 0.5\n{line}\n{more}", encoding="utf-8")
    path = folder / "model.obj"
    corners = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
    path.write_text(f"mtllib model.mtl\n{corners}usemtl skin\nf 1/1 2/2 3/3 4/4\n", encoding="utf-8")
    return path


def load(path: Path) -> ImportedObject:
    return import_object(path, bpy.context.scene.collection)


def shown(imported: ImportedObject) -> list[str]:
    """Files of the pictures that the object shows, all of which must be green."""
    found = images_of(imported.object)
    for image in found:
        assert np.allclose(image.pixels[:3], (0.0, 200 / 255, 0.0), atol=0.01), image.filepath
    return [Path(image.filepath).name for image in found]


FOUND = {
    "letter case": ("map_Kd Wood.PNG", "wood.png"),
    "letter case of a folder": ("map_Kd Textures/wood.png", "textures/Wood.png"),
    "backslash": ("map_Kd maps\\wood.png", "maps/wood.png"),
    "backslash, other case": ("map_Kd Maps\\WOOD.png", "maps/wood.png"),
    "another machine, Windows": ("map_Kd C:\\Users\\ann\\proj\\wood.png", "wood.png"),
    "another machine, Linux": ("map_Kd /home/ann/proj/tex/wood.png", "tex/wood.png"),
    "another machine's share": ("map_Kd \\\\nas\\assets\\wood.png", "textures/wood.png"),
    "textures beside": ("map_Kd wood.png", "textures/wood.png"),
    "textures of the folder above": ("map_Kd wood.png", "../textures/wood.png"),
    "Google Scanned Objects": ("map_Kd texture.png", "../materials/textures/texture.png"),
    "somewhere below": ("map_Kd wood.png", "a/b/c/wood.png"),
    "spaces in the name": ("map_Kd my wood.png", "textures/my wood.png"),
    "an accent as macOS stores it": ("map_Kd H\u00f6lzer.png", "Ho\u0308lzer.png"),
    "an accent as others do": ("map_Kd HO\u0308LZER.png", "textures/h\u00f6lzer.png"),
    "keyword in capitals": ("MAP_KD wood.png", "wood.png"),
    "keyword in small letters": ("map_kd wood.png", "textures/Wood.png"),
    "options before the name": ("map_Kd -o 0.5 0 -s 2 2 1 wood.png", "textures/wood.png"),
}


@pytest.mark.parametrize(("line", "file"), FOUND.values(), ids=FOUND.keys())
def test_found(tmp_path: Path, line: str, file: str) -> None:
    path = textured_obj(tmp_path / "meshes", line)
    paint(path.parent / file)
    imported = load(path)
    assert shown(imported) == [Path(file).name]
    assert imported.textures.lost == () and not any("is not there" in note for note in imported.notes)


def test_a_picture_from_elsewhere_is_said(tmp_path: Path) -> None:
    path = textured_obj(tmp_path / "meshes", "map_Kd C:\\proj\\wood.png")
    paint(path.parent / "textures" / "Wood.png")
    assert load(path).notes == ("model.obj: texture wood.png was found as textures/Wood.png.",)


@pytest.mark.parametrize("line", ["map_Ka wood.png", "map_Ka -s 2 2 1 wood.png", "map_Ka TEXTURES\\wood.png"])
def test_ambient_picture_where_there_is_no_other(tmp_path: Path, line: str) -> None:
    path = textured_obj(tmp_path, line)
    paint(tmp_path / ("textures/wood.png" if "TEX" in line else "wood.png"))
    assert shown(load(path)) == ["wood.png"]


def test_the_colour_picture_wins_over_the_ambient_one(tmp_path: Path) -> None:
    path = textured_obj(tmp_path, "map_Ka other.png\nmap_Kd wood.png")
    paint(tmp_path / "other.png", (200, 0, 0)), paint(tmp_path / "wood.png")
    assert shown(load(path)) == ["wood.png"]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("named", ["skin.png", "SKIN.PNG"])
def test_ply_with_a_texture_file(tmp_path: Path, binary: bool, named: str) -> None:
    header = (
        f"ply\nformat {'binary_little_endian' if binary else 'ascii'} 1.0\ncomment TextureFile {named}\n"
        "element vertex 4\nproperty float x\nproperty float y\nproperty float z\nelement face 2\n"
        "property list uchar int vertex_indices\nproperty list uchar float texcoord\nend_header\n"
    )
    points = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], "<f4")
    faces = [((0, 1, 2), (0, 0, 1, 0, 1, 1)), ((0, 2, 3), (0, 0, 1, 1, 0, 1))]
    if binary:
        body = points.tobytes() + b"".join(
            b"\3" + np.array(f, "<i4").tobytes() + b"\6" + np.array(uv, "<f4").tobytes() for f, uv in faces
        )
    else:
        lines = [" ".join(map(str, row)) for row in points.tolist()]
        lines += [f"3 {' '.join(map(str, f))} 6 {' '.join(map(str, uv))}" for f, uv in faces]
        body = ("\n".join(lines) + "\n").encode()
    path = tmp_path / "scan.ply"
    path.write_bytes(header.encode() + body)
    paint(tmp_path / "skin.png")
    imported = load(path)
    assert shown(imported) == ["skin.png"]
    uv = np.empty(12, np.float32)
    imported.object.data.uv_layers[0].uv.foreach_get("vector", uv)
    assert uv.tolist() == [v for _, values in faces for v in values]


@pytest.mark.parametrize("suffix", [".gltf", ".fbx", pytest.param(".usda", marks=needs_usd), pytest.param(".usdc", marks=needs_usd)])  # fmt: skip
def test_other_formats_find_theirs_too(tmp_path: Path, suffix: str) -> None:
    source = samples.texture(tmp_path / "wood.png", (0.0, 200 / 255, 0.0))
    samples.add_material(samples.add_tetra("t", "UVMap"), "skin", source)
    path = samples.export(tmp_path / "meshes" / f"model{suffix}") if (tmp_path / "meshes").mkdir() is None else None
    for file in tmp_path.rglob("*.png"):
        file.unlink()
    assert path is not None
    samples.fresh()
    lost = load(path).textures.lost
    assert [entry.share for entry in lost] == [1.0] and "wood.png is not there" in lost[0].words
    paint(tmp_path / "materials" / "textures" / "wood.png")
    samples.fresh()
    assert shown(load(path)) == ["wood.png"]


def test_a_lost_texture_is_told_with_the_places(tmp_path: Path) -> None:
    path = textured_obj(tmp_path / "meshes", "map_Kd C:\\proj\\wood.png")
    (tmp_path / "textures").mkdir()
    imported = load(path)
    (lost,) = imported.textures.lost
    assert (lost.name, lost.share) == ("wood.png", 1.0)
    assert str(tmp_path / "meshes") in lost.why and str(tmp_path / "textures") in lost.why
    assert imported.notes == (f"model.obj: texture {lost.words}.",)
    assert tmp_path / "textures" / "wood.png" in imported.files


def damaged(path: Path, how: str) -> None:
    whole = paint(path).read_bytes()
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    if how == "nothing in it":
        path.write_bytes(b"")
    elif how == "cut off":
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[:3000])
    elif how == "cut off JPEG":
        Image.fromarray(noise).save(path, format="JPEG")
        path.write_bytes(path.read_bytes()[:900])
    elif how == "LFS pointer":
        path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    elif how == "no picture":
        path.write_bytes(b"hello" * 20)
    elif how == "KTX2":
        path.write_bytes(b"\xabKTX 20\xbb\r\n\x1a\n" + bytes(100))
    elif how == "too large":
        header = b"IHDR" + (30000).to_bytes(4, "big") * 2 + whole[24:29]
        path.write_bytes(whole[:12] + header + zlib.crc32(header).to_bytes(4, "big") + whole[33:])


UNREADABLE = {
    "nothing in it": "is empty",
    "cut off": "is cut off",
    "cut off JPEG": "is cut off",
    "LFS pointer": "Git LFS",
    "no picture": "does not read",
    "KTX2": "does not read",
    "too large": "is 30000 x 30000 pixels",
}


@pytest.mark.parametrize(("how", "why"), UNREADABLE.items(), ids=UNREADABLE.keys())
def test_a_texture_that_cannot_be_read_is_told(tmp_path: Path, how: str, why: str) -> None:
    path = textured_obj(tmp_path, "map_Kd wood.png")
    damaged(tmp_path / "wood.png", how)
    (lost,) = load(path).textures.lost
    assert lost.name == "wood.png" and why in lost.why and lost.share == 1.0


@pytest.mark.parametrize(
    ("name", "is_read"),
    [("w.ppm", False), ("w.gif", False), ("w.ico", False), ("w.pcx", False), ("w.tga", True), ("w.sgi", True), ("w.bmp", True)],
)  # fmt: skip
def test_forms_that_other_programs_read_and_blender_does_not(tmp_path: Path, name: str, is_read: bool) -> None:
    path = textured_obj(tmp_path, f"map_Kd {name}")
    with Image.open(paint(tmp_path / "wood.png")) as image:
        image.convert("P" if name == "w.gif" else "RGB").save(tmp_path / name)
    lost = load(path).textures.lost
    assert [(said.name, said.why) for said in lost] == (
        [] if is_read else [(name, "is in a form that Blender does not read")]
    )


def test_an_embedded_texture_that_is_cut_off(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "wood.png")
    samples.add_material(samples.add_tetra("t", "UVMap"), "skin", tmp_path / "wood.png")
    path = samples.export(tmp_path / "model.glb")
    data = path.read_bytes()
    start = data.index(b"\x89PNG")
    path.write_bytes(data[: start + 2000] + bytes(len(data) - start - 2000))
    samples.fresh()
    (lost,) = load(path).textures.lost
    assert lost.share == 1.0 and "is cut off" in lost.why


def test_shares_follow_the_surface(tmp_path: Path) -> None:
    path = textured_obj(tmp_path, "map_Kd gone.png", "newmtl plain\nKd 1 0 0\nmap_Pr shine.png\n")
    text = path.read_text() + "v 2 0 0\nv 2 3 0\nv 1 3 0\nusemtl plain\nf 2/1 5/2 6/3 7/4\n"
    path.write_text(text)
    share = {lost.name: round(lost.share, 3) for lost in load(path).textures.lost}
    assert share == {"gone.png": 0.25, "shine.png": 0.0}, "a lost roughness takes no colour away"


def test_materials_that_are_not_there(tmp_path: Path) -> None:
    path = textured_obj(tmp_path, "map_Kd wood.png")
    (tmp_path / "model.mtl").rename(tmp_path / "other.mtl")
    (lost,) = load(path).textures.lost
    assert lost.name == "model.mtl" and lost.share == 0.0
    assert tmp_path / "model.mtl" in load(path).files


@pytest.mark.parametrize("suffix", [".obj", ".gltf", ".glb", pytest.param(".usda", marks=needs_usd), pytest.param(".usdc", marks=needs_usd)])  # fmt: skip
def test_all_that_was_opened_is_listed(tmp_path: Path, suffix: str) -> None:
    if suffix == ".obj":
        path = textured_obj(tmp_path / "meshes", "map_Kd ../materials/wood.png")
        wanted = {paint(tmp_path / "materials" / "wood.png"), path.with_suffix(".mtl")}
    else:
        samples.add_material(samples.add_tetra("t", "UVMap"), "skin", samples.texture(tmp_path / "wood.png"))
        path = samples.export(tmp_path / f"model{suffix}")
        wanted = {p for p in tmp_path.rglob("*") if p.is_file() and p != path}
        wanted -= {tmp_path / "wood.png"} if suffix in {".glb", ".usda", ".usdc"} else set()
    samples.fresh()
    assert {Path(p).resolve() for p in load(path).files} == {p.resolve() for p in wanted}


@needs_usd
@pytest.mark.parametrize("suffix", [".usda", ".usdc"])
def test_layers_behind_layers_are_listed(tmp_path: Path, suffix: str) -> None:
    samples.add_tetra("t")
    inner = samples.export(tmp_path / f"inner{suffix}")
    (tmp_path / "middle.usda").write_text(f"#usda 1.0\n(\n subLayers = [@./inner{suffix}@]\n)\n")
    outer = tmp_path / "outer.usda"
    outer.write_text('#usda 1.0\n(\n defaultPrim = "a"\n)\ndef "a" (references = @./middle.usda@</root>)\n{\n}\n')
    samples.fresh()
    assert {p.resolve() for p in load(outer).files} == {inner.resolve(), (tmp_path / "middle.usda").resolve()}


def test_a_huge_picture_is_not_decoded() -> None:
    assert pictures_of.Image.MAX_IMAGE_PIXELS is not None, "what other code relies on stays"


def test_gltf_texture_uris_are_unquoted(tmp_path: Path) -> None:
    samples.add_material(
        samples.add_tetra("t", "UVMap"), "skin", samples.texture(tmp_path / "wood.png", (0.0, 200 / 255, 0.0))
    )
    path = samples.export(tmp_path / "model.gltf")
    data = json.loads(path.read_text())
    for entry in data["images"]:
        file = tmp_path / entry["uri"]
        file.rename(tmp_path / "my wood.png")
        entry["uri"] = "my%20wood.png"
    path.write_text(json.dumps(data))
    samples.fresh()
    imported = load(path)
    assert len(shown(imported)) == 1 and tmp_path / "my wood.png" in imported.files
