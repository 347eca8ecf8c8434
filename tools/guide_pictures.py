# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of docs/user-guide.md anew in a real window: `python tools/guide_pictures.py [PANEL ...]` (see `make guide`)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from tests.ui.__main__ import kept_installation  # noqa: E402

SUITE = "trixie"
PANELS = ("setup", "settle", "scale", "variants", "video")
OUT = ROOT / "docs" / "pictures" / "guide"


def main(panels: Sequence[str]) -> int:
    """Drive the guide's script once for each of the panels and keep its picture as a small JPEG; 0 where all went well."""
    failed = 0
    OUT.mkdir(parents=True, exist_ok=True)
    window = kept_installation(SUITE).copy()
    try:
        for panel in panels:
            run = window.drive("guide", panel, seconds=570, options=("--online-mode",), must_pass=False)
            if run.error or run.data.get("error"):
                failed += 1
                print(panel, run.error or run.data["error"])
                continue
            with Image.open(run.out / f"{panel}.png") as image:
                image.convert("RGB").save(OUT / f"{panel}.jpg", quality=80)
    finally:
        shutil.rmtree(window.program.work, ignore_errors=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or PANELS))
