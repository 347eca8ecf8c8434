# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not drawn (points and edges without faces, coarser levels of detail, collision hulls) is no part of an object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.settle.settings import SettleSettings  # noqa: E402
from grail_addon.core.settle.support import FlatSupport  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.importers import ImportedObject  # noqa: E402
from grail_addon.stage.settle import settle  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402
from tests.stage.shapes import box, obj_text  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]

BLOCK = box((-0.05, -0.03, -0.02), (0.05, 0.03, 0.02))
BELOW = np.array([(0.2, 0, -0.05), (-0.2, 0.1, -0.05), (0, -0.2, -0.05), (0.3, 0.3, 0.3)])


def obj(folder: Path, more: str) -> Path:
    """The block as OBJ with further lines; BELOW are its vertices 9 to 12."""
    lines = [f"v {x} {y} {z}" for x, y, z in BELOW.tolist()]
    text = obj_text(BLOCK).splitlines()
    count = sum(line.startswith("v ") for line in text)
    assert count == 8
    path = folder / "block.obj"
    path.write_text("\n".join([*text[:count], *lines, *text[count:], *more.splitlines()]) + "\n")
    return path


def ply(folder: Path, more: str = "") -> Path:
    vertices = np.concatenate([BLOCK.vertices, BELOW])
    head = ["ply", "format ascii 1.0", f"element vertex {len(vertices)}", *(f"property float {a}" for a in "xyz")]
    head += [f"element face {len(BLOCK.faces)}", "property list uchar int vertex_indices", "end_header"]
    rows = [" ".join(map(str, row)) for row in vertices.tolist()]
    rows += [f"3 {a} {b} {c}" for a, b, c in BLOCK.faces.tolist()]
    path = folder / "block.ply"
    path.write_text("\n".join([*head, *rows]) + "\n")
    return path


# Blender's own OBJ importer leaves out, and is silent about, what neither face nor line uses
LOOSE: dict[str, tuple[Callable[[Path], Path], bool]] = {
    "unused vertices of an OBJ": (lambda folder: obj(folder, ""), False),
    "unused vertices of a PLY": (ply, True),
    "lines": (lambda folder: obj(folder, "l 9 10\nl 1 11 12"), True),
    "points": (lambda folder: obj(folder, "p 9 10 11 12"), False),
    "faces without area": (lambda folder: obj(folder, "f 9 9 10\nf 11 12 11"), True),
    "lines that are faces": (lambda folder: obj(folder, "v 0.4 0 -0.1\nv 0.5 0 -0.1\nv 0.6 0 -0.1\nf 13 14 15"), True),
}


def settled_height(imported: ImportedObject) -> float:
    """Lowest point of the mesh in its settled pose, metres over the support."""
    result = drain(settle(imported.mesh, 1.0, np.eye(3), FlatSupport(), SettleSettings(drops=2)))
    assert result.stable
    return float((imported.mesh.vertices @ result.obj_R.T)[:, 2].min() + result.obj_t[2])


@pytest.mark.parametrize(("make", "said"), LOOSE.values(), ids=LOOSE.keys())
def test_points_without_a_face_count_for_nothing(tmp_path: Path, make: Callable[[Path], Path], said: bool) -> None:
    imported = import_object(make(tmp_path), bpy.context.scene.collection)
    assert np.array_equal(imported.mesh.vertices, BLOCK.vertices.astype(np.float32))
    assert len(imported.mesh.faces) == len(BLOCK.faces)
    assert len(imported.object.data.vertices) == 8, "nor in what is rendered and written"
    assert any("belong to no face" in note for note in imported.notes) == said


def test_loose_points_in_glb(tmp_path: Path) -> None:
    part = bpy.data.meshes.new("block")
    part.from_pydata(np.concatenate([BLOCK.vertices, BELOW]).tolist(), [(8, 9)], BLOCK.faces.tolist())
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("block", part))
    path = tmp_path / "block.glb"
    bpy.ops.export_scene.gltf(filepath=str(path), use_mesh_edges=True, use_mesh_vertices=True)
    imported = import_object(path, samples.fresh())
    low, high = imported.mesh.bounds
    assert np.allclose(high - low, (0.1, 0.06, 0.04), atol=1e-6)


def add(name: str, size: float, parent: bpy.types.Object | None = None) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata((BLOCK.vertices * size).tolist(), [], BLOCK.faces.tolist())
    made = bpy.data.objects.new(name, mesh)
    made.parent = parent
    bpy.context.scene.collection.objects.link(made)
    return made


@pytest.mark.parametrize("suffix", [".fbx", ".glb"])
@pytest.mark.parametrize(
    ("drawn", "others"),
    [
        (["crate_LOD0"], ["crate_LOD1", "crate_LOD2", "UCX_crate_LOD0_00"]),
        (["crate"], ["crate_LOD1", "UBX_crate"]),
        (["Body_lod0", "Lid_lod0"], ["Body_lod1", "Lid_lod1", "USP_Body", "UCP_Lid_01"]),
        (["crate"], ["crate-colonly", "crate_collider", "Collision.001"]),
        (["UCX_all"], []),
        (["LOD 2 handle", "LOD 2 blade"], []),
        (["clod1", "clod2"], []),
        (["crateLod0"], ["crateLod1"]),
        (["lod0 of a crate"], ["lod1 of a crate"]),
        (["color_panel", "collar", "colander"], []),
        (["wheel.001", "wheel.002"], []),
    ],
)
def test_levels_of_detail_and_collision_hulls(tmp_path: Path, suffix: str, drawn: list[str], others: list[str]) -> None:
    group = bpy.data.objects.new("group", None)
    bpy.context.scene.collection.objects.link(group)
    for name in drawn:
        add(name, 1.0, group)
    for name in others:
        add(name, 3.0, group)
    path = samples.export(tmp_path / f"crate{suffix}")
    imported = import_object(path, samples.fresh())
    assert len(imported.mesh.faces) == len(BLOCK.faces) * len(drawn)
    low, high = imported.mesh.bounds
    assert np.allclose(np.sort(high - low), (0.04, 0.06, 0.1), atol=1e-6)
    said = " ".join(imported.notes)
    assert all(name in said for name in others) and ("not drawn" in said) == bool(others)


def test_a_block_with_loose_points_stands_on_the_support(tmp_path: Path) -> None:
    imported = import_object(ply(tmp_path), bpy.context.scene.collection)
    assert settled_height(imported) == pytest.approx(0.0, abs=1e-5)
