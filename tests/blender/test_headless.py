# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's command in a real Blender, and the same files from the bpy module."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grail_addon.core.sidecars.write import read_camera_json, read_depth_exr, read_depth_png, read_mask
from tests.blender.conftest import BatchProgram
from tests.debian import REPOSITORY

COMMAND = ("--config", "manipulation.yaml", "--category", "cordless_drill", "--character", "kid", "--skip_step4")
SMALL = ("--samples", "2", "--set", "rendering.width=320", "--set", "rendering.height=180", "--num_rand_scenes", "1")
OBJECT = "ComAsset/cordless_drill"
FRAME = f"{OBJECT}/kid_indoor2-manipulation_rand00001"
WANTED = {
    f"asset_renders/{FRAME}.png", f"cameras/{FRAME}.pickle", f"cameras/{FRAME}.json",
    f"depth_maps/{FRAME}/000000.png", f"depth_maps/{FRAME}/000000.exr", f"foundation_pose/{FRAME}/cam_K.txt",
    f"foundation_pose/{FRAME}/masks/000000.png", f"foundation_pose/{FRAME}/human_masks/000000.png",
    f"foundation_pose/{FRAME}/first_frame_pose.pickle", f"foundation_pose/{FRAME}/character_data.pickle",
    f"mesh/{OBJECT}/model.obj", f"mesh/{OBJECT}/model.mtl", f"manifests/{FRAME}.json",
    f"initial_states/{OBJECT}/initial_state.pickle", f"initial_states/{OBJECT}/initial_state.json",
}  # fmt: skip
EDGE_PIXELS = 6
"""Builds of Cycles round a ray differently: so many pixels on outlines may fall to the other side."""


@pytest.fixture(scope="module")
def made(program: BatchProgram) -> BatchProgram:
    """The program with its results in work/results."""
    done = program.run_batch(*COMMAND, *SMALL, "--results_dir", "/scratch/results")
    assert done.returncode == 0, done.stdout + done.stderr
    return program


def by_module(made: BatchProgram, results: str, *more: str) -> list[dict[str, Any]]:
    """The same command by this Python's bpy module; its events."""
    log = made.work / "events.jsonl"
    log.unlink(missing_ok=True)
    folder = str(made.work / results)
    command = [
        sys.executable,
        "run_batch.py",
        "--",
        *COMMAND,
        *SMALL,
        "--results_dir",
        folder,
        "--log_json",
        str(log),
        *more,
    ]
    environment = os.environ | {"GRAIL_STARTER_DIR": str(made.work / "starter")}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in log.read_text().splitlines()]


def names(generation: Path) -> set[str]:
    return {path.relative_to(generation).as_posix() for path in generation.rglob("*") if path.is_file()}


def test_all_files_are_there_and_proved(made: BatchProgram) -> None:
    generation = made.work / "results" / "generation"
    assert WANTED - names(generation) == set()
    manifest = json.loads((generation / "manifests" / f"{FRAME}.json").read_text())
    assert manifest["status"] == "done"
    assert manifest["proof"]["proved"], manifest["proof"]["problems"]
    assert not [name for name in names(made.work / "results") if ".part-" in name]


def test_the_module_finds_the_results_up_to_date(made: BatchProgram) -> None:
    kinds = [event["kind"] for event in by_module(made, "results", "--skip_done")]
    assert kinds.count("skip") == 2  # the settled pose and the frame
    assert "done" not in kinds


def test_the_module_makes_the_same_files(made: BatchProgram) -> None:
    by_module(made, "module")
    first, second = made.work / "results" / "generation", made.work / "module" / "generation"
    assert names(first) == names(second)
    cameras = [read_camera_json(folder / "cameras" / f"{FRAME}.json") for folder in (first, second)]
    assert np.allclose(cameras[0].cam_to_world, cameras[1].cam_to_world, atol=1e-6)
    assert np.array_equal(cameras[0].K, cameras[1].K)
    states = [
        json.loads((folder / "initial_states" / OBJECT / "initial_state.json").read_text())
        for folder in (first, second)
    ]
    assert np.allclose(states[0]["obj_R"], states[1]["obj_R"], atol=1e-6)
    masks = {}
    for name in ("masks", "human_masks"):
        masks[name], other = (
            read_mask(folder / "foundation_pose" / FRAME / name / "000000.png") for folder in (first, second)
        )
        assert masks[name].sum() > 200
        assert (masks[name] ^ other).sum() <= EDGE_PIXELS
    for read, suffix in ((read_depth_exr, "exr"), (read_depth_png, "png")):
        depths = [read(folder / "depth_maps" / FRAME / f"000000.{suffix}") for folder in (first, second)]
        assert (depths[0] > 0).mean() > 0.9
        # the PNG's unit is a millimetre, and the last bit of a depth may decide which one it rounds to
        assert (np.abs(depths[0] - depths[1]) > 1e-3 + 1e-6).sum() <= EDGE_PIXELS


def test_a_wrong_key_is_exit_code_2_and_writes_nothing(program: BatchProgram) -> None:
    done = program.run_batch(*COMMAND, "--set", "rendering.sampels=2", "--results_dir", "/scratch/nothing")
    assert done.returncode == 2
    assert "samples" in done.stderr
    assert not (program.work / "nothing").exists()


def test_missing_libraries_are_said_with_what_to_do(program: BatchProgram, tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "run_batch.py", tmp_path)
    for name in ("grail_addon", "configs"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    done = program.run_batch(*COMMAND, "--results_dir", "/scratch/nothing", repository=tmp_path)
    assert done.returncode == 2
    (sentence,) = (line for line in done.stderr.splitlines() if line.startswith("error:"))
    assert "make libs" in sentence
    assert "Traceback" not in done.stderr
