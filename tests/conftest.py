# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by all tests: bpy only where it is asked for, and an exit that its module survives."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine is no fault of the code under test, and the same tree gives the same result. New cases are looked for
# with HYPOTHESIS_PROFILE=search.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

_exit_code = 0


@pytest.fixture
def empty_file() -> Iterator[None]:
    """A Blender file with nothing in it, factory settings."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    yield


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    global _exit_code
    _exit_code = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    # bpy 4.2 crashes and 4.5 can hang when the interpreter tears the module down after some importers ran
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_exit_code)
