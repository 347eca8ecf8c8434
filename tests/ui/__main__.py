# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries one script in a window, in seconds: `python -m tests.ui trixie|sid SCRIPT [ARGUMENTS]`.

Keeps an installation in build/ui/, brings its Python files and configs up to date from this checkout, and prints what the
script recorded. The screenshots are in build/screenshots/. After a change of the libraries: delete build/ui/.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence

import build_addon
from tests.debian import REPOSITORY, Program, cache_folder, find_program, starter_folder
from tests.ui.window import SCREENSHOTS, Installed, install


def kept_installation(suite: str) -> Installed:
    """The installation in build/ui/, made where it is missing, with the checkout's present sources."""
    folder = REPOSITORY / "build" / "ui"
    work = folder / suite
    if not (work / "user").is_dir():
        work.mkdir(parents=True, exist_ok=True)
        zips = build_addon.build(starter_folder(), cache_folder() / "wheels", folder / "zip", is_test=True)
        return install(find_program(suite, work), suite, next(iter(zips.values())))
    installed = Installed(Program(cache_folder() / "roots" / suite, work), suite)
    extension = work / "user" / "extensions" / "user_default" / "grail_hoi"
    for old in extension.iterdir():
        if old.is_dir() and old.name not in ("assets", "wheels"):
            shutil.rmtree(old)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "grail_addon", extension, ignore=ignored, dirs_exist_ok=True)
    shutil.copytree(REPOSITORY / "configs", extension / "configs")
    return installed


def main(argv: Sequence[str]) -> int:
    """Run a script; returns Blender's exit code. TRY_ONLINE=1: with the network of this machine, for the sandbox."""
    suite, script, *arguments = argv
    is_online = bool(os.environ.get("TRY_ONLINE"))
    options = ("--online-mode",) if is_online else ()
    window = kept_installation(suite).copy()
    try:
        run = window.drive(script, *arguments, seconds=570, is_offline=not is_online, options=options, must_pass=False)
    finally:
        shutil.rmtree(window.program.work, ignore_errors=True)
    print(run.log, json.dumps(run.data, indent=1), f"exit code {run.code} after {run.seconds} s", sep="\n")
    print(f"pictures: {SCREENSHOTS / suite}")
    return run.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
