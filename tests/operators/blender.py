# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Python with the extension's classes registered in a Blender of its own, as a script in `blender -b` has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import json, sys, os
from pathlib import Path
import bpy, grail_addon

bpy.context.preferences.addons.new().module = "grail_addon"
grail_addon.register()
own = bpy.context.scene.grail
told = {}
"""
LAYOUT = """
import types

class Layout:
    texts = []
    def label(self, text="", **_):
        self.texts.append(text)
    def row(self, **_):
        return self
    column = box = row
    def operator(self, *_, **__):
        return self
    def panel(self, *_, **__):
        return self, self
    def template_icon(self, **_):
        pass

style = types.SimpleNamespace(widget=types.SimpleNamespace(points=11.0))
drawn_in = types.SimpleNamespace(
    region=types.SimpleNamespace(width=291), scene=bpy.context.scene,
    preferences=types.SimpleNamespace(system=types.SimpleNamespace(ui_scale=1.0), ui_styles=[style]),
)
"""
"""Code before a test's own: a layout that notes its labels, and the context of a sidebar of 291 px."""
END = """
grail_addon.unregister()
print("TOLD" + json.dumps(told), file=sys.stderr)
sys.stderr.flush()
os._exit(0)
"""


def run(code: str, folder: Path, **environment: str) -> dict[str, Any]:
    """What `code` puts into `told`; `own` are the panel's settings. folder: working directory, which holds data/.

    Raises AssertionError with what Blender printed where the code failed."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code + END],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("TOLD")]
    assert done.returncode == 0 and lines, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(lines[-1].removeprefix("TOLD"))
    return told
