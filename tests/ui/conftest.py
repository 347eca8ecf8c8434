# SPDX-License-Identifier: GPL-3.0-or-later
"""The built zip, installed into each of Debian's Blenders."""

from __future__ import annotations

from pathlib import Path

import pytest

import build_addon
from tests.debian import SUITES, cache_folder, find_program, starter_folder
from tests.ui.window import Installed, install


@pytest.fixture(scope="session")
def test_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension of this very checkout, with libraries for Debian's Pythons too."""
    out = tmp_path_factory.mktemp("zip")
    (path,) = build_addon.build(starter_folder(), cache_folder() / "wheels", out, is_test=True).values()
    return path


@pytest.fixture(scope="session", params=SUITES)
def installation(request: pytest.FixtureRequest, test_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The extension, installed once for each Blender. Tests take a copy."""
    program = find_program(request.param, tmp_path_factory.mktemp(request.param))
    return install(program, request.param, test_zip)


@pytest.fixture
def installed(installation: Installed) -> Installed:
    """A copy of the installation for one test."""
    return installation.copy()
