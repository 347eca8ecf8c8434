# SPDX-License-Identifier: GPL-3.0-or-later
"""Registering with Blender and taking it back, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THRICE = """
import json, sys, threading, bpy, grail_addon

def there():
    return {
        "classes": sorted(name for name in dir(bpy.types) if "grail" in name.lower()),
        "properties": sorted(name for name in dir(bpy.types.Scene) if "grail" in name),
        "handlers": sum(len(v) for n in dir(bpy.app.handlers) if isinstance(v := getattr(bpy.app.handlers, n), list)),
        "threads": threading.active_count(),
        "modules": sorted(name for name in sys.modules if name.startswith("grail_addon.")),
    }

before = there()
enabled, after = [], []
for _ in range(3):
    grail_addon.register()
    enabled.append(there() | {"task": bpy.context.scene.grail.task, "pydantic": "pydantic" in sys.modules})
    grail_addon.unregister()
    after.append(there())
print(json.dumps([before, enabled, after]), file=sys.stderr)
sys.stderr.flush()
import os
os._exit(0)
"""
FAILING = """
import sys, bpy, grail_addon
from grail_addon import command
command.register = lambda: 1 / 0
try:
    grail_addon.register()
except ZeroDivisionError:
    print([name for name in dir(bpy.types) if "grail" in name.lower()], hasattr(bpy.types.Scene, "grail"), file=sys.stderr)
sys.stderr.flush()
import os
os._exit(0)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_three_times_on_and_off_leaves_nothing() -> None:
    before, enabled, after = json.loads(run(THRICE))
    assert not before["classes"]
    assert after == [before] * 3
    for turn in enabled:
        assert "GRAIL_PT_setup" in turn["classes"]
        assert turn["task"] == "manipulation"
        assert not turn["pydantic"], "enabling waits for a library that it does not need"


def test_a_part_that_fails_takes_the_others_back() -> None:
    assert run(FAILING) == "[] False"
