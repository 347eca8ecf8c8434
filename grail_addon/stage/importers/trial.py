# SPDX-License-Identifier: GPL-3.0-or-later
"""A first reading of a file by a process of its own, for formats whose importer may end the process that it runs in.

Binary USD keeps its arrays packed, so that only OpenUSD itself can say whether they fit together, and Blender's importer
trusts them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import bpy

from ...core.mesh_files.named import files_of
from ...core.mesh_files.usd import LAYERS

CHILD = Path(__file__).with_name("trial_child.py")
SECONDS = 120.0
SECONDS_PER_GB = 300.0
MEMORY_GB, MEMORY_PER_BYTE = 8.0, 60.0


def needs_trial(path: Path) -> bool:
    """Whether a file, or one that it is made of, is binary USD."""
    if path.suffix.lower() not in LAYERS:
        return False
    layers = [path, *(p for p in files_of(path) if p.suffix.lower() in LAYERS and p.is_file())]
    return any(not _is_text(layer) for layer in layers)


def _is_text(layer: Path) -> bool:
    with layer.open("rb") as handle:
        return handle.read(5) == b"#usda"


def trial_fault(path: Path, command: Sequence[str]) -> str:
    """What another process found wrong with reading `path`, as the end of a sentence; empty where it went well. command: of
    `trial_command`."""
    if zipfile.is_zipfile(path) is (path.suffix.lower() != ".usdz"):
        return (
            "it is no USD archive"
            if path.suffix.lower() == ".usdz"
            else "it is an archive, and its name should end in .usdz"
        )
    size = path.stat().st_size
    memory = int(MEMORY_GB * 2**30 + MEMORY_PER_BYTE * size)
    its_input, our_end = os.pipe()  # ours is open for as long as this process lives, and the other one looks at that
    try:
        done = subprocess.run(
            [*command, str(path), str(memory)], stdin=its_input,
            capture_output=True, timeout=SECONDS + SECONDS_PER_GB * size / 1e9, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "reading it does not end"
    except OSError as error:
        return f"no process could be started to read it ({error.strerror})"
    finally:
        os.close(its_input)
        os.close(our_end)
    lines = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith("{")]
    if not lines:
        return "it is damaged: reading it ended the reading process"
    found = json.loads(lines[-1])
    return str(found["fault"])


def trial_command() -> Sequence[str]:
    """How the other process is started: this Blender, or this Python."""
    if bpy.app.binary_path:
        return [bpy.app.binary_path, "-b", "--factory-startup", "-P", str(CHILD), "--"]
    return [sys.executable, str(CHILD), "--"]
