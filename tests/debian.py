# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Blenders, the real program, each in a Debian root folder that `make roots` made."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SUITES = ("trixie", "sid")
MINUTES = 9


def cache_folder() -> Path:
    """Where the Makefile keeps what it downloads or makes outside the tree."""
    given = os.environ.get("GRAIL_CACHE")
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grail-hoi"


def starter_folder() -> Path:
    """The starter assets that the tests use, built by the oldest Blender."""
    given = os.environ.get("GRAIL_STARTER_DIR")
    if not given:
        pytest.fail("GRAIL_STARTER_DIR names no starter assets; these tests run under `make test`")
    return Path(given)


@dataclass(frozen=True)
class Program:
    """A Blender in a root folder. work: a folder of ours that the program sees as /scratch."""

    root: Path
    work: Path

    def run(
        self,
        *command: str,
        repository: Path = REPOSITORY,
        environment: Mapping[str, str] | None = None,
        is_offline: bool = False,
        seconds: float = MINUTES * 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the root, started in the (read-only) repository.

        environment: variables beside the few that the root sets. is_offline: without any network, loopback included.
        """
        variables = [f"{name}={value}" for name, value in (environment or {}).items()]
        tool = [str(REPOSITORY / "tools" / "in_root.sh"), str(self.root), str(repository), str(self.work)]
        own = os.environ | {"IN_ROOT_OFFLINE": "1" if is_offline else ""}
        return subprocess.run(
            [*tool, "env", *variables, *command], capture_output=True, text=True, timeout=seconds, env=own, check=False
        )


def find_program(suite: str, work: Path) -> Program:
    """The Blender of a Debian suite. sid moves, so a broken one skips the test; trixie has to be there and to start."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("Debian's Blenders need Debian and root")
    roots = Path(os.environ.get("GRAIL_BLENDER_ROOTS") or cache_folder() / "roots")
    found = Program(roots / suite, work)
    why = "there is no such root; `make roots` makes it"
    if (found.root / ".made-of").is_file():
        check = found.run(
            "blender", "-b", "--factory-startup", "--python-exit-code", "7", "--python-expr", "import numpy"
        )
        if not check.returncode:
            return found
        why = f"its Blender does not start: {check.stderr.strip()[-300:]}"
    if suite == "sid":
        pytest.skip(f"Debian sid: {why}")
    pytest.fail(f"Debian {suite}: {why}")
