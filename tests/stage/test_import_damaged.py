# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged files are refused with the fault in the sentence; none is repaired in silence, hangs or ends the process."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.errors import UserError  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

needs_usd = pytest.mark.skipif(not bpy.app.build_options.usd, reason="this Blender is built without USD")
CORNERS = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\n"
POINTS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0)], "<f4")
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"


def with_first(line: str) -> bytes:
    return (line + CORNERS[7:] + "f 1 2 3\nf 2 3 4\n").encode()


def ply(body: bytes, form: str = "binary_little_endian", points: int = 3, faces: int = 1) -> bytes:
    return (
        f"ply\nformat {form} 1.0\nelement vertex {points}\nproperty float x\nproperty float y\nproperty float z\n"
        f"element face {faces}\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode() + body


def face(*indices: int) -> bytes:
    return bytes([len(indices)]) + np.array(indices, "<i4").tobytes()


def with_point(x: float) -> bytes:
    points = POINTS.copy()
    points[0, 0] = x
    return points.tobytes()


def gltf(change: Callable[[dict[str, Any]], object] = lambda _: None, data: bytes | None = None) -> bytes:
    data = POINTS.tobytes() + np.array([0, 1, 2], "<u2").tobytes() if data is None else data
    content: dict[str, Any] = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]},
            {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 6}],
        "buffers": [{"byteLength": 42, "uri": "data:;base64," + base64.b64encode(data).decode()}],
    }  # fmt: skip
    change(content)
    return json.dumps(content).encode()


def usda(
    counts: str = "[3]", indices: str = "[0,1,2]", points: str = "[(0,0,0),(1,0,0),(0,1,0)]", unit: str = "1"
) -> bytes:
    return (
        f'#usda 1.0\n(\n metersPerUnit = {unit}\n)\ndef Mesh "m"\n{{\n int[] faceVertexCounts = {counts}\n'
        f" int[] faceVertexIndices = {indices}\n point3f[] points = {points}\n}}\n"
    ).encode()


def setting(*keys: Any, value: Any) -> Callable[[dict[str, Any]], object]:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = value

    return change


def without_data(accessor: int, count: int, nodes: int = 1) -> Callable[[dict[str, Any]], object]:
    """An accessor of `count` entries that nothing holds; its mesh is shown by `nodes` nodes."""

    def change(content: dict[str, Any]) -> None:
        content["accessors"][accessor]["count"] = count
        del content["accessors"][accessor]["bufferView"]
        content["nodes"] *= nodes
        content["scenes"][0]["nodes"] = list(range(nodes))

    return change


def fbx(
    points: tuple[float, ...] = (0, 0, 0, 1, 0, 0, 0, 1, 0), corners: tuple[int, ...] = (0, 1, -3),
    unit: float = 1.0, place: float = 0.0, count: int | None = None, packed: bytes | None = None, deep: int = 0,
    picture: str = "",
) -> bytes:  # fmt: skip
    """One triangle as binary FBX 7.4."""

    def record(name: str, values: bytes = b"", number: int = 0, inside: Callable[[int], bytes] | None = None) -> Any:
        def at(start: int) -> bytes:
            head = 13 + len(name) + len(values)
            within = inside(start + head) + bytes(13) if inside is not None else b""
            end = start + head + len(within)
            return struct.pack("<IIIB", end, number, len(values), len(name)) + name.encode() + values + within

        return at

    def several(*makers: Any) -> Callable[[int], bytes]:
        def at(start: int) -> bytes:
            out = b""
            for make in makers:
                out += make(start + len(out))
            return out

        return at

    def text(word: str) -> bytes:
        return b"S" + struct.pack("<I", len(word)) + word.encode()

    def array(kind: str, code: str, values: tuple[float, ...], entries: int | None = None) -> bytes:
        data = np.array(values, code).tobytes() if packed is None or kind != "d" else packed
        head = struct.pack(
            "<III", len(values) if entries is None else entries, packed is not None and kind == "d", len(data)
        )
        return kind.encode() + head + data

    def entry(name: str, *numbers: float) -> Any:
        values = b"".join(b"D" + struct.pack("<d", number) for number in numbers)
        words = ("Lcl Translation", "", "A") if len(numbers) == 3 else ("double", "Number", "")
        return record("P", text(name) + b"".join(map(text, words)) + values, 4 + len(numbers))

    nested: Any = record("Deep")
    for _ in range(deep):
        nested = record("Deep", inside=nested)
    mesh = record("Geometry", b"L" + struct.pack("<q", 1) + text("m\0\1Geometry") + text("Mesh"), 3, several(
        record("Vertices", array("d", "<f8", points, count), 1), record("PolygonVertexIndex", array("i", "<i4", corners), 1),
    ))  # fmt: skip
    model = record("Model", b"L" + struct.pack("<q", 2) + text("m\0\1Model") + text("Mesh"), 3, several(
        record("Properties70", inside=entry("Lcl Translation", place, 0, 0)), nested,
    ))  # fmt: skip
    texture = record("Texture", b"L" + struct.pack("<q", 3) + text("t\0\1Texture") + text(""), 3, several(
        record("FileName", text("C:\\work\\" + picture), 1), record("RelativeFilename", text(picture), 1),
    ))  # fmt: skip
    link = record("C", text("OO") + b"L" + struct.pack("<q", 1) + b"L" + struct.pack("<q", 2), 3)
    root = record("C", text("OO") + b"L" + struct.pack("<q", 2) + b"L" + struct.pack("<q", 0), 3)
    body = several(
        record("FBXHeaderExtension", inside=record("FBXVersion", b"I" + struct.pack("<i", 7400), 1)),
        record("GlobalSettings", inside=record("Properties70", inside=entry("UnitScaleFactor", unit))),
        record("Objects", inside=several(mesh, model, *([texture] if picture else []))), record("Connections", inside=several(link, root)),
    )(27)  # fmt: skip
    return b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", 7400) + body + bytes(13) + bytes(160)


REFERENCE = b'#usda 1.0\n(\n defaultPrim = "m"\n)\ndef Xform "m" (\n prepend references = @NAME@\n)\n{\n}\n'
STL_TEXT = (
    b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n"
)
UNHEARD_OF = {"extensionsRequired": ["EXT_unheard_of"], "extensionsUsed": ["EXT_unheard_of"]}
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "OBJ 1e300": ("a.obj", with_first("v 1e300 0 0"), "its line 1 (`v 1e300 0 0`) is no point"),
    "OBJ nan": ("a.obj", with_first("v nan 0 0"), "is no point of three numbers"),
    "OBJ inf": ("a.obj", with_first("v 0 -inf 0"), "is no point of three numbers"),
    "OBJ v 1": ("a.obj", with_first("v 1"), "its line 1 (`v 1`) is no point"),
    "OBJ decimal comma": ("a.obj", with_first("v 1,5 0 0"), "is no point of three numbers"),
    "OBJ face out of range": ("a.obj", (CORNERS + "f 1 2 3\nf 2 3 9\n").encode(), "its line 6 (`f 2 3 9`) names point 9, and there are 4"),
    "OBJ face backwards out of range": ("a.obj", (CORNERS + "f 1 2 3\nf -1 -2 -9\n").encode(), "names point -9"),
    "OBJ face 0": ("a.obj", (CORNERS + "f 1 2 3\nf 0 2 3\n").encode(), "names point 0"),
    "OBJ empty": ("a.obj", b"", "it is empty"),
    "OBJ LFS pointer": ("a.obj", LFS, "Git LFS pointer"),
    "PLY 4e9 points": ("a.ply", ply(POINTS.tobytes() + face(0, 1, 2), points=4_000_000_000), "it promises 4000000000 of vertex"),
    "PLY 4e9 faces": ("a.ply", ply(POINTS.tobytes() + face(0, 1, 2), faces=4_000_000_000), "4000000000 of face"),
    "PLY text with 4e9 points": ("a.ply", ply(b"0 0 0\n", "ascii", points=4_000_000_000), "4000000000 of vertex"),
    "PLY nan": ("a.ply", ply(with_point(np.nan) + face(0, 1, 2)), "not numbers"),
    "PLY infinity": ("a.ply", ply(with_point(-np.inf) + face(0, 1, 2)), "not numbers"),
    "PLY text nan": ("a.ply", ply(b"0 0 nan\n1 0 0\n0 1 0\n3 0 1 2\n", "ascii"), "not numbers"),
    "PLY face out of range": ("a.ply", ply(POINTS.tobytes() + face(0, 1, 2) + face(0, 1, 77), faces=2), "1 of its 2 faces name points that are not there"),
    "PLY cut": ("a.ply", ply(POINTS.tobytes() + face(0, 1, 2), faces=5), "it is cut off"),
    "PLY text cut": ("a.ply", ply(b"0 0 0\n1 0 0\n0 1 0\n", "ascii"), "it is cut off: it has 3 of 4 lines"),
    "PLY count of words": ("a.ply", b"ply\nformat ascii 1.0\nelement vertex many\nend_header\n", "`element vertex many`"),
    "STL cut": ("a.stl", bytes(80) + struct.pack("<I", 1000) + bytes(100), "it has 2 of its 1000 triangles"),
    "STL of 4e9 triangles": ("a.stl", bytes(80) + b"\xff\xff\xff\xff" + bytes(50), "it has 1 of its 4294967295 triangles"),
    "GLB empty": ("a.glb", b"", "it is empty"),
    "GLB cut": ("a.glb", struct.pack("<4sIIII", b"glTF", 2, 5000, 300, 0x4E4F534A) + b"{}", "it is cut off: 22 of 5000 bytes"),
    "GLB LFS pointer": ("a.glb", LFS, "Git LFS pointer"),
    "glTF damaged JSON": ("a.gltf", gltf()[:-20], "its JSON is damaged"),
    "glTF negative count": ("a.gltf", gltf(setting("accessors", 0, "count", value=-3)), "its accessor 0 has -3 entries"),
    "glTF count of 4e9": ("a.gltf", gltf(setting("accessors", 0, "count", value=4_000_000_000)), "its data ends before"),
    "glTF of 4e9 points without data": ("a.gltf", gltf(without_data(0, 4_000_000_000)), "it promises 4000000000 entries without data, and has 42 bytes"),
    "glTF of 4e9 indices without data": ("a.gltf", gltf(without_data(1, 4_000_000_000)), "it promises 4000000000 entries without data, and has 42 bytes"),
    "glTF of a mesh on 700 nodes": ("a.gltf", gltf(without_data(1, 999_999, nodes=700)), "its nodes show 233333100 triangles, and at most 200000000 can be used"),
    "glTF buffer of -5 bytes": ("a.gltf", gltf(setting("buffers", 0, "byteLength", value=-5)), "its buffer 0 has -5 bytes"),
    "glTF without its .bin": ("a.gltf", gltf(setting("buffers", 0, "uri", value="gone.bin")), "its buffer gone.bin is not there"),
    "glTF nan": ("a.gltf", gltf(data=with_point(np.nan) + b"\0\0\1\0\2\0"), "not numbers"),
    "glTF infinity": ("a.gltf", gltf(data=with_point(np.inf) + b"\0\0\1\0\2\0"), "not numbers"),
    "glTF face out of range": ("a.gltf", gltf(data=POINTS.tobytes() + b"\0\0\1\0\x63\0"), "its faces name point 99, and there are 3"),
    "glTF with an extension that nobody knows": ("a.gltf", gltf(lambda c: c.update(UNHEARD_OF)), "Save it without EXT_unheard_of"),
    "glTF without accessors": ("a.gltf", gltf(lambda c: c.pop("accessors")), "does not fit together"),
    "glTF node on itself": ("a.gltf", gltf(setting("nodes", 0, "children", value=[0])), "its node 0 hangs on itself"),
    "glTF nodes in a ring": ("a.gltf", gltf(setting("nodes", value=[{"children": [1]}, {"children": [2]}, {"children": [0], "mesh": 0}])), "hangs on itself"),
    "glTF nodes 5000 deep": ("a.gltf", gltf(setting("nodes", value=[*({"children": [k + 1]} for k in range(5000)), {"mesh": 0}])), "its nodes are nested more than 200 deep"),
    "glTF node on two": ("a.gltf", gltf(setting("nodes", value=[{"children": [2]}, {"children": [2]}, {"mesh": 0}])), "its node 2 hangs on two others"),
    "glTF mesh that is not there": ("a.gltf", gltf(setting("nodes", 0, "mesh", value=7)), "its node 0 names mesh 7, and there are 1"),
    "glTF node that is not there": ("a.gltf", gltf(setting("nodes", 0, "children", value=[9])), "its node 0 names node 9, and there are 1"),
    "glTF root that is not there": ("a.gltf", gltf(setting("scenes", 0, "nodes", value=[9])), "its scene names node 9, and there are 1"),
    "VRM cut": ("a.vrm", b"glTF\2\0\0\0", "it is cut off within its header"),
    "OBJ face of words": ("a.obj", (CORNERS + "f 1 2 x\nf 1 2 3\n").encode(), "its line 5 (`f 1 2 x`) is no face"),
    "OBJ face of 20 digits": ("a.obj", (CORNERS + "f 1 2 99999999999999999999\n").encode(), "names point 99999999999999999999, and there are 4"),
    "PLY of -3 points": ("a.ply", b"ply\nformat ascii 1.0\nelement vertex -3\nend_header\n", "its header has the line `element vertex -3`"),
    "STL text nan": ("a.stl", STL_TEXT.replace(b"vertex 1 0 0", b"vertex 1 0 nan"), "its line 5 (`vertex 1 0 nan`) is no point of three numbers"),
    "STL text 1e300": ("a.stl", STL_TEXT.replace(b"vertex 1 0 0", b"vertex 1e300 0 0"), "is no point of three numbers"),
    "STL text cut": ("a.stl", STL_TEXT[:70], "is no point of three numbers"),
    "FBX nan": ("a.fbx", fbx((0, 0, np.nan, 1, 0, 0, 0, 1, 0)), "some of its coordinates are not numbers"),
    "FBX infinity": ("a.fbx", fbx((0, 0, -np.inf, 1, 0, 0, 0, 1, 0)), "some of its coordinates are not numbers"),
    "FBX 1e300": ("a.fbx", fbx((0, 0, 1e300, 1, 0, 0, 0, 1, 0)), "some of its coordinates are not numbers"),
    "FBX placed at nan": ("a.fbx", fbx(place=np.nan), "some of its coordinates are not numbers"),
    "FBX face out of range": ("a.fbx", fbx(corners=(0, 1, -100)), "its faces name point 99, and there are 3"),
    "FBX of 4e9 numbers": ("a.fbx", fbx(count=4_000_000_000), "its Vertices should be 4000000000 numbers, and 72 bytes are there"),
    "FBX with damaged packing": ("a.fbx", fbx(packed=b"no zlib"), "its Vertices are damaged"),
    "FBX unit -1": ("a.fbx", fbx(unit=-1.0), "its UnitScaleFactor is -1"),
    "FBX unit nan": ("a.fbx", fbx(unit=np.nan), "its UnitScaleFactor is nan"),
    "FBX nested": ("a.fbx", fbx(deep=60), "its records are nested more than 32 deep"),
    "FBX cut in a mesh": ("a.fbx", fbx()[:300], "it is cut off: 300 of at least"),
    "FBX without its end": ("a.fbx", fbx()[:-173], "is cut off"),
    "FBX text nan": ("a.fbx", b"; FBX 7.3.0 project file\nObjects: {\n Geometry: 1, \"Geometry::\", \"Mesh\" {\n  Vertices: *9 {\n   a: 0,0,nan,1,0,0,0,1,0\n  }\n }\n}\n", "a.fbx cannot be read as FBX: "),
    "FBX garbage": ("a.fbx", b"PK\3\4" + bytes(100), "it does not begin as an FBX file does"),
    "FBX empty": ("a.fbx", b"", "it is empty"),
    "FBX cut": ("a.fbx", b"Kaydara FBX Binary  \x00\x1a\x00\xe8\x1c\x00\x00", "a.fbx cannot be read as FBX: "),
}  # fmt: skip
USD_REFUSED: dict[str, tuple[str, bytes, str]] = {
    "nan": ("a.usda", usda(points="[(nan,0,0),(1,0,0),(0,1,0)]"), "not numbers"),
    "infinity": ("a.usda", usda(points="[(-inf,0,0),(1,0,0),(0,1,0)]"), "not numbers"),
    "more corners than indices": ("a.usda", usda("[3,3,300000]", "[0,1,2,0,1]"), "its faces have 300006 corners, and only 5 are there"),
    "face out of range": ("a.usda", usda("[3,3]", "[0,1,2,0,1,99]"), "its faces name point 99, and there are 3"),
    "negative index": ("a.usda", usda("[3]", "[0,1,-2]"), "its faces name point -2"),
    "negative count": ("a.usda", usda("[3,-3]", "[0,1,2]"), "one of its faces has -3 corners"),
    "metersPerUnit -1": ("a.usda", usda(unit="-1"), "its metersPerUnit is -1"),
    "metersPerUnit 0": ("a.usda", usda(unit="0"), "its metersPerUnit is 0"),
    "empty": ("a.usda", b"", "it is empty"),
    "made of itself": ("a.usda", REFERENCE.replace(b"NAME", b"a.usda"), "it has no faces, and is made of itself"),
    "made of what is not there": ("a.usda", REFERENCE.replace(b"NAME", b"gone.usda"), "it has no faces, and gone.usda, which it is made of, is not there"),
    "garbage": ("a.usdc", b"PXR-USDC" + bytes(200), "a.usdc cannot be read as USD: "),
}  # fmt: skip


def plain(text: str) -> str:
    """Without numbers and quoting."""
    return re.sub(r"-?\d[\d.]*", "N", re.sub(r"[`']", "", text))


def test_the_guide_has_every_sentence() -> None:
    guide = plain((Path(__file__).parents[2] / "docs" / "assets.md").read_text(encoding="utf-8"))
    for name, _, sentence in (*REFUSED.values(), *USD_REFUSED.values()):
        told = plain(sentence).split("(v ")[0].split("(f ")[0].replace(f"{name} cannot be read as ", "")
        assert told.replace("EXT_unheard_of", "EXT_meshopt_compression").strip() in guide or told.endswith(": "), (
            sentence
        )


def refused(path: Path, content: bytes, sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(content)
    before = samples.counts()
    capfd.readouterr()
    with pytest.raises(UserError) as caught:
        import_object(path, bpy.context.scene.collection)
    told = str(caught.value)
    assert sentence in told and path.name in told and "\n" not in told
    assert "Traceback" not in told and "unknown error" not in told
    printed = capfd.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert samples.counts() == before


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(tmp_path: Path, name: str, content: bytes, sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    refused(tmp_path / name, content, sentence, capfd)


@needs_usd
@pytest.mark.parametrize(("name", "content", "sentence"), USD_REFUSED.values(), ids=USD_REFUSED.keys())
def test_usd_refused(
    tmp_path: Path, name: str, content: bytes, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    refused(tmp_path / name, content, sentence, capfd)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.obj", (CORNERS.replace("\n", "\r\n") + "f -1 -2 -3\r\nf 1/1/1 2/2/2 3/3/3\r\n").encode()),
        ("a.obj", b"v 0 0 0 1 0 0\nv\t1. .5 -0\nv +1e-3 1E+2 0 1\nv 1 \\\n 2 3\nf 1 2 3\n"),
        ("a.fbx", fbx()),
        ("a.fbx", fbx(packed=zlib.compress(np.array((0, 0, 0, 1, 0, 0, 0, 1, 0), "<f8").tobytes()))),
        ("a.ply", ply(POINTS.tobytes() + face(0, 1, 2))),
        ("a.ply", ply(b"0 0 0\n1 0 0\n0 1 0\n3 0 1 2", "ascii")),
        ("a.gltf", gltf()),
        pytest.param("a.usda", usda(), marks=needs_usd),
        ("a.stl", STL_TEXT.replace(b"\n", b"\r\n").replace(b"vertex 1 0 0", b"  vertex 1.000000e+000 0.0e-005 -0.")),
        ("a.obj", CORNERS.replace("1", "1.0000e+000").encode() + b"f 1 2 3 # a face\n"),
        ("a.stl", b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n"),
    ],
)  # fmt: skip
def test_odd_but_whole_files_are_taken(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert len(import_object(tmp_path / name, bpy.context.scene.collection).mesh.faces) >= 1


TEXT_FBX = b"""; FBX 7.3.0 project file
FBXHeaderExtension:  {
 FBXHeaderVersion: 1003
 FBXVersion: 7300
}
Objects:  {
 Geometry: 1, "Geometry::m", "Mesh" {
  Vertices: *9 {
   a: 0,0,0,1,0,0,0,1,0
  }
  PolygonVertexIndex: *3 {
   a: 0,1,-3
  }
  GeometryVersion: 124
 }
 Model: 2, "Model::m", "Mesh" {
  Version: 232
 }
}
Connections:  {
 C: "OO",1,2
 C: "OO",2,0
}
"""


def test_text_fbx_is_read_or_told(tmp_path: Path) -> None:
    (tmp_path / "a.fbx").write_bytes(TEXT_FBX)
    if bpy.app.version >= (4, 5, 0):
        assert len(import_object(tmp_path / "a.fbx", samples.fresh()).mesh.faces) == 1
        return
    with pytest.raises(UserError, match=r"it is a text FBX, which Blender 4.2.* does not read. Save it as binary FBX"):
        import_object(tmp_path / "a.fbx", samples.fresh())
