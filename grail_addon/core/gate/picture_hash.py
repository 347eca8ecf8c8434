# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells whether two pictures are the same to the eye of who buys a video of one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image


def picture_hash(path: Path) -> str:
    """Hex SHA-256 of the pixels: Blender writes date and render time into each PNG, and neither is worth a new clip.

    Raises OSError for a file that is missing or no picture.
    """
    with Image.open(path) as image:
        rgb = image.convert("RGB")
        digest = hashlib.sha256(f"{rgb.width}x{rgb.height}".encode())
        digest.update(rgb.tobytes())
    return digest.hexdigest()
