# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders to look for assets in."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.plan.assets import AssetRoot


@pytest.fixture
def user(tmp_path: Path) -> AssetRoot:
    return AssetRoot(tmp_path / "data")


@pytest.fixture
def starter(tmp_path: Path) -> AssetRoot:
    return AssetRoot(tmp_path / "starter", is_starter=True)
