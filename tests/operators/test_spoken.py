# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong, in the window's words: the panel's name of a setting comes first, the place in the file last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operators.blender import run

CODE = """
from grail_addon.core.errors import Problem
from grail_addon.operators.spoken import spoken, spoken_problem

def say():
    return {
        "key": spoken_problem(Problem("should be true or false, not 3.", key_path="rendering.denoise", file="/x/mine.yaml", line=4)),
        "here": spoken_problem(Problem("should be true or false, not 3.", key_path="character", file="panel Person")),
        "object": spoken_problem(Problem("should be true or false, not 3.", key_path="objects.mug.obj_scale", file="panel")),
        "file": spoken_problem(Problem("unknown key `x`.", "Did you mean y?", key_path="simulation.x", file="a/mine.yaml", line=7)),
        "whole": spoken_problem(Problem("is not a UTF-8 text file.", file="panel Pipeline File")),
        "disk": spoken_problem(Problem("the disk is full.", "Name another folder with --results_dir.", file="/x/frame.png")),
        "flag": spoken("The clip cannot be fetched now: HTTP 404. Run again with --resume to fetch it; it is paid already."),
        "settle": spoken("It fell off table_1. In 3 s more it moved 2.5 mm and turned 0.1 degrees."),
        "clip": spoken("The vision model says that the object is not moved."),
        "nested": spoken("not rendered: no placement fits: the object hangs over the edge of desk (in 5 of 9 placements)."),
    }

told["english"] = say()
view = bpy.context.preferences.view
languages = [name for name in ("de_DE", "de") if name in bpy.app.translations.locales]
if languages:
    view.language = languages[0]
    view.use_translate_interface = True
    told["german"] = say()

from grail_addon.operators import running
from grail_addon.operators.state import STATE
from grail_addon.core.errors import InputError
Path("mine.yaml").write_text("x: 1")
running.show_error(InputError([Problem("no.", file="panel Results"), Problem("no.", file="mine.yaml", line=1)]))
told["file"] = STATE.error.file
running.show_error(PermissionError(13, "Permission denied", "/x/frame.png"))
told["denied"] = spoken_problem(STATE.error.problems[0])
running.show_error(ZeroDivisionError("a fault"))
told["fault"] = [spoken_problem(STATE.error.problems[0]), "Traceback" in STATE.error.detail or "ZeroDivisionError" in STATE.error.detail]
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return run(CODE, tmp_path_factory.mktemp("spoken"))


def test_the_panels_name_comes_first_and_the_place_last(told: dict) -> None:
    said = told["english"]
    assert said["key"] == "Denoise: should be true or false, not 3. (mine.yaml, line 4)"
    assert said["here"] == "Person: should be true or false, not 3."
    assert said["object"] == "mug, Scale: should be true or false, not 3."
    assert said["file"] == "Pipeline File, simulation.x: unknown key `x`. Did you mean y? (mine.yaml, line 7)"
    assert said["whole"] == "Pipeline File: is not a UTF-8 text file."
    assert said["disk"] == "The disk is full. Choose another Results folder in Setup. (/x/frame.png)"


def test_the_window_does_not_speak_of_flags(told: dict) -> None:
    expected = "The clip cannot be fetched now: HTTP 404. Click Resume in Video to fetch it; it is paid already."
    assert told["english"]["flag"] == expected
    assert told["fault"] == ["ZeroDivisionError: a fault. This is a fault in the program; Copy Details has more.", True]
    assert told["denied"] == "No permission. Change the permissions, or name another folder. (/x/frame.png)"


def test_the_file_at_fault_is_one_that_is_there(told: dict) -> None:
    assert Path(told["file"]).name == "mine.yaml" and Path(told["file"]).is_absolute()


def test_german(told: dict) -> None:
    if "german" not in told:
        pytest.skip("this Blender brings no languages")
    said = told["german"]
    assert said["key"] == "Entrauschen: sollte true oder false sein, nicht 3. (mine.yaml, Zeile 4)"
    assert said["settle"].startswith("Er ist heruntergefallen von: table_1. In 3 weiteren Sekunden")
    assert said["clip"] == "Das Bildmodell sagt: der Gegenstand wird nicht bewegt."
    assert "der Gegenstand ragt über die Kante: desk (bei 5 von 9 Aufstellungen)" in said["nested"]
