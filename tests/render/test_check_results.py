# SPDX-License-Identifier: GPL-3.0-or-later
"""The stranger's check of a results folder: uses nothing of ours, passes what is right, names what is wrong."""

from __future__ import annotations

import ast
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import check_results
from tests.render.conftest import Project
from tests.render.runs import run

pytestmark = pytest.mark.bpy

FRAME = "Test/block/dummy_mini_rand00001"


@pytest.fixture(scope="module")
def made(project_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("trimesh")
    root = tmp_path_factory.mktemp("checked") / "project"
    shutil.copytree(project_files, root)
    project = Project(root)
    cwd = Path.cwd()
    try:
        import os

        os.chdir(root)
        run(project.argv("--category", "block", "--set", "rendering.width=320", "--set", "rendering.height=180"))
    finally:
        os.chdir(cwd)
    return project.results


def test_it_uses_none_of_our_code() -> None:
    tree = ast.parse(Path(check_results.__file__).read_text(encoding="utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in names} & {"grail_addon", "starter", "tests", "bpy"}


def test_what_is_right_passes(made: Path) -> None:
    found = check_results.check(made)
    assert len(found) == 2 and not any(found.values()), found
    assert check_results.main([str(made)]) == 0


def shift_mask(generation: Path) -> None:
    path = generation / "foundation_pose" / FRAME / "masks" / "000000.png"
    Image.fromarray(np.roll(np.asarray(Image.open(path)), 6, axis=1)).save(path)


def deepen(generation: Path) -> None:
    path = generation / "depth_maps" / FRAME / "000000.png"
    Image.fromarray((np.asarray(Image.open(path)).astype(np.int64) + 60).clip(0, 65535).astype(np.uint16)).save(path)


def repickle(role: str, change: Callable[[dict], None]) -> Callable[[Path], None]:
    def spoil(generation: Path) -> None:
        path = generation / (
            f"cameras/{FRAME}.pickle" if role == "camera" else f"foundation_pose/{FRAME}/{role}.pickle"
        )
        data = pickle.loads(path.read_bytes())
        change(data)
        path.write_bytes(pickle.dumps(data))

    return spoil


def other_k(generation: Path) -> None:
    path = generation / "foundation_pose" / FRAME / "cam_K.txt"
    np.savetxt(path, np.loadtxt(path) * [[1.01], [1.01], [1.0]])


SPOILS: dict[str, tuple[Callable[[Path], None], str]] = {
    "mask moved": (shift_mask, "px apart"),
    "depth too deep": (deepen, "lies before the depth map"),
    "another focal length": (other_k, "pinhole"),
    "object moved": (repickle("camera", lambda d: d.update(obj_t=np.asarray(d["obj_t"]) + 0.05)), "differ in obj_t"),
    "camera moved": (repickle("camera", lambda d: d.update(t=np.asarray(d["t"]) + 0.05)), "differ in cam_t"),
    "rotation scaled": (repickle("camera", lambda d: d.update(R=np.asarray(d["R"]) * 1.01)), "a rotation is none"),
    "tiny person": (repickle("character_data", lambda d: d.update(character_height=0.01)), "no person's"),
    "no mesh": (lambda g: (g / "mesh/Test/block/model.obj").unlink(), "missing: model.obj"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILS)
def test_what_is_wrong_is_named(made: Path, tmp_path: Path, name: str) -> None:
    spoil, words = SPOILS[name]
    results = tmp_path / "results"
    shutil.copytree(made, results)
    spoil(results / "generation")
    found = check_results.check(results)
    assert words in "; ".join(found[FRAME])
    assert check_results.main([str(results)]) == 1
