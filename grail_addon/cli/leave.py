# SPDX-License-Identifier: GPL-3.0-or-later
"""How a process of ours ends: at once, since some builds of the bpy module crash or hang in their own teardown."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

SESSION_PREFIX = "blender_"
"""What Blender begins the name of a session's temporary folder with."""


def session_folder() -> Path | None:
    """Blender's temporary folder of this session; None where Blender is not loaded."""
    bpy = sys.modules.get("bpy")
    folder = getattr(getattr(bpy, "app", None), "tempdir", "")
    return Path(folder) if folder and Path(folder).name.startswith(SESSION_PREFIX) else None


def end_process(code: int) -> NoReturn:
    """Leave with `code`, without Python's or Blender's teardown; may be called from any thread.

    Blender would have removed its session's temporary folder in it, so that is done here, where Blender was loaded.
    """
    folder = session_folder()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(code)
