# SPDX-License-Identifier: GPL-3.0-or-later
"""Dependencies point one way, between the packages and between the subjects of `core` and of `stage`; what needs no
Blender has none."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "grail_addon"
BLENDER = {"bpy", "mathutils", "bmesh", "gpu", "bpy_extras", "idprop", "blf", "addon_utils", "bl_ui"}
NO_BLENDER = ("core", "services", "steps", "pipeline", "report", "sandbox", "cli")

PACKAGES = {
    "core": (),
    "steps": ("core",),
    "services": ("core",),
    "report": ("core",),
    "sandbox": ("core",),
    "stage": ("core", "steps"),
    "pipeline": ("core", "steps", "services", "report", "stage"),
    "drivers": ("core", "steps", "pipeline", "stage"),
    "cli": ("core", "steps", "pipeline", "drivers"),
    "operators": ("core", "steps", "services", "report", "stage", "pipeline", "drivers"),
    "panels": ("core", "steps", "pipeline", "drivers", "operators"),
}
"""Package -> the packages that it may import, and that alone."""

SUBJECTS = {
    "core": {
        "config": (),
        "mesh_files": (),
        "settle": ("config",),
        "variant": ("config",),
        "terrain": ("variant",),
        "robot": (),
        "plan": ("config", "settle", "variant", "robot"),
        "sidecars": ("settle", "robot"),
        "gate": ("config", "sidecars", "settle"),
        "scale": ("config",),
        "video": (),
        "ledger": (),
    },
    "stage": {
        "measure": (),
        "settle": ("measure",),
        "importers": ("measure",),
        "person": ("importers", "measure"),
        "room": ("importers", "measure", "person"),
        "render": ("importers", "measure", "person", "room"),
        "own_scene": ("importers", "measure"),
    },
}
"""Package -> each of its folders -> the folders beside it that it may import. The files right in a package are its base:
all may import it, and it imports no folder."""

TOPS = {"stage/workshop"}
"""Files right in a package that join its folders: no other file of the package imports them."""

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
    if not name.endswith(".__main__"):
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


def test_what_needs_no_blender_imports_without_it() -> None:
    packages = [f"grail_addon.{name}" for name in NO_BLENDER]
    files = [p for name in packages for p in (ROOT / name.replace(".", "/")).rglob("*.py")]
    # __init__ of the packages themselves is imported by the walk, not counted
    assert imported_without_blender(packages, []) == len(files) - len(packages)


def test_the_walk_sees_an_import_of_blender() -> None:
    with pytest.raises(AssertionError, match="no Blender here: bpy"):
        imported_without_blender([], ["grail_addon.stage.versions"])


def imports(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Full dotted names of what a file imports, wherever in it; type checking apart, as that runs nothing."""
    package = path.relative_to(root).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *(node.module.split(".") if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def wrong_arrows(package: Path, root: Path = ROOT) -> list[str]:
    """Each import inside `package` that the two tables do not allow, as `file -> module`."""
    wrong = []
    for path in sorted(package.rglob("*.py")):
        here = path.relative_to(package).with_suffix("").parts
        for name in imports(path, root):
            there = tuple(name.split("."))
            if there[0] == package.name and len(there) > 2 and not is_allowed(here, there[1:], package):
                wrong.append(f"{'/'.join(here)} -> {name}")
    return wrong


def is_allowed(here: tuple[str, ...], there: tuple[str, ...], package: Path) -> bool:
    if len(here) == 1:  # the package's own files register what there is
        return True
    if (package / f"{there[0]}.py").is_file():  # what Blender remembers is for the window's packages
        return here[0] in ("operators", "panels")
    if here[0] != there[0]:
        return there[0] in PACKAGES[here[0]]
    if here[0] not in SUBJECTS or "/".join(here[:2]) in TOPS:
        return True
    subject = here[1] if len(here) > 2 else ""
    target = there[1] if (package / here[0] / there[1]).is_dir() else ""
    if not target:
        return "/".join(there[:2]) not in TOPS
    return target == subject or target in SUBJECTS[here[0]].get(subject, ())


def test_no_arrow_runs_up() -> None:
    assert not wrong_arrows(PACKAGE)


def test_the_tables_have_no_circle_and_know_every_package() -> None:
    inner = ((table, PACKAGE / name) for name, table in SUBJECTS.items())
    for table, folder in ((PACKAGES, PACKAGE), *inner):
        found = {path.name for path in folder.iterdir() if (path / "__init__.py").is_file()}
        assert found == set(table)
        known: set[str] = set()
        for name, below in table.items():
            assert set(below) <= known, f"{name} stands before what it may import"
            known.add(name)


@pytest.mark.parametrize(
    ("file", "line", "arrow"),
    [
        ("core/mesh.py", "from .config.run import RunConfig", "core/mesh -> grail_addon.core.config.run.RunConfig"),
        ("core/config/base.py", "from ..plan import items", "core/config/base -> grail_addon.core.plan.items"),
        ("stage/a.py", "def f():\n    from ..pipeline.run import Run", "stage/a -> grail_addon.pipeline.run.Run"),
        ("stage/room/a.py", "from ..render import frame", "stage/room/a -> grail_addon.stage.render.frame"),
        ("stage/owned.py", "from .room import scene", "stage/owned -> grail_addon.stage.room.scene"),
        ("stage/room/a.py", "from ..workshop import Shop", "stage/room/a -> grail_addon.stage.workshop.Shop"),
        ("services/a.py", "import grail_addon.stage.versions", "services/a -> grail_addon.stage.versions"),
    ],
)
def test_an_arrow_that_runs_up_is_seen(tmp_path: Path, file: str, line: str, arrow: str) -> None:
    package = tmp_path / "grail_addon"
    for name in ("core/config", "core/plan", "stage/room", "stage/render"):
        (package / name).mkdir(parents=True)
    path = package / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line)
    assert wrong_arrows(package, tmp_path) == [arrow]


def sources(*packages: str) -> list[Path]:
    found = [path for package in packages for path in sorted((PACKAGE / package).rglob("*.py"))]
    assert len(found) > 10
    return found


def top_level(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize(
    "path", sources("core", "services", "steps", "pipeline"), ids=lambda p: p.relative_to(PACKAGE).as_posix()
)
def test_no_blender_by_name(path: Path) -> None:
    assert not top_level(path) & BLENDER


# file -> what it may use nevertheless
ALLOWED = {"files.py": {"uuid"}, "clock.py": {"time"}}


@pytest.mark.parametrize("path", sources("core"), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_core_has_no_chance_and_no_clock_of_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    allowed = ALLOWED.get(path.relative_to(PACKAGE / "core").as_posix(), set())
    assert top_level(path) & {"random", "secrets", "time", "uuid"} <= allowed
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now"}
    assert not calls & clocks
    chance = {c for c in calls if c.startswith(("np.random.", "numpy.random.")) or c.endswith("default_rng")}
    assert chance <= ({"np.random.default_rng"} if path.name == "streams.py" else set())
