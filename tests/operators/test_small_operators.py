# SPDX-License-Identifier: GPL-3.0-or-later
"""The small buttons: opening files outside, the error box, pages and all objects, online access."""

from __future__ import annotations

import os
from pathlib import Path

from tests.operators.blender import run

CODE = """
from grail_addon.core.errors import InputError, Problem
from grail_addon.operators import gallery, running
from grail_addon.operators.state import STATE

def opened():
    log = Path("opened.txt")
    names = log.read_text().split() if log.is_file() else []
    log.unlink(missing_ok=True)
    return [Path(name).name for name in names]

Path("mine.yaml").write_text("x: 1")
Path("clip.mp4").write_bytes(b"clip")
running.show_error(InputError([Problem("should be more.", key_path="rendering.samples", file="mine.yaml", line=1, detail="more of it")]))
bpy.ops.grail.open_fault()
told["fault"] = opened()
bpy.ops.grail.copy_details()
told["copied"] = bpy.context.window_manager.clipboard
bpy.ops.grail.dismiss_error()
told["dismissed"] = STATE.error is None
bpy.ops.grail.open_file(path=str(Path("mine.yaml").resolve()))
told["file"] = opened()
bpy.ops.grail.open_clip(file=str(Path("clip.mp4").resolve()))
told["clip"] = opened()
try:
    bpy.ops.grail.open_clip(file="gone.mp4")
except RuntimeError as error:
    told["gone"] = str(error)
own.category = "mug"
bpy.ops.grail.all_objects()
told["category"] = own.category
for step in (1, 1, -1, -5):
    bpy.ops.grail.turn_page(step=step)
    told.setdefault("pages", []).append(STATE.views["setup_page"])
told["allowed"] = [bpy.app.online_access]
bpy.ops.grail.allow_online()
told["allowed"].append(bpy.app.online_access)
bpy.context.preferences.system.use_online_access = False
changes = STATE.changes
bpy.ops.grail.refresh_gallery()
told["looked"] = STATE.changes > changes
"""


def test_the_small_buttons(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    opener = programs / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" >> "{tmp_path}/opened.txt"\n')
    opener.chmod(0o755)
    told = run(CODE, tmp_path, PATH=f"{programs}:{os.environ['PATH']}")
    assert told["fault"] == told["file"] == ["mine.yaml"]
    assert told["clip"] == ["clip.mp4"] and "not there any more" in told["gone"]
    assert told["copied"] == "" or "more of it" in told["copied"]  # Blender without a window has no clipboard
    assert told["dismissed"]
    assert told["category"] == ""
    assert told["pages"] == [1, 2, 1, 0]
    assert told["allowed"] == [False, True]
    assert told["looked"]
