# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole little project on disk, data files included, for tests of plan, jobs, run and command line.

The data files hold a few bytes each: nothing here opens them, they are found and hashed.
"""

from __future__ import annotations

from pathlib import Path

from grail_addon.cli.arguments import read_command_line
from grail_addon.core.config.request import Request
from grail_addon.core.plan.assets import AssetRoot
from grail_addon.core.plan.items import Hasher, ObjectJob, caching_hasher
from grail_addon.pipeline.jobs import Jobs, make_jobs

PIPELINE = """\
task: manipulation
character: kid
results_dir: out
object_config: things.yaml
skip_step2: true
skip_step4: true
simulation: {drop_height: 0.1, seed: 42}
rendering: {samples: 8, width: 640, height: 360, num_rand_scenes: 2}
scenes:
  stage:
    obj_pos: [0, 0, 0.6]
    camera_radius: 3
    camera_azimuth_rand_max: 20
    static_objects:
      board: {name: board.obj, pos: [0, 0, 0.6]}
"""
OBJECTS = """\
dataset: Things
objects:
  mug: {scene: stage, obj_scale: 2}
  bowl: {scene: stage}
  jar: {scene: stage}
"""
FILES = {
    "data/Things/mug/model.obj": "v 0 0 0",
    "data/Things/mug/model.mtl": "newmtl a",
    "data/Things/mug/a/color.png": "a",
    "data/Things/mug/b/color.png": "b",
    "data/Things/bowl/model.gltf": "{}",
    "data/Things/bowl/model.bin": "vertices",
    "data/Things/jar/jar.glb": "glTF",
    "data/characters/kid.blend": "kid",
    "data/characters/other.blend": "other",
    "data/scenes/stage.blend": "stage",
    "data/Scene/board.obj": "v 1 1 1",
    "pose.json": "{}",
}


def make_project(folder: Path) -> Path:
    """Write the project into `folder`; return it."""
    texts = {"configs/gen_2dhoi/run.yaml": PIPELINE, "configs/gen_2dhoi/things.yaml": OBJECTS, **FILES}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def request_of(folder: Path, *argv: str) -> Request:
    """The request of `--config run` with further arguments."""
    return read_command_line(["--config", "run", *argv], folder, folder)[0]


def jobs_of(folder: Path, *argv: str, hasher: Hasher | None = None) -> Jobs:
    """All jobs of that request."""
    request = request_of(folder, *argv)
    return make_jobs(request, [AssetRoot(path) for path in request.data_dirs], hasher or caching_hasher())


def job_of(folder: Path, *argv: str, category: str = "mug") -> ObjectJob:
    """The job of one object."""
    (job,) = jobs_of(folder, "--category", category, *argv).ready
    return job
