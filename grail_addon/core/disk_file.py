# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the results folder as manifests list them, and files that are opened once for all who want to know of them: a
folder on a network answers each open and each look at a name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

Entry = dict[str, Any]
"""{"path" relative to the results folder, "sha256", "stat": size, time in ns and inode}; of a file that is not there, an
empty hash alone, so that its item is never up to date."""


class Readable(Protocol):
    """A path, or a file that was read before."""

    @property
    def name(self) -> str: ...

    def is_file(self) -> bool: ...

    def read_bytes(self) -> bytes: ...


@dataclass(frozen=True, eq=False)
class DiskFile:
    """A file as it was when it was read from the disk. stat: as entries have it, from before it was read; error: why it
    could not be read, which `read_bytes` raises."""

    path: Path
    data: bytes = b""
    stat: tuple[int, int, int] = (0, 0, 0)
    error: OSError | None = None

    @classmethod
    def of(cls, path: Path) -> DiskFile:
        """Read a file."""
        try:
            with path.open("rb") as handle:
                stat = stat_of(os.fstat(handle.fileno()))  # first: a file that changes meanwhile has another time then
                return cls(path, handle.read(), stat)
        except OSError as error:
            return cls(path, error=error)

    @property
    def name(self) -> str:
        return self.path.name

    def __str__(self) -> str:
        return str(self.path)

    def is_file(self) -> bool:
        return not isinstance(self.error, (FileNotFoundError, IsADirectoryError, NotADirectoryError))

    def read_bytes(self) -> bytes:
        """Its bytes. Raises OSError where it could not be read."""
        if self.error is not None:
            raise self.error
        return self.data

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def entry(self, results_dir: Path) -> Entry:
        """What a manifest lists of it. Raises OSError where it is there and could not be read."""
        name = self.path.relative_to(results_dir).as_posix()
        if not self.is_file():
            return {"path": name, "sha256": ""}
        self.read_bytes()
        return {"path": name, "sha256": self.sha256, "stat": list(self.stat)}


def stat_of(found: os.stat_result) -> tuple[int, int, int]:
    """Size, time of the last change in ns and inode."""
    return found.st_size, found.st_mtime_ns, found.st_ino


def file_entries(files: Mapping[str, Path], results_dir: Path) -> dict[str, Entry]:
    """Role -> entry of each of the files, which may be large: nothing of them stays in memory."""
    return {role: file_entry(path, results_dir) for role, path in sorted(files.items())}


def file_entry(path: Path, results_dir: Path) -> Entry:
    """Entry of a file, which may be large."""
    entry: Entry = {"path": path.relative_to(results_dir).as_posix(), "sha256": ""}
    with suppress(FileNotFoundError, IsADirectoryError), path.open("rb") as handle:
        stat = stat_of(os.fstat(handle.fileno()))  # before the hash, as above
        entry |= {"sha256": hashlib.file_digest(handle, "sha256").hexdigest(), "stat": list(stat)}
    return entry
