# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock that the operating system drops when its holder dies, so a killed process never leaves work locked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _try_lock(fd: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def try_file_lock(path: Path) -> Iterator[bool]:
    """Yield True while this process holds the lock file `path`, or False at once when another one does.

    The file stays on disk (removing it would race with the next holder); it is empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _try_lock(fd)
    finally:
        os.close(fd)  # closing drops the lock on every platform
