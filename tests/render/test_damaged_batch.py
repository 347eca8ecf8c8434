# SPDX-License-Identifier: GPL-3.0-or-later
"""Sixty damaged files and a good one through the batch front: the run goes on, each has one sentence, none a traceback."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.render.conftest import Project
from tests.stage.test_import_damaged import POINTS, REFUSED, TEXT_FBX, face, fbx, gltf, ply, setting

pytestmark = [pytest.mark.bpy, pytest.mark.slow]

RUN_BATCH = Path(__file__).resolve().parents[2] / "run_batch.py"
CUT = {
    "model.fbx": fbx(),
    "model.gltf": gltf(),
    "model.ply": ply(POINTS.tobytes() + face(0, 1, 2)),
    "model.glb": b"glTF\2\0\0\0" + bytes(500),
}


def damaged() -> dict[str, tuple[str, bytes]]:
    """By object: file name and content; those that have a sentence of their own, and some that are cut anywhere."""
    files = [(Path(name).suffix, data) for name, data, _ in REFUSED.values() if not name.endswith(".vrm")]  # a person's
    found = {f"d{k:02d}": (f"model{suffix}", data) for k, (suffix, data) in enumerate(files)}
    chance = random.Random(9)
    for k, (name, data) in enumerate(CUT.items()):
        found[f"cut{k}"] = (name, data[: chance.randrange(1, len(data) - 180 if "fbx" in name else len(data) - 1)])
    found["text"] = ("model.fbx", TEXT_FBX[:300])
    return found


def pipes(root: Path) -> dict[str, tuple[str, bytes]]:
    """As `damaged`: meshes that name a pipe. Whoever opened one would wait for ever."""
    if not hasattr(os, "mkfifo"):
        return {}
    found = {
        "pipe_mtl": ("model.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "model.mtl"),
        "pipe_bin": ("model.gltf", gltf(setting("buffers", 0, "uri", value="a.bin")), "a.bin"),
        "pipe_fbx": ("model.fbx", fbx(picture="a.png"), "a.png"),
    }
    for name, (_, _, pipe) in found.items():
        (root / name).mkdir(parents=True)
        os.mkfifo(root / name / pipe)
    return {name: (file, data) for name, (file, data, _) in found.items()}


def test_the_batch_goes_on(project: Project) -> None:
    cases = damaged()
    assert len(cases) >= 60
    good = (project.root / "Test" / "block" / "model.obj").read_bytes()
    (project.root / "Test").unlink()
    cases.update(pipes(project.root / "Test"))
    for name, (file, data) in {**cases, "zz": ("model.obj", good)}.items():
        (project.root / "Test" / name).mkdir(parents=True, exist_ok=True)
        (project.root / "Test" / name / file).write_bytes(data)
    (project.root / "objects.yaml").unlink()
    (project.root / "objects.yaml").write_text(
        "dataset: Test\nobjects:\n" + "".join(f"  {name}: {{scene: mini}}\n" for name in [*cases, "zz"])
    )
    log = project.root / "log.jsonl"
    command = [
        sys.executable, str(RUN_BATCH), "--", *project.argv("--num_rand_scenes", "1", "--log_json", str(log)),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    events = [json.loads(line) for line in log.read_text().splitlines()]
    for name in cases:
        said = {e["message"] for e in events if e["kind"] == "fail" and e.get("obj") == f"Test/{name}"}
        assert said, f"{name} {cases[name]} is refused"
        for sentence in said:
            assert "model." in sentence and "fault in the program" not in sentence and "\n" not in sentence, sentence
    made = [e for e in events if e["kind"] == "done" and e.get("obj") == "Test/zz"]
    assert [e["step"] for e in made] == ["settle", "render"], "the good one is made"
