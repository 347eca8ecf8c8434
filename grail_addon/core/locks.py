# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file system has locks: where it has none, waiting for one would never end."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .errors import Problem, UserError

_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


def check_locks(folder: Path) -> None:
    """Raise UserError where files in `folder` cannot be locked."""
    if os.name == "nt":
        return
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".lock-test-{os.getpid()}"
    try:
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        message = f"The file system of {folder} has no file locks ({error.strerror}), so two processes could do the same work."
        fix = "Mount it with locks (NFS: not `nolock`; Lustre: `flock`), or take a results folder on another disk."
        raise UserError(Problem(message, fix)) from None
    finally:
        path.unlink(missing_ok=True)
