# SPDX-License-Identifier: GPL-3.0-or-later
"""Hash of a picture's pixels: equal for frames that differ in metadata alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image


def picture_hash(path: Path) -> str:
    """Hex SHA-256 of the pixels. Blender writes date and render time into each PNG; neither needs a new video.

    Raises OSError for a file that is missing or no picture.
    """
    with Image.open(path) as image:
        rgb = image.convert("RGB")
        digest = hashlib.sha256(f"{rgb.width}x{rgb.height}".encode())
        digest.update(rgb.tobytes())
    return digest.hexdigest()
