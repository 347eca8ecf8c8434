# SPDX-License-Identifier: GPL-3.0-or-later
"""Dependencies point one way: `core` and `services` live without Blender, `core` without clock and chance of its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "grail_addon"
BLENDER = {"bpy", "mathutils", "bmesh", "gpu", "bpy_extras", "idprop", "blf"}

WALK = """
import importlib, pkgutil, sys

class NoBlender:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blender!r}:
            raise ImportError("no Blender here: " + name)

sys.meta_path.insert(0, NoBlender())
sys.path.insert(0, {root!r})
try:
    import bpy
except ImportError:
    pass
else:
    raise SystemExit("Blender is not kept out")
import grail_addon
names = list({modules!r})
for package in {packages!r}:
    names += [m.name for m in pkgutil.walk_packages(importlib.import_module(package).__path__, package + ".")]
for name in names:
    importlib.import_module(name)
assert not any(name.split(".")[0] in {blender!r} for name in sys.modules)
assert "openai" not in sys.modules, "it takes a second, so it is imported where a model is opened"
print(len(names))
"""


def imported_without_blender(packages: list[str], modules: list[str]) -> int:
    code = WALK.format(blender=BLENDER, root=str(ROOT), packages=packages, modules=modules)
    child = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    return int(child.stdout)


def test_core_services_and_batch_import_without_blender() -> None:
    packages = ["grail_addon.core", "grail_addon.services", "grail_addon.batch", "grail_addon.report"]
    files = [p for name in packages for p in (ROOT / name.replace(".", "/")).rglob("*.py")]
    # __init__ of the four themselves is imported by the walk, not counted
    assert imported_without_blender(packages, []) == len(files) - len(packages)


def test_the_walk_sees_an_import_of_blender() -> None:
    with pytest.raises(AssertionError, match="no Blender here: bpy"):
        imported_without_blender([], ["grail_addon.stage.versions"])


def imports(tree: ast.AST) -> set[str]:
    """Full names of what a file imports, wherever in it; relative ones as `..stage.versions`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found |= {base, *(f"{base}.{alias.name}" if node.module else base + alias.name for alias in node.names)}
    return found


def sources(*packages: str) -> list[Path]:
    found = [path for package in packages for path in sorted((PACKAGE / package).rglob("*.py"))]
    assert len(found) > 10
    return found


@pytest.mark.parametrize("path", sources("core", "services"), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_blender_and_no_upper_layer_by_name(path: Path) -> None:
    names = imports(ast.parse(path.read_text(encoding="utf-8")))
    assert not {name.split(".")[0] for name in names} & BLENDER
    upper = {"stage", "batch", "operators", "panels"} | ({"services"} if "core" in path.parts else set())
    assert not [n for n in names if n.startswith("..") and n.lstrip(".").split(".")[0] in upper]


# file -> what it may use nevertheless
ALLOWED = {"files.py": {"uuid"}, "clock.py": {"time"}}


@pytest.mark.parametrize("path", sources("core"), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_core_has_no_chance_and_no_clock_of_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    allowed = ALLOWED.get(path.relative_to(PACKAGE / "core").as_posix(), set())
    taken = {name.split(".")[0] for name in imports(tree)} & {"random", "secrets", "time", "uuid"}
    assert taken <= allowed
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now"}
    assert not calls & clocks
    chance = {c for c in calls if c.startswith(("np.random.", "numpy.random.")) or c.endswith("default_rng")}
    assert chance <= ({"np.random.default_rng"} if path.name == "streams.py" else set())
