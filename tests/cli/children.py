# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that a test sends signals to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def child_of(script: str, *arguments: str, says: str) -> Iterator[subprocess.Popen[str]]:
    """A Python that runs `script`, once it has said the line `says`; it is killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stdout.readline() == f"{says}\n", process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


def rest_of(process: subprocess.Popen[str]) -> list[str]:
    """The further lines that it says to its end; none of them may be an error."""
    out, errors = process.communicate(timeout=PATIENCE)
    assert not errors, errors
    return out.splitlines()
