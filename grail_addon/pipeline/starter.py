# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the starter set lies that the Blender at hand can open."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..core.plan.assets import AssetRoot

STARTER_ENV = "GRAIL_STARTER_DIR"


def blender_series() -> tuple[int, int] | None:
    """Series of the Blender that this Python runs in or has as a module, which is not loaded for it; None without."""
    running = sys.modules.get("bpy")
    if running is not None:
        major, minor = running.app.version[:2]
        return int(major), int(minor)
    try:
        numbers = version("bpy").split(".")
    except PackageNotFoundError:
        return None
    return int(numbers[0]), int(numbers[1])


def starter_roots(project_root: Path, series: tuple[int, int] | None) -> list[AssetRoot]:
    """Starter sets that a Blender of this series can open: built by it or an older one, the newest first.

    series: None where there is no Blender, so that nothing is to be opened: all sets.
    """
    given = os.environ.get(STARTER_ENV)
    if given:
        return [AssetRoot(Path(given), is_starter=True)]
    assets = project_root / "assets"
    found = []
    for folder in assets.glob("blender-*.*"):
        major, _, minor = folder.name.removeprefix("blender-").partition(".")
        if major.isdigit() and minor.isdigit() and (series is None or (int(major), int(minor)) <= series):
            found.append(((int(major), int(minor)), folder))
    own = assets if series is None else assets / f"blender-{series[0]}.{series[1]}"
    folders = [folder for _, folder in sorted(found, reverse=True)] or [own]
    return [AssetRoot(folder, is_starter=True) for folder in folders]
