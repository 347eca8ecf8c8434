# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes far from their origin: shape kept to what the file has, origin moved and said."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.bpy

UTM = np.array([500_123.4567, 5_400_321.7654, 312.25])
BODY = np.array([(0, 0, 0), (0.12, 0, 0), (0.12, 0.07, 0), (0, 0.07, 0), (0.0101, 0.0203, 0.0907)])
FACES = [(0, 2, 1), (0, 3, 2), (0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4)]


def obj(path: Path, at: np.ndarray, loose: int = 0) -> Path:
    rows = [f"v {x:.17g} {y:.17g} {z:.17g}" for x, y, z in [*(np.zeros((loose, 3)) + at), *(BODY + at)]]
    faces = ["f " + " ".join(str(i + 1 + loose) for i in face) for face in FACES]
    path.write_text("\n".join(["mtllib model.mtl", *rows, "usemtl red", *faces]) + "\n")
    (path.parent / "model.mtl").write_text("newmtl red\nKd 1 0 0\n")
    return path


def ply(path: Path, at: np.ndarray, kind: str) -> Path:
    head = f"ply\nformat {kind} 1.0\nelement vertex 5\nproperty double x\nproperty double y\nproperty double z\nelement face 6\nproperty list uchar int vertex_indices\nend_header\n"
    if kind == "ascii":
        rows = [" ".join(f"{c:.17g}" for c in point) for point in BODY + at]
        data = "\n".join([*rows, *(f"3 {a} {b} {c}" for a, b, c in FACES)]).encode() + b"\n"
    else:
        order = "<" if "little" in kind else ">"
        data = b"".join(struct.pack(f"{order}3d", *point) for point in BODY + at)
        data += b"".join(struct.pack(f"{order}B3i", 3, *face) for face in FACES)
    path.write_bytes(head.encode() + data)
    return path


def glb(path: Path, at: np.ndarray) -> Path:
    """A small mesh in a node that is far away."""
    points = BODY.astype("<f4").tobytes()
    index = np.array(FACES, dtype="<u2").tobytes()
    scene = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
        "nodes": [{"children": [1], "translation": [float(at[0]), float(at[2]), float(-at[1])]}, {"mesh": 0, "rotation": [-(0.5**0.5), 0, 0, 0.5**0.5]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 5, "type": "VEC3", "min": BODY.min(axis=0).tolist(), "max": BODY.max(axis=0).tolist()},
                      {"bufferView": 1, "componentType": 5123, "count": 18, "type": "SCALAR"}],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": len(points)}, {"buffer": 0, "byteOffset": len(points), "byteLength": len(index)}],
        "buffers": [{"byteLength": len(points) + len(index)}],
    }  # fmt: skip
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    body = points + index + b"\0" * (-(len(points) + len(index)) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return path


FILES = {
    "OBJ": lambda folder, at: obj(folder / "model.obj", at),
    "OBJ with loose points": lambda folder, at: obj(folder / "model.obj", at, loose=3),
    "PLY as text": lambda folder, at: ply(folder / "model.ply", at, "ascii"),
    "PLY, little end first": lambda folder, at: ply(folder / "model.ply", at, "binary_little_endian"),
    "PLY, big end first": lambda folder, at: ply(folder / "model.ply", at, "binary_big_endian"),
    "GLB": lambda folder, at: glb(folder / "model.glb", at),
}


def read(path: Path, unit: float = 1.0):
    import bpy

    from tests.stage.import_samples import import_object

    return import_object(path, bpy.context.scene.collection, unit=unit)


def shape(points: np.ndarray) -> np.ndarray:
    """Sorted distances between all vertices, whatever their order and place."""
    return np.sort(np.linalg.norm(points[:, None] - points[None], axis=2).ravel())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "at", [UTM, UTM * [0.1, -0.01, 1], np.array([0, 0, 50_000.0])], ids=["UTM", "54 km", "50 km up"]
)
def test_a_far_mesh_keeps_its_shape(name: str, at: np.ndarray, tmp_path: Path, empty_file: None) -> None:
    imported = read(FILES[name](tmp_path, at))
    assert imported.offset is not None
    assert float(np.abs(imported.mesh.vertices).max()) < 2.0
    used = imported.mesh.vertices[np.unique(imported.mesh.faces)]
    assert len(used) == len(BODY)
    assert shape(used) == pytest.approx(shape(BODY), abs=1e-6)
    assert any("from its origin" in note and "mesh_offset" in note for note in imported.notes)
    if name != "GLB":  # its place is in single precision in Blender
        back = used + imported.offset
        assert np.allclose(np.sort(back, axis=0), np.sort(BODY + at, axis=0), atol=1e-6)


@pytest.mark.parametrize("name", FILES)
def test_a_near_mesh_is_left_as_it_is(name: str, tmp_path: Path, empty_file: None) -> None:
    at = np.array([3.0, -2.0, 1.0])
    imported = read(FILES[name](tmp_path, at))
    assert imported.offset is None and not any("origin" in note for note in imported.notes)
    assert np.allclose(imported.mesh.vertices.min(axis=0), BODY.min(axis=0) + at, atol=1e-5)


def test_materials_stay_and_units_count(tmp_path: Path, empty_file: None) -> None:
    imported = read(obj(tmp_path / "model.obj", UTM * 1000), unit=0.001)
    assert [m.name for m in imported.object.data.materials] == ["red"]
    assert imported.offset == pytest.approx(UTM, abs=1e-3)
    assert imported.mesh.size == pytest.approx(0.12 * 0.001, rel=1e-4)


def test_what_single_precision_has_lost_is_said(tmp_path: Path, empty_file: None) -> None:
    """Two objects in one OBJ file far away: read part by part, so only Blender's own numbers are there."""
    import trimesh

    path = tmp_path / "model.stl"
    trimesh.creation.box((3.0, 2.0, 1.0)).apply_translation((50_000.0, 0, 0)).export(path)
    imported = read(path)
    assert imported.offset is not None and imported.mesh.size == pytest.approx(3.0, abs=0.01)
    assert any("single precision" in note for note in imported.notes)
