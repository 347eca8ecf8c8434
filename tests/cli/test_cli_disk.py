# SPDX-License-Identifier: GPL-3.0-or-later
"""What the disk refuses is one sentence: exit code 2 before a run, 1 in it, said once, never a fault of the program."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grail_addon.core.errors import _NO_ROOM
from grail_addon.core.files import TEMP_MARK, write_text
from tests.cli.test_cli import MUG, Front, front  # noqa: F401 (the fixture)


@pytest.mark.parametrize("place", ["/proc/results", "/proc/self/results"])
def test_a_folder_that_takes_no_file_is_2(front: Front, place: str) -> None:  # noqa: F811
    before = front.files
    assert front(*MUG, "--results_dir", place) == 2
    assert front.err.startswith(f"error: {Path(place).parent}") and front.err.count("\n") == 1
    assert "fault in the program" not in front.err + front.out
    assert front.files == before and not front.workshops


def test_a_file_for_a_results_folder_is_2(front: Front) -> None:  # noqa: F811
    assert front(*MUG, "--results_dir", "pose.json/below") == 2
    assert "results_dir: cannot be a folder:" in front.err and front.err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the super-user writes everywhere")
def test_a_folder_of_somebody_else_is_2(front: Front, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "locked").mkdir(mode=0o555)
    assert front(*MUG, "--results_dir", "locked") == 2
    assert "no permission." in front.err and front.err.count("\n") == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "the disk is full."), (errno.EROFS, "the disk is read-only."), (errno.EDQUOT, "used up.")],
)
def test_a_full_disk_in_the_run_is_1_and_said_once(front: Front, code: int, words: str) -> None:  # noqa: F811
    """Three objects with two frames each: the first frame meets the full disk, and nothing after it is tried."""

    def full(_: object) -> None:
        raise OSError(code, os.strerror(code), "out/depth.exr")

    front.before = full
    assert front() == 1
    said = front.out + front.err
    assert said.count(words) == 1
    assert "fault in the program" not in said
    assert "8 failed, 7 of them not tried" in said
    (workshop,) = front.workshops
    assert [method for method, _ in workshop.calls if method != "sizes"] == ["open", "settle", "render", "close"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a disk can be mounted by the super-user alone")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> None:
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_real_disk_that_is_full_before_the_run(front: Front, small_disk: Path) -> None:  # noqa: F811
    fill(small_disk)
    assert front(*MUG, "--results_dir", "disk/out") == 2
    assert front.err == f"error: {small_disk}: results_dir: the disk is full. {_NO_ROOM}\n"


def test_a_real_disk_that_fills_up_in_the_run(front: Front, small_disk: Path) -> None:  # noqa: F811
    front.before = lambda _: fill(small_disk)
    assert front("--results_dir", "disk/out") == 1
    said = front.out + front.err
    assert said.count("the disk is full.") == 1 and "8 failed, 7 of them not tried" in said
    assert not list(small_disk.rglob(f"{TEMP_MARK}*")), "nothing half-written stays"


def test_one_file_that_cannot_be_written_is_one_failure(front: Front) -> None:  # noqa: F811
    def too_long(item: object) -> None:
        write_text(front.folder / "out" / ("x" * 300), "")

    front.before = too_long
    assert front(*MUG) == 1
    assert "this path is too long for the disk." in front.out and "2 failed" in front.out
    assert "fault in the program" not in front.out


def test_a_folder_so_deep_that_its_files_have_no_names_is_2(front: Front) -> None:  # noqa: F811
    before = front.files
    assert front(*MUG, "--results_dir", "/".join(["y" * 200] * 19)) == 2
    assert "results_dir: has a path of" in front.err and "4095 are the most" in front.err
    assert front.err.count("\n") == 1 and front.files == before


@pytest.mark.skipif(os.name == "nt", reason="pipes and links")
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pipe", "is a pipe or a device, and no file"),
        ("folder", "is a folder"),
        ("broken", "is a broken link"),
        ("loop", "is a broken link"),
    ],
)
@pytest.mark.parametrize("flag", ["--config", "--env_file"])
def test_what_is_no_file_is_told(front: Front, kind: str, words: str, flag: str) -> None:  # noqa: F811
    place = front.folder / "odd.yaml"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("odd.yaml" if kind == "loop" else "nowhere.yaml")
    assert front(*MUG, flag, "odd.yaml") == 2
    assert front.err.count("\n") == 1 and f"`odd.yaml` {words}." in front.err


def test_a_results_folder_that_goes_in_the_run_is_told(front: Front) -> None:  # noqa: F811
    front.before = lambda _: shutil.rmtree(front.folder / "out", ignore_errors=True)
    assert front(*MUG) in (0, 1)
    said = front.out + front.err
    assert "fault in the program" not in said and "Traceback" not in said


def test_a_results_folder_that_becomes_a_file_in_the_run_is_told(front: Front) -> None:  # noqa: F811
    def spoil(_: object) -> None:
        shutil.rmtree(front.folder / "out", ignore_errors=True)
        (front.folder / "out").write_text("")

    front.before = spoil
    assert front(*MUG) == 1
    said = front.out + front.err
    assert "fault in the program" not in said and "Traceback" not in said
