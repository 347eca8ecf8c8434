# SPDX-License-Identifier: GPL-3.0-or-later
"""An installed extension in a real Blender window, outside: installs the zip, starts windows, hands back what they left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.debian import REPOSITORY, Program

HERE = Path(__file__).resolve().parent
SCREENSHOTS = REPOSITORY / "build" / "screenshots"
EXTENSION = "bl_ext.user_default.grail_hoi"
TICK_MS = 8.0
"""What a timer of ours may take of the window's main thread at a time."""
BACKENDS = {"trixie": "BACKGROUND", "sid": "THIS"}
"""Where a suite's frames are rendered: 4.3's render job does not live under software OpenGL."""
USER = {
    "HOME": "/scratch/home",
    "BLENDER_USER_RESOURCES": "/scratch/user",
    "MESA_SHADER_CACHE_DIR": "/var/tmp/mesa",
}


@dataclass(frozen=True)
class WindowRun:
    """How a script in a window ended. code: Blender's exit code; data: what the script recorded; out: its folder, with the
    screenshots; log: what Blender printed; slowness: of the machine meanwhile, as in `speed`."""

    code: int
    error: str
    data: Mapping[str, Any]
    seconds: float
    out: Path
    log: str
    slowness: float = 1.0


@dataclass(frozen=True)
class Installed:
    """A Blender whose user folder holds the installed extension; each window gets a copy of it, or goes on with one.

    program.work is the folder that Blender sees as /scratch; `user` in it is Blender's user folder.
    """

    program: Program
    suite: str
    size: tuple[int, int] = (1280, 800)
    kept: list[Path] = field(default_factory=list)

    @property
    def backend(self) -> str:
        """Where frames are rendered: THIS or BACKGROUND, as the preference."""
        return BACKENDS[self.suite]

    def copy(self) -> Installed:
        """The same installation in a folder of its own."""
        work = self.program.work.with_name(f"{self.program.work.name}-{uuid.uuid4().hex[:6]}")
        make_user_folder(work)
        shutil.copytree(
            self.program.work / "user", work / "user", copy_function=os.link, dirs_exist_ok=True, symlinks=True
        )
        return Installed(Program(self.program.root, work), self.suite, self.size)

    def blender(
        self, *arguments: str, is_offline: bool = True, seconds: float = 540
    ) -> subprocess.CompletedProcess[str]:
        """Run Blender without a window, with the installed extension; the checkout is not to be seen from there."""
        return self.program.run(
            "blender", *arguments, repository=HERE, environment=USER, is_offline=is_offline, seconds=seconds
        )

    def drive(
        self,
        script: str,
        *arguments: str,
        seconds: float = 540,
        is_offline: bool = True,
        simulate: bool = True,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        must_pass: bool = True,
    ) -> WindowRun:
        """Run `tests/ui/scripts/{script}.py` in a window; its screenshots also go to build/screenshots/{suite}/.

        arguments: `ui.arguments` of the script. options: further ones of Blender's command line, such as a file to open.
        simulate: False where xdotool sends real keys. Raises AssertionError with the script's traceback where it failed.
        """
        name = f"{script}-{uuid.uuid4().hex[:6]}"
        out = self.program.work / "out" / name
        out.mkdir(parents=True)
        width, height = self.size
        window = ("sh", "window.sh", str(width), str(height), str(round(seconds)))
        simulated = ("--enable-event-simulate",) if simulate else ()
        done = self.program.run(
            *window, "blender", *simulated, *options, "-p", "0", "0", str(width), str(height), "--gpu-backend", "opengl",
            "--python-exit-code", "7", "--python", "/repository/driver.py", "--", f"/repository/scripts/{script}.py",
            f"/scratch/out/{name}", *arguments,
            repository=HERE, environment={**USER, **(environment or {})}, is_offline=is_offline, seconds=seconds + 60,
        )  # fmt: skip
        run = read_run(out, done)
        keep_pictures(out, SCREENSHOTS / self.suite)
        if must_pass:
            assert run.code == 0, f"{script} in {self.suite} ended with {run.code}\n{run.error}\n{run.log[-4000:]}"
        return run


def read_run(out: Path, done: subprocess.CompletedProcess[str]) -> WindowRun:
    """What a window left behind; a window that was stopped or crashed left no result.json."""
    path = out / "result.json"
    result = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    error = result.get("error", "the window ended before its script did")
    log = done.stdout + done.stderr
    seconds, slowness = result.get("seconds", 0.0), result.get("slowness", 1.0)
    return WindowRun(done.returncode, error, result.get("data", {}), seconds, out, log, slowness)


TRIES = 3


def quickest(installed: Installed, script: str, milliseconds: Callable[[WindowRun], float]) -> tuple[WindowRun, float]:
    """Drive a script in copies of an installation until what it measures is within TICK_MS, at most TRIES times: other programs
    only add to it. Returns a run and its milliseconds, as the machine that the limit was set on would have taken; those are
    the least of all tries."""
    runs: list[tuple[WindowRun, float]] = []
    while len(runs) < TRIES and (not runs or runs[-1][1] >= TICK_MS):
        run = installed.copy().drive(script)
        runs.append((run, milliseconds(run) / run.slowness))
    return min(runs, key=lambda found: found[1])


def keep_pictures(out: Path, folder: Path) -> None:
    """Copy a window's screenshots to where a person looks at them."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in out.glob("*.png"):
        shutil.copyfile(picture, folder / picture.name)


def make_user_folder(work: Path) -> None:
    """An empty user folder; Blender looks at the real one where a part is missing."""
    for name in ("config", "scripts", "extensions"):
        (work / "user" / name).mkdir(parents=True)
    (work / "home").mkdir()


def install(program: Program, suite: str, zip_file: Path) -> Installed:
    """Install a zip into an empty user folder, without any network, as `Install from Disk` does."""
    make_user_folder(program.work)
    os.link(zip_file, program.work / "extension.zip")
    installed = Installed(program, suite)
    done = installed.blender(
        "--command", "extension", "install-file", "-r", "user_default", "-e", "/scratch/extension.zip"
    )
    # the exit code is 0 where nothing was installed
    folder = program.work / "user" / "extensions" / "user_default" / "grail_hoi"
    assert folder.is_dir(), f"not installed in {suite}:\n{done.stdout}{done.stderr}"
    return installed
