# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's command in Debian's Blenders, with the starter assets at /scratch/starter."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.debian import REPOSITORY, SUITES, Program, find_program, starter_folder


@dataclass(frozen=True)
class BatchProgram(Program):
    """A Blender that runs a checkout's batch front."""

    def run_batch(self, *arguments: str, repository: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
        """The README's command."""
        environment = {"GRAIL_STARTER_DIR": "/scratch/starter"}
        command = ("blender", "-b", "-P", "run_batch.py", "--", *arguments)
        return self.run(*command, repository=repository, environment=environment)


@pytest.fixture(scope="module", params=SUITES)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BatchProgram:
    """Each Blender in turn."""
    found = find_program(request.param, tmp_path_factory.mktemp(request.param))
    shutil.copytree(starter_folder(), found.work / "starter")
    return BatchProgram(found.root, found.work)
