# SPDX-License-Identifier: GPL-3.0-or-later
"""Where this copy of the program keeps what it brings along."""

from __future__ import annotations

from pathlib import Path


def project_root() -> Path:
    """The folder that holds `configs/` and `assets/`: the package's own in an installed extension, else the checkout."""
    package = Path(__file__).resolve().parents[1]
    return package if (package / "configs").is_dir() else package.parent
