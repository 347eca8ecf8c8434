# SPDX-License-Identifier: GPL-3.0-or-later
"""A small project on disk for the configuration tests: one pipeline file, one object config, two scenes."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.cli.arguments import read_command_line
from grail_addon.core.config.request import Request
from grail_addon.core.errors import InputError

ROOT = Path(__file__).resolve().parents[3]

PIPELINE = """\
character: kid
results_dir: out
object_config: things.yaml
rendering:
  samples: 8
  width: 640
  height: 360
  num_rand_scenes: 2
scenes:
  stage:
    obj_pos: [0, 0, 0.6]
    camera_radius: 3
    camera_elevation: [10, 20]
  corner:
    camera_azimuth_rand_max: 25
"""

OBJECTS = """\
dataset: Things
objects:
  mug:
    obj_scale: 2
    scene: stage
  canned_food:
    scene: corner
    camera_radius: 2
"""


def project(
    folder: Path, pipeline: str = PIPELINE, objects: str | None = OBJECTS, name: str = "configs/gen_2dhoi/run.yaml"
) -> Path:
    """Write the files below `folder`; return it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pipeline, encoding="utf-8")
    if objects is not None:
        (path.parent / "things.yaml").write_text(objects, encoding="utf-8")
    return folder


def run(folder: Path, *argv: str) -> Request:
    """Load the project's file with further arguments."""
    return read_command_line(["--config", "run", *argv], folder, folder)[0]


def complaints(folder: Path, *argv: str) -> list[str]:
    """The lines a user sees for a request that must be refused; nothing may have been written."""
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    with pytest.raises(InputError) as caught:
        run(folder, *argv)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    lines = [str(problem) for problem in caught.value.problems]
    assert all("\n" not in line and "pydantic" not in line for line in lines)
    return lines
