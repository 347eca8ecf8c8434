# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text has to be to name a file or folder, and what keeps a folder from being written to."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

MAX_PART_BYTES, MAX_PATH_BYTES = 255, 4095
"""What common file systems take for one part of a path, and for all of it."""


def path_fault(text: str) -> str:
    """Why `text` can name no file on any system, as the end of a sentence; empty where it can."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        return "should be a path without control characters"
    parts = [len(part.encode()) for part in text.replace("\\", "/").split("/")]
    if max(parts) > MAX_PART_BYTES or sum(parts) > MAX_PATH_BYTES:
        return f"is too long for a path: {MAX_PART_BYTES} letters between slashes, {MAX_PATH_BYTES} in all"
    return ""


def is_file(path: Path) -> bool:
    """Whether a file is there; False as well where it cannot be looked at."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_dir(path: Path) -> bool:
    """Whether a folder is there; False as well where it cannot be looked at."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def home_path(text: str) -> Path:
    """`text` as a path, `~` and `~user` being home folders; one of a user that does not exist stays as it is."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def folder_fault(folder: Path, to_write: bool = True) -> str:
    """What keeps `folder` from being made (and, `to_write`, written to), as the end of a sentence; empty where nothing
    does. Nothing is written; the disk may still be full."""
    place = folder
    try:
        while not os.path.lexists(place) and place != place.parent:
            place = place.parent
        if not place.exists():
            return f"cannot be a folder: {place} is a broken link"
        if not place.is_dir():
            return f"cannot be a folder: {place} is a file"
        if to_write and not os.access(place, os.W_OK | os.X_OK):
            return f"cannot be written to: {place} is read-only for you"
    except OSError as error:
        return f"cannot be used: {error.strerror}"
    return ""
