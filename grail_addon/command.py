# SPDX-License-Identifier: GPL-3.0-or-later
"""`blender --command grail --config manipulation.yaml ...`: the batch front of the installed extension."""

from __future__ import annotations

import sys
from typing import Any

import bpy

COMMAND = "grail"

_handles: list[Any] = []


def run(argv: list[str]) -> int:
    """What Blender calls with the arguments after the command's name; returns the exit code."""
    # imported here: enabling the extension must not wait for the pipeline's libraries
    from .cli.main import main
    from .core.project import project_root

    try:
        return main(argv, project_root())
    except SystemExit as error:  # argparse's --help
        return error.code if isinstance(error.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def register() -> None:
    _handles.append(bpy.utils.register_cli_command(COMMAND, run))


def unregister() -> None:
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
