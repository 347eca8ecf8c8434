# SPDX-License-Identifier: GPL-3.0-or-later
"""What no configuration may hold: numbers without end, paths that no system takes, files that are no configuration.

Each is refused in one line that names the place; odd cases by the thousand are made by `tests.config_fuzz`.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grail_addon.cli import main as cli
from grail_addon.core.config.base import MAX_NAME_BYTES
from grail_addon.core.config.check import value_at
from grail_addon.core.config.run import RunConfig
from grail_addon.core.errors import MAX_LINE, one_line
from tests.config_fuzz import KEYS, LIMIT_S, faults_of, fuzz_project, make_case
from tests.core.config.config_project import OBJECTS, PIPELINE, complaints, project, run
from tests.plan_project import make_project

FILE = "configs/gen_2dhoi/run.yaml"
CASES = 600


def test_odd_cases_end_in_a_sentence(tmp_path: Path) -> None:
    with fuzz_project(tmp_path) as folder:
        found = {seed: faults for seed in range(CASES) if (faults := faults_of(make_case(seed), folder))}
    assert not found


def _nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for name in reversed(path):
        value = {name: value}
    return value


def _numbers(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Key paths of the numbers in a dumped configuration, and how many stand there."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _numbers(inner, (*path, name))
    elif isinstance(value, (list, tuple)) and all(isinstance(v, (int, float)) for v in value):
        yield path, len(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, 1


LARGE = (1e300, -1e300, 10**30, -(10**30))


@pytest.mark.parametrize("large", LARGE, ids=str)
def test_every_number_has_bounds(large: float) -> None:
    """No key, whatever its type, takes a number as large as this one, alone or as one of three, four or two."""
    taken = []
    for path in KEYS:
        for value in (large, [large] * 2, [large] * 3, [0, 0, large, abs(large)], [large, 0.0, 0.0]):
            with contextlib.suppress(ValueError):
                RunConfig.model_validate(_nested(path, value))
                taken.append((path, value))
    assert not taken
    defaults = dict(_numbers(RunConfig().model_dump(), ()))
    walked = {tuple("sitting" if name == "terrain_stairs" else name for name in path) for path in defaults}
    assert len(walked) > 60 and walked <= set(KEYS), "the walk over all keys misses some"


BAD_VALUES = {
    "a share of 90": ("gate.near_share={fail_above: 90}", "fail_above should be from 0 to 1, but is 90"),
    "a share of 90 for a task": ("gate.tasks.sitting.near_share={fail_above: 90}", "fail_above should be from 0 to 1, but is 90"),
    "a level over white": ("gate.exposure={fail_above: 256}", "fail_above should be from 0 to 255, but is 256"),
    "an angle": ("scenes.stage.camera_azimuth=1e6", "from -3600 to 3600"),
    "a spread": ("scenes.stage.camera_azimuth_rand_max=1e9", "from -3600 to 3600"),
    "an angle of three": ("scenes.stage.obj_rot=[0, 0, 1e308]", "should be from -3600 to 3600, but is 1e+308"),
    "a position": ("scenes.stage.obj_pos=[1e308, 0, 0]", "should be from -10000 to 10000, but is 1e+308"),
    "a scale": ("scenes.stage.obj_scale=1e300", "should be from 1e-06 to 1e+06, but is 1e+300"),
    "a tiny scale": ("scenes.stage.obj_scale=[1, 1, 1e-300]", "should be from 1e-06 to 1e+06, but is 1e-300"),
    "a number of 5000 digits": ("seed=" + "9" * 5000, "a number of 5000 digits is too long"),
    "a hexadecimal one": ("seed=0x" + "f" * 5000, "a number of 5002 digits is too long"),
    "a control character in a path": ('character_dir="a\\0b"', "should be a path without control characters"),
    "a long path": (f"object_config={'x' * 300}", "is too long for a path"),
    "a long name": (f"scene={'x' * (MAX_NAME_BYTES + 1)}", "is too long for a file name"),
    "a dot for a name": ("character=..", "should be a name, not .."),
    "an escape in a key": ('"\\x1b[31m"=1', "unknown key"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_value_out_of_bounds(name: str, tmp_path: Path) -> None:
    given, words = BAD_VALUES[name]
    (line,) = complaints(project(tmp_path), "--set", given)
    assert words in line and line.isprintable() and len(line) <= MAX_LINE + 200


BAD_FILES = {
    "nesting": "a: " + "[" * 300 + "]" * 300,
    "nested keys": "".join(f"{' ' * depth}a:\n" for depth in range(300)),
    "an alias bomb": "".join(f"k{i}: &k{i} [{', '.join([f'*k{i - 1}'] * 9) if i else 'x'}]\n" for i in range(12)),
    "an alias of itself": "a: &a [*a]",
    "a key that is a list": "? [a, b]\n: 1",
    "a key that is a mapping": "? {a: 1}\n: 1",
    "a version of YAML that is not there": "%YAML 9.9\n---\na: 1",
    "a tag": "a: !!python/object:os.system x",
    "a tag of ours": "a: !mine x",
    "a NUL": "a: \0",
    "two documents": "---\na: 1\n---\nb: 1",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_configuration(name: str, tmp_path: Path) -> None:
    lines = complaints(project(tmp_path, BAD_FILES[name]))
    assert lines and all(line.startswith(FILE) and line.isprintable() for line in lines)


def front(folder: Path, *argv: str) -> tuple[int, str]:
    """Exit code and standard error of the command line in a project; nothing may have been written."""
    before = {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}
    err, back = io.StringIO(), Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
            code = cli.main(["--config", "run", *argv], folder)
    finally:
        os.chdir(back)
    assert {path: path.lstat().st_mtime_ns for path in folder.rglob("*")} == before
    return code, err.getvalue()


BAD_PLACES = {
    "results in a file": (["--results_dir", "pose.json"], "error: command line --results_dir: results_dir: cannot be a folder:"),
    "results below a file": (["--results_dir", "pose.json/a/b"], "error: command line --results_dir: results_dir: cannot be a folder:"),
    "results below a device": (["--results_dir", "/dev/null/x"], "error: command line --results_dir: results_dir: cannot be a folder:"),
    "a broken link": (["--results_dir", "link/x"], "error: command line --results_dir: results_dir: cannot be a folder:"),
    "a log that is a folder": (["--log_json", "."], "error: command line --log_json: `.` should be a file, but it is a folder."),
    "a log below a file": (["--log_json", "pose.json/log"], "error: command line --log_json: `pose.json/log` cannot be a folder:"),
    "the root as configuration": (["--config", "/"], "error: command line --config: `/` is a folder."),
    "a folder as configuration": (["--config", "configs"], "error: command line --config: `configs` is a folder."),
    "a long name of a configuration": (["--config", "x" * 300], "error: command line --config: is too long for a path"),
    "a NUL in a path": (["--config", "a\0b"], "error: command line --config: should be a path without control characters"),
    "a home that is not there": (["--set", "character_init_pose_file=~nouser/a"], "error: "),
    "a flag that is only dashes": (["--category=--"], "error: command line --category: should be followed by a value, not `--`."),
    "a path that is only dashes": (["--data_dir=--"], "error: command line --data_dir: should be followed by a value, not `--`."),
    "keys below a file": (["--env_file", "pose.json/x"], "error: command line --env_file: file `pose.json/x` not found."),
    "a count of 5000 digits": (["--num_job_chunks", "9" * 5000], "error: command line --num_job_chunks: should be a whole number from 1"),
    "broken letters": (["--character", "\udc80"], "error: command line --character: character:"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_PLACES)
def test_a_place_that_cannot_be(name: str, tmp_path: Path) -> None:
    make_project(tmp_path)
    (tmp_path / "link").symlink_to("nowhere")
    argv, words = BAD_PLACES[name]
    code, said = front(tmp_path, "--dry_run", *argv)
    assert code == 2
    assert said.startswith(words) and said.count("\n") == 1 and said[:-1].isprintable()


def test_a_key_is_shown_escaped_and_short(tmp_path: Path) -> None:
    (line,) = complaints(project(tmp_path, PIPELINE + '"\\x1b[2J\\n": 1\n'))
    assert "unknown key `\\x1b[2J\\n`" in line
    (line,) = complaints(project(tmp_path, PIPELINE, OBJECTS + f"  {'k' * 5000}: {{scene: stage, sceme: 1}}\n"))
    assert len(line) <= MAX_LINE
    assert one_line("ä\u00a0b\u2028c\ud800") == "ä b\\u2028c\\ud800"


def test_limits_at_their_bounds_are_taken(tmp_path: Path) -> None:
    name = "s" * MAX_NAME_BYTES
    pipeline = PIPELINE.replace("scenes:\n", f"scenes:\n  {name}: {{}}\n")
    request = run(
        project(tmp_path, pipeline), "--set", "gate.near_share={fail_above: 1, warn_above: 1}", "--set", "scenes.stage.obj_pos=[-10000, 10000, 0]",
        "--set", "scenes.stage.obj_rot=[3600, -3600, 0]", "--scene", name,
    )  # fmt: skip
    assert value_at(request.config.gate.model_dump(), ("near_share", "fail_above")) == 1
    assert LIMIT_S <= 2
