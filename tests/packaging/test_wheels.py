# SPDX-License-Identifier: GPL-3.0-or-later
"""The check that every compiled library covers every Python of every platform, and what the manifest says."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import build_addon
import grail_addon
from tools import wheels
from tools.wheels import Target

LINUX = "manylinux_2_28_x86_64"
WANTED = ["pillow==13.0.0", "av==18.1.0", "rich==15.0.0"]
COMPLETE = {
    f"pillow-13.0.0-cp311-cp311-{LINUX}.whl",
    f"pillow-13.0.0-cp313-cp313-{LINUX}.whl",
    f"av-18.1.0-cp311-abi3-{LINUX}.whl",
    "rich-15.0.0-py3-none-any.whl",
}


@pytest.mark.parametrize("python", wheels.PYTHONS)
def test_a_complete_set_has_no_gap(python: str) -> None:
    assert wheels.gaps(WANTED, COMPLETE, Target("linux-x64", python)) == []


def test_a_library_that_lacks_one_python_is_named() -> None:
    lacking = COMPLETE - {f"pillow-13.0.0-cp313-cp313-{LINUX}.whl"}
    assert wheels.gaps(WANTED, lacking, Target("linux-x64", "3.11")) == []
    (problem,) = wheels.gaps(WANTED, lacking, Target("linux-x64", "3.13"))
    assert problem == "linux-x64, Python 3.13, pillow: no wheel fits"


def test_two_wheels_for_one_python_are_named() -> None:
    double = {*COMPLETE, "pillow-13.0.0-py3-none-any.whl"}
    (problem,) = wheels.gaps(WANTED, double, Target("linux-x64", "3.11"))
    assert "2 wheels fit" in problem


@pytest.mark.parametrize(
    ("wheel", "python", "fits"),
    [
        (f"av-18.1.0-cp311-abi3-{LINUX}.whl", "3.14", True),
        (f"av-18.1.0-cp313-abi3-{LINUX}.whl", "3.11", False),
        (f"pillow-13.0.0-cp311-cp311-{LINUX}.whl", "3.13", False),
        (f"jiter-0.19.0-cp313-cp313t-{LINUX}.whl", "3.13", False),
        ("six-1.0-py2.py3-none-any.whl", "3.11", True),
    ],
)
def test_a_wheel_fits_its_python(wheel: str, python: str, fits: bool) -> None:
    assert Target("linux-x64", python).fits(wheel) == fits


def test_what_is_blenders_own_or_has_no_wheel_is_not_bundled(tmp_path: Path) -> None:
    listed = tmp_path / "runtime.txt"
    listed.write_text("# ours\nnumpy==2.0\nrequests==2.34.2\ncoacd==1.0.14  # uneven supports\nPyYAML==6.0.4\n")
    assert wheels.bundled(listed, "linux-x64") == ["coacd==1.0.14", "PyYAML==6.0.4"]
    assert wheels.bundled(listed, "macos-x64") == ["PyYAML==6.0.4"]


def test_a_wheel_that_wants_a_later_macos_is_told() -> None:
    names = ["av-18.1.0-cp311-abi3-macosx_14_0_arm64.whl", "pillow-13.0.0-cp311-cp311-macosx_11_0_arm64.whl"]
    assert wheels.demands(names) == ["av needs macOS 14 there"]


def test_the_manifest_is_of_this_version_and_lists_platforms_and_wheels_before_its_tables() -> None:
    contents = build_addon.Contents(Path("starter"), Path("cache"), {"linux-x64": frozenset(COMPLETE)})
    manifest = tomllib.loads(build_addon.manifest_text(contents))
    assert manifest["version"] == grail_addon.__version__
    assert manifest["platforms"] == ["linux-x64"]
    assert manifest["wheels"] == sorted(f"./wheels/{name}" for name in COMPLETE)
    assert set(manifest["permissions"]) == {"network", "files"}


def starter(folder: Path, version: str) -> Path:
    (folder / "starter.json").write_text(
        json.dumps({"parts": {"room": {"blender": version}, "objects": {"blender": ""}}})
    )
    return folder


def test_starter_assets_of_a_later_blender_are_refused(tmp_path: Path) -> None:
    assert build_addon.starter_series(starter(tmp_path, "4.2.23 LTS")) == "4.2"
    with pytest.raises(SystemExit, match=r"Blender 5\.0 built"):
        build_addon.starter_series(starter(tmp_path, "5.0.1"))


WITHOUT = """
import sys
sys.modules["av"] = sys.modules["coacd"] = None  # an import of either fails
import grail_addon.cli.main
from grail_addon.services.video_files import missing_library
(problem,) = missing_library()
print(problem)
"""


def test_the_pipeline_loads_without_the_libraries_that_a_platform_may_lack() -> None:
    root = Path(build_addon.__file__).parent
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "macOS 14" in done.stdout
