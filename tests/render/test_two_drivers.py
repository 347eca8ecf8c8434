# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocking and the window driver give the same files, and a cancel at any pause leaves nothing half-made."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from grail_addon.core.files import TEMP_MARK, sha256_file
from grail_addon.drivers.blocking import drain, render_in_this_blender
from grail_addon.drivers.window import WindowDriver
from grail_addon.steps.effects import Pause, Render
from grail_addon.steps.events import Event
from tests.render.conftest import Project
from tests.render.runs import session

pytestmark = pytest.mark.bpy

VOLATILE = {"time", "timings", "seconds", "sha256", "stat"}


class RenderInTick:
    """Plays Blender's render job: the picture is there when it is asked for."""

    def begin(self, effect: Render) -> None:
        render_in_this_blender(effect)

    def poll(self) -> bool:
        return True

    def cancel(self) -> None:
        pass


def play(driver: WindowDriver[Any]) -> None:
    """Blender's timer."""
    while (wait := driver.tick()) is not None:
        time.sleep(wait)


def steady(data: Any) -> Any:
    """JSON without what two runs may differ in."""
    if isinstance(data, dict):
        return {key: steady(value) for key, value in data.items() if key not in VOLATILE}
    return [steady(value) for value in data] if isinstance(data, list) else data


def contents(results: Path) -> dict[str, Any]:
    """Relative path -> what both drivers must agree on."""
    found: dict[str, Any] = {}
    for path in sorted((results / "generation").rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(results).as_posix()
        if path.suffix == ".png":
            with Image.open(path) as image:
                found[name] = np.asarray(image).tobytes()
        elif path.suffix == ".json":
            found[name] = steady(json.loads(path.read_text()))
        elif path.suffix != ".lock":
            found[name] = sha256_file(path)
    return found


def argv(project: Project, results: str) -> list[str]:
    return project.argv("--category", "block", "--results_dir", results, "--set", "rendering.max_attempts=2")


def test_both_drivers_give_the_same_bits(project: Project) -> None:
    drain(session(argv(project, "one")).run())
    events: list[Event] = []
    driver = WindowDriver(session(argv(project, "two")).run(), RenderInTick(), events.append, lambda _: None)
    play(driver)
    assert [e.kind for e in events if e.kind in ("done", "fail", "end")] == ["done", "done", "done", "end"]
    one, two = contents(project.root / "one"), contents(project.root / "two")
    assert len(one) > 20 and one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []
    assert driver.times.parts.count["drop"] > 50


def data_blocks() -> set[tuple[str, str]]:
    import bpy

    kinds = ("scenes", "objects", "meshes", "materials", "images", "collections", "worlds", "lights", "cameras")
    return {(kind, block.name) for kind in kinds for block in getattr(bpy.data, kind)}


@pytest.mark.parametrize("part", ["room", "object", "drop", "drift", "placement", "picture"])
def test_a_cancel_leaves_nothing_half_made(project: Project, part: str) -> None:
    """At the first and, where there is one, at the third pause of each part; then another run makes what is left."""
    before = data_blocks()
    for turn in (1, 3):
        driver = WindowDriver(
            session(argv(project, "cut")).run(), RenderInTick(), lambda _: None, lambda _: None, enough=0
        )
        seen = 0
        while driver.tick() is not None:
            seen += isinstance(driver.waits_for, Pause) and driver.waits_for.part == part
            if seen == turn:
                driver.cancel()
            time.sleep(0.0005)
        assert seen >= 1 and data_blocks() == before
        assert not [p for p in project.root.rglob(f"{TEMP_MARK}*") if p.is_file()]
        manifests = list((project.root / "cut").rglob("manifests/**/*.json"))
        assert len(manifests) <= 2 or seen < turn, "the last frame is not made after a cancel"
    done: list[Event] = []
    drain(session([*argv(project, "cut"), "--skip_done"]).run(), done.append)
    assert not [e.message for e in done if e.kind == "fail"]
    drain(session(argv(project, "whole")).run())
    assert contents(project.root / "cut") == contents(project.root / "whole")
