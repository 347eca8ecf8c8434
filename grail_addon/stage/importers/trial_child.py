# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that reads a USD file first, see `trial`: prints `{"fault": ...}`. Imports nothing of ours."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import bpy
import numpy as np


def fault() -> str:
    """What is wrong with the meshes that were read, as the end of a sentence."""
    for mesh in bpy.data.meshes:
        points = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", points)
        if not np.isfinite(points).all():
            return "some of its coordinates are not numbers"
        corners = np.empty(len(mesh.loops), np.int32)
        mesh.loops.foreach_get("vertex_index", corners)
        if len(corners) and not 0 <= corners.min() <= corners.max() < len(mesh.vertices):
            worst = corners.min() if corners.min() < 0 else corners.max()
            return f"its faces name point {worst}, and there are {len(mesh.vertices)}"
    return ""


def end_with_starter() -> None:
    """End this process when the one that started it is gone: its end of standard input is closed then."""
    threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
    if sys.platform == "linux":  # an importer lets no thread run
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def main(path: Path, memory: int) -> str:
    """Read the file; what is wrong with it."""
    end_with_starter()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    known = bpy.ops.wm.usd_import.get_rna_type().properties.keys()
    options = {"validate_meshes": False} if "validate_meshes" in known else {}
    try:
        bpy.ops.wm.usd_import(filepath=str(path), **options)
    except RuntimeError as error:
        return " ".join(str(error).replace("Error: ", "").split()).rstrip(".")
    return fault()


if __name__ == "__main__":
    arguments = sys.argv[sys.argv.index("--") + 1 :]
    answer = json.dumps({"fault": main(Path(arguments[0]), int(arguments[1]))})
    sys.stdout.write(f"\n{answer}\n")
    sys.stdout.flush()
    # past Blender's own end, which waits for ever in some builds where a thread is still there
    shutil.rmtree(bpy.app.tempdir, ignore_errors=True)
    os._exit(0)
