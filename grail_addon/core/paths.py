# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text has to be to name a file or folder, and what keeps a folder from being written to."""

from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import Path
from tempfile import TemporaryFile

MAX_PART_BYTES, MAX_PATH_BYTES = 255, 4095
"""What common file systems take for one part of a path, and for all of it."""


BELOW_BYTES = 400
"""What the paths of files in a results folder need beyond its own."""
PROBE_BYTES = 65536


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


def no_file(path: Path) -> str:
    """What is there instead of a file, as the end of a sentence; empty where nothing is."""
    try:
        if path.is_symlink() and not path.exists():
            return "is a broken link"
        if path.is_dir():
            return "is a folder"
        return "is a pipe or a device, and no file" if path.exists() and not path.is_file() else ""
    except (OSError, ValueError) as error:
        return "is a link to itself" if getattr(error, "errno", 0) == errno.ELOOP else ""


def home_path(text: str) -> Path:
    """`text` as a path, `~` and `~user` being home folders; one of a user that does not exist stays as it is."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def folder_fault(folder: Path) -> str:
    """What keeps `folder` from being a folder, as the end of a sentence; empty where nothing does."""
    length = len(os.fsencode(folder.absolute()))
    if length + BELOW_BYTES > MAX_PATH_BYTES:
        return f"has a path of {length} letters, and its files need {BELOW_BYTES} more: {MAX_PATH_BYTES} are the most"
    try:
        place = _nearest(folder)
        if not place.exists():
            return f"cannot be a folder: {place} is a broken link"
        if not place.is_dir():
            return f"cannot be a folder: {place} is a file"
    except OSError as error:
        return f"cannot be used: {error.strerror}"
    return ""


def check_writable(folder: Path) -> None:
    """Write a file without a name where `folder` is or would be made. Raises OSError where that is refused."""
    place = _nearest(folder)
    try:
        with TemporaryFile(dir=place, buffering=0) as file:
            file.write(bytes(PROBE_BYTES))
    except OSError as error:
        error.filename = str(place)
        raise


def _nearest(folder: Path) -> Path:
    """`folder`, or the nearest one above it that is there."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder
