# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of docs/user-guide.md anew in a real window: `python tools/guide_pictures.py` (see `make guide`)."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from tests.ui.__main__ import kept_installation  # noqa: E402

SUITE = "trixie"
SIZE = (1280, 1000)
OUT = ROOT / "docs" / "pictures" / "guide"


def main() -> int:
    """Drive the guide's script and keep its pictures as small JPEGs; the exit code is the script's."""
    window = dataclasses.replace(kept_installation(SUITE).copy(), size=SIZE)
    try:
        run = window.drive("guide", seconds=570, must_pass=False)
        OUT.mkdir(parents=True, exist_ok=True)
        for picture in sorted(run.out.glob("guide_*.png")):
            with Image.open(picture) as image:
                image.convert("RGB").save(OUT / f"{picture.stem.removeprefix('guide_')}.jpg", quality=80)
            print(picture.stem)
    finally:
        shutil.rmtree(window.program.work, ignore_errors=True)
    print(run.error or dict(run.data))
    return run.code


if __name__ == "__main__":
    sys.exit(main())
