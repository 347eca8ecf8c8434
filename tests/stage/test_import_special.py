# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies beside a mesh and is no file (pipes, folders, devices) is refused and never opened, and what is not there, or would
not fit into memory, is told."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.errors import UserError  # noqa: E402
from grail_addon.stage.importers.lost import mend_images  # noqa: E402
from grail_addon.stage.importers.pictures import flaw_of  # noqa: E402
from grail_addon.stage.owned import BlockRef  # noqa: E402
from grail_addon.steps.effects import at_once  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402
from tests.stage.test_import_damaged import (  # noqa: E402
    CORNERS,
    POINTS,
    REFERENCE,
    TEXT_FBX,
    face,
    fbx,
    gltf,
    needs_usd,
    ply,
    setting,
    usda,
)  # fmt: skip

pytestmark = [
    pytest.mark.bpy,
    pytest.mark.usefixtures("empty_file"),
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here"),
]

SKINNED = f"mtllib a.mtl\n{CORNERS}usemtl m\nf 1 2 3\n".encode()


def picture_at(uri: str) -> Callable[[dict[str, Any]], object]:
    def change(content: dict[str, Any]) -> None:
        content["images"], content["textures"] = [{"uri": uri}], [{"source": 0}]
        content["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
        content["meshes"][0]["primitives"][0]["material"] = 0

    return change


def text_fbx(picture: str) -> bytes:
    texture = f' Texture: 3, "Texture::t", "" {{\n  FileName: "C:\\work\\{picture}"\n }}\n}}\nConnections'
    return TEXT_FBX.replace(b"}\nConnections", texture.encode())


NAMED: dict[str, tuple[str, bytes, str, str]] = {
    "MTL": ("a.obj", SKINNED, "a.mtl", ""),
    "MTL that no one names": ("a.obj", SKINNED[SKINNED.index(b"\n") + 1 :], "a.mtl", ""),
    "MTL instead of one that is not there": ("a.obj", SKINNED.replace(b"a.mtl", b"gone.mtl"), "a.mtl", ""),
    "picture of an MTL": ("a.obj", SKINNED, "a.png", "newmtl m\nmap_Kd a.png\n"),
    "picture on another machine": ("a.obj", SKINNED, "a.png", "newmtl m\nmap_Kd C:\\work\\a.png\n"),
    "picture of a PLY": ("a.ply", ply(POINTS.tobytes() + face(0, 1, 2)).replace(b"1.0\n", b"1.0\ncomment TextureFile a.png\n"), "a.png", ""),
    "picture of a glTF": ("a.gltf", gltf(picture_at("a.png")), "a.png", ""),
    "buffer": ("a.gltf", gltf(setting("buffers", 0, "uri", value="a.bin")), "a.bin", ""),
    "picture of an FBX": ("a.fbx", fbx(picture="a.png"), "a.png", ""),
    "picture of a text FBX": ("a.fbx", text_fbx("a.png"), "a.png", ""),
    "layer": ("a.usda", REFERENCE.replace(b"NAME", b"b.usda"), "b.usda", ""),
}  # fmt: skip
KINDS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "content", "special", "mtl"), NAMED.values(), ids=NAMED.keys())
def test_what_is_no_file_is_refused(
    tmp_path: Path, name: str, content: bytes, special: str, mtl: str, kind: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    if mtl:
        (tmp_path / "a.mtl").write_text(mtl)
    KINDS[kind](tmp_path / special)
    if kind == "folder" and (path.suffix == ".fbx" or "C:" in mtl):
        pytest.skip("only pipes and devices are opened where a name is looked for")
    with pytest.raises(UserError, match=f"it names {special}, which is no file but a folder, a pipe or a device"):
        import_object(path, bpy.context.scene.collection)


@pytest.mark.parametrize("picture", ["a.png", "textures", "textures\\", "x" * 300])
def test_an_fbx_with_a_picture_is_read(tmp_path: Path, picture: str) -> None:
    """What the tests above have it refuse is its picture; a folder is what some programs name where they have none."""
    (tmp_path / "textures").mkdir()
    (tmp_path / "a.fbx").write_bytes(fbx(picture=picture))
    assert len(import_object(tmp_path / "a.fbx", bpy.context.scene.collection).mesh.faces) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_of_an_open_scene_is_taken_away(tmp_path: Path, kind: str) -> None:
    """No reader looks at the files that a .blend names, and a render would open them."""
    KINDS[kind](tmp_path / "wall.png")
    image = bpy.data.images.new("wall", 1, 1)
    image.source, image.filepath = "FILE", str(tmp_path / "wall.png")
    found = at_once(mend_images([BlockRef.of(image)], tmp_path / "room.blend", nullcontext))
    assert [lost.name for lost in found.lost] == ["wall.png"] and "is not there" in found.lost[0].why
    assert image.filepath == ""


@pytest.mark.parametrize(
    ("uri", "why"),
    [("http://127.0.0.1:9/a.bin", "is not there"), ("file:///etc/a.bin", "is not there"), ("../../a.bin", "is cut off: 3 of 42")],
)  # fmt: skip
def test_buffers_elsewhere(tmp_path: Path, uri: str, why: str) -> None:
    folder = tmp_path / "b" / "c"
    folder.mkdir(parents=True)
    (tmp_path / "a.bin").write_bytes(b"abc")
    (folder / "a.gltf").write_bytes(gltf(setting("buffers", 0, "uri", value=uri)))
    with pytest.raises(UserError, match=f"its buffer {uri} {why}"):
        import_object(folder / "a.gltf", bpy.context.scene.collection)


def test_a_picture_on_the_net_is_lost(tmp_path: Path) -> None:
    (tmp_path / "a.gltf").write_bytes(gltf(picture_at("http://127.0.0.1:9/a.png")))
    (lost,) = import_object(tmp_path / "a.gltf", bpy.context.scene.collection).textures.lost
    assert lost.name == "a.png" and "is not there" in lost.why and lost.share == 1.0


def test_a_buffer_of_40_gb_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.gltf").write_bytes(gltf(setting("buffers", 0, "uri", value="a.bin")))
    (tmp_path / "a.bin").touch()
    os.truncate(tmp_path / "a.bin", 40_000_000_000)  # takes no room: nothing is written
    with pytest.raises(UserError, match=r"its buffer a.bin has 40000000000 bytes, and should have 42"):
        import_object(tmp_path / "a.gltf", bpy.context.scene.collection)


@needs_usd
def test_an_archive_whose_picture_is_packed_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.usdz", "w") as archive:
        archive.writestr("a.usda", usda())
        archive.writestr("b.png", bytes(50_000_000), zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match=r"it is a compressed archive, and USD archives are not \(b.png\)"):
        import_object(tmp_path / "a.usdz", samples.fresh())


def radiance(size: int) -> bytes:
    return f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {size} +X {size}\n".encode() + b"\2\2" + bytes(40)


def openexr(size: int) -> bytes:
    """Header of an OpenEXR picture, and nothing of its rows."""

    def attribute(name: str, kind: str, value: bytes) -> bytes:
        return f"{name}\0{kind}\0".encode() + struct.pack("<I", len(value)) + value

    window = struct.pack("<4i", 0, 0, size - 1, size - 1)
    channels = b"".join(name + b"\0" + struct.pack("<iBxxxii", 2, 0, 1, 1) for name in (b"B", b"G", b"R")) + b"\0"
    parts = (
        ("channels", "chlist", channels), ("compression", "compression", b"\0"), ("dataWindow", "box2i", window),
        ("displayWindow", "box2i", window), ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1.0)), ("screenWindowCenter", "v2f", bytes(8)),
        ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    )  # fmt: skip
    return b"\x76\x2f\x31\x01\2\0\0\0" + b"".join(attribute(*part) for part in parts) + b"\0"


@pytest.mark.parametrize(("suffix", "make"), [(".hdr", radiance), (".exr", openexr)])
def test_pictures_of_floats_that_are_too_large(tmp_path: Path, suffix: str, make: Callable[[int], bytes]) -> None:
    """A renderer makes room for the whole before it finds that the file is cut off."""
    file = tmp_path / f"wood{suffix}"
    file.write_bytes(make(30000))
    (tmp_path / "a.mtl").write_text(f"newmtl m\nmap_Kd {file.name}\n")
    (tmp_path / "a.obj").write_bytes(SKINNED)
    (lost,) = import_object(tmp_path / "a.obj", bpy.context.scene.collection).textures.lost
    assert lost.why.startswith("is 30000 x 30000 pixels")
    assert bpy.data.images[lost.image].filepath == "", "nothing opens it again"
    assert "pixels" not in str(flaw_of(make(64))), "a small one is only cut off"
