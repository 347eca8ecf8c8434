# SPDX-License-Identifier: GPL-3.0-or-later
"""Empty files with their folders."""

from __future__ import annotations

from pathlib import Path


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
