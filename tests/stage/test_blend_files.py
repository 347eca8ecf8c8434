# SPDX-License-Identifier: GPL-3.0-or-later
"""Recompressed starter assets hold the same, and every Blender opens them."""

from __future__ import annotations

import shutil
from pathlib import Path

import bpy

from grail_addon.core.files import read_json, sha256_file, write_json
from tools import blend_files


def made(path: Path) -> Path:
    """A compressed .blend of several frames with an object to be found again."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=250, y_subdivisions=250)
    bpy.context.object.name = "known"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=True, copy=True)
    return path


def test_the_same_content_in_one_frame_opens_and_is_linked_from(tmp_path: Path) -> None:
    path = made(tmp_path / "a.blend")
    before = path.read_bytes()
    assert len(blend_files.frame_sizes(before)) > 2
    saved = blend_files.recompress(path)
    after = path.read_bytes()
    assert saved == len(before) - len(after) > 0
    assert blend_files.content_of(after) == blend_files.content_of(before)
    assert blend_files.frame_sizes(after) == [len(blend_files.content_of(before))]
    assert blend_files.recompress(path) == 0 and path.read_bytes() == after  # done once
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(path)) as (there, wanted):
        wanted.objects = list(there.objects)
    assert [len(obj.data.vertices) for obj in wanted.objects] == [251 * 251]
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert len(bpy.data.objects["known"].data.vertices) == 251 * 251


def test_several_frames_where_one_would_be_too_large(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    path = made(tmp_path / "a.blend")
    content = blend_files.content_of(path.read_bytes())
    monkeypatch.setattr(blend_files, "MOST_FRAME", len(content) // 2 + 1)
    blend_files.recompress(path)
    assert len(blend_files.frame_sizes(path.read_bytes())) == 2
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert len(bpy.data.objects["known"].data.vertices) == 251 * 251


def test_what_is_no_compressed_blend_stays(tmp_path: Path) -> None:
    for data in (b"", b"BLENDER-v402", b"x" * 40):
        assert blend_files.recompressed(data) == data


def test_the_record_of_a_set_knows_the_new_hashes(tmp_path: Path) -> None:
    (tmp_path / "scenes").mkdir()
    scene = made(tmp_path / "scenes" / "a.blend")
    shutil.copy2(__file__, tmp_path / "other.py")
    files = {name: sha256_file(tmp_path / name) for name in ("scenes/a.blend", "other.py")}
    write_json(tmp_path / "starter.json", {"parts": {"scenes": {"files": files, "source": "s"}}})
    assert blend_files.recompress_all(tmp_path) > 0
    found = read_json(tmp_path / "starter.json")["parts"]["scenes"]
    assert found["files"] == {"scenes/a.blend": sha256_file(scene), "other.py": files["other.py"]}
    assert found["source"] == "s"
    assert blend_files.recompress_all(tmp_path) == 0
