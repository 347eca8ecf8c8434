# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators called by a script without a window give the files of `run_batch.py`: scale probe, settle, variants, video; and
Run All."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from tests.operators.blender import ROOT, run
from tests.render.test_two_drivers import contents

pytestmark = [pytest.mark.bpy, pytest.mark.slow]

KEYS = {"KLING_API_KEY": "api-key-of-operators-0123456789", "OPENAI_API_KEY": "sk-of-operators-0123456789"}
FRAME = "kid_indoor2-manipulation_rand00001"

SET_UP = """
import re
from grail_addon.preferences import preferences

bpy.context.preferences.system.use_online_access = True
own.category, own.variants = "mug", 1
own.results_dir = str(Path("out").resolve())
preferences().kling_host = os.environ["HOST"]
for name, value in {
    "rendering.width": 534, "rendering.height": 300, "rendering.samples": 1, "rendering.gpu": False,
    "simulation.drops": 2, "video.kling_mode": "std", "video.poll_seconds": 1,
    "video.skip_prompt_refinement": True,
}.items():
    item = own.overrides.add()
    item.name, item.value = name, json.dumps(value)
bpy.ops.grail.save_pipeline(filepath=str(Path("saved.yaml").resolve()))
"""
FOUR_STEPS = """
bpy.ops.grail.probe_scale()
bpy.ops.grail.settle()
bpy.ops.grail.render_variants()
try:
    bpy.ops.grail.send_to_kling()
except RuntimeError as error:
    told["unasked"] = str(error)
usd = float(re.search(r"confirmed_usd=([0-9.]+)", told["unasked"])[1])
bpy.ops.grail.send_to_kling(confirmed_usd=usd)
told["usd"] = usd
"""
ALL = """
bpy.ops.grail.run_all()
told["taken"] = [json.loads(item.value) for item in own.overrides if item.name == "objects.mug.obj_scale"]
"""
VOLATILE = ("/logs/",)


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    options = SandboxOptions(
        api_keys={KEYS["KLING_API_KEY"]}, openai_keys={KEYS["OPENAI_API_KEY"]}, queue_seconds=0.0, work_seconds=0.0,
        movie=MovieOptions(shrink=8),
    )  # fmt: skip
    with SandboxServer(SandboxState(options)) as server:
        yield server


def environment(sandbox: SandboxServer) -> dict[str, str]:
    return {**KEYS, "OPENAI_BASE_URL": f"{sandbox.url}/v1", "HOST": sandbox.url}


def judge(sandbox: SandboxServer, *answers: str) -> None:
    """Both views of each question are answered; without answers, the size is right."""
    said = [{"answer": {"answer": word, "confidence": 0.9, "reason": "r"}} for word in answers or ("correct",)]
    sandbox.state.judge["SizeJudgement"] = [answer for answer in said for _ in range(2)]


def batch(folder: Path, sandbox: SandboxServer, *more: str) -> None:
    """Run the saved pipeline file by `run_batch.py` into folder/batch."""
    done = subprocess.run(
        [
            *(sys.executable, str(ROOT / "run_batch.py"), "--", "--config", str(folder / "saved.yaml")),
            *("--results_dir", str(folder / "batch"), "--set", "skip_step2=false", "--yes", *more),
        ],
        cwd=folder, env={**os.environ, **environment(sandbox), "HOME": str(folder)}, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def made(results: Path) -> dict[str, Any]:
    """Files of a results folder. The operators' frames are planned with the size that was taken, and do not repeat the
    probe's record in their manifests."""
    found = {name: data for name, data in contents(results).items() if not any(part in name for part in VOLATILE)}
    return {
        name: {key: value for key, value in data.items() if key != "scale"} if isinstance(data, dict) else data
        for name, data in found.items()
    }


def other(mine: Any, theirs: Any, place: str = "") -> list[str]:
    """Where two contents differ."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        keys = sorted(mine.keys() | theirs.keys())
        return [found for key in keys for found in other(mine.get(key), theirs.get(key), f"{place}/{key}")]
    if mine == theirs:
        return []
    plain = isinstance(mine, (str, int, float, list, type(None)))
    return [f"{place}: {mine!r} {theirs!r}" if plain else place]


def test_four_operators_give_the_files_of_the_batch_program(sandbox: SandboxServer, tmp_path: Path) -> None:
    judge(sandbox)
    told = run(SET_UP + FOUR_STEPS, tmp_path, **environment(sandbox))
    assert "Nothing was sent" in told["unasked"] and told["usd"] > 0
    (task,) = sandbox.state.tasks.values()
    judge(sandbox)
    batch(tmp_path, sandbox, "--set", "skip_step4=false")
    assert list(sandbox.state.tasks.values()) == [task], "the same order is known by its own id and not bought again"
    mine, theirs = made(tmp_path / "out"), made(tmp_path / "batch")
    assert mine.keys() == theirs.keys()
    assert other(mine, theirs) == []
    assert any(FRAME in name and name.endswith(".mp4") for name in mine)


@pytest.mark.parametrize("answers", [("correct",), ("big", "correct")])
def test_run_all_gives_the_files_of_the_batch_program(
    sandbox: SandboxServer, tmp_path: Path, answers: tuple[str, ...]
) -> None:
    judge(sandbox, *answers)
    told = run(SET_UP + ALL, tmp_path, **environment(sandbox))
    judge(sandbox, *answers)
    batch(tmp_path, sandbox, "--skip_step4")
    mine, theirs = made(tmp_path / "out"), made(tmp_path / "batch")
    assert mine.keys() == theirs.keys() and any(FRAME in name for name in mine)
    assert other(mine, theirs) == []
    assert not sandbox.state.tasks
    (scale,) = (data["obj_scale"] for name, data in theirs.items() if name.endswith("obj_scale.json"))
    assert told["taken"] == ([scale] if "big" in answers else []), "what was found counts from now on"
