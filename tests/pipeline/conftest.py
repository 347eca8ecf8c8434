# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox, and a project whose paid steps speak with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grail_addon.sandbox.server import SandboxServer
from tests.pipeline.video_project import VideoProject, sandbox_server


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with sandbox_server() as server:
        yield server


@pytest.fixture
def project(sandbox: SandboxServer, tmp_path: Path) -> VideoProject:
    return VideoProject(tmp_path, sandbox.url)
