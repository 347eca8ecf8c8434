# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Blenders, the real program, each in a Debian root folder that `make roots` made."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MINUTES = 5


@dataclass(frozen=True)
class Program:
    """A Blender in a root folder. work: a folder of ours that the program sees as /work."""

    root: Path
    work: Path

    def run(self, *command: str, repository: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
        """Run a command in the root, started in the (read-only) repository, with the starter assets in /scratch/starter."""
        tool = str(REPOSITORY / "tools" / "in_root.sh")
        return subprocess.run(
            [
                tool,
                str(self.root),
                str(repository),
                str(self.work),
                "env",
                "GRAIL_STARTER_DIR=/scratch/starter",
                *command,
            ],
            capture_output=True,
            text=True,
            timeout=MINUTES * 60,
        )

    def run_batch(self, *arguments: str, repository: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
        """The README's command."""
        return self.run("blender", "-b", "-P", "run_batch.py", "--", *arguments, repository=repository)


def _starter() -> Path:
    given = os.environ.get("GRAIL_STARTER_DIR")
    if not given:
        pytest.fail("GRAIL_STARTER_DIR names no starter assets; these tests run under `make test`")
    return Path(given)


@pytest.fixture(scope="module", params=["trixie", "sid"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Each Blender in turn. Debian sid moves, so a broken one is skipped; trixie has to be there and to start."""
    suite = request.param
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("Debian's Blenders need Debian and root")
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grail-hoi" / "roots"
    found = Program(Path(os.environ.get("GRAIL_BLENDER_ROOTS") or default) / suite, tmp_path_factory.mktemp(suite))
    why = "there is no such root; `make roots` makes it"
    if (found.root / ".made-of").is_file():
        check = found.run(
            "blender", "-b", "--factory-startup", "--python-exit-code", "7", "--python-expr", "import numpy"
        )
        if not check.returncode:
            shutil.copytree(_starter(), found.work / "starter")
            return found
        why = f"its Blender does not start: {check.stderr.strip()[-300:]}"
    if suite == "sid":
        pytest.skip(f"Debian sid: {why}")
    pytest.fail(f"Debian {suite}: {why}")
