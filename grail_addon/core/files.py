# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are either whole or absent: written to a temporary name, synced, then renamed."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TEMP_MARK = ".part-"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder (same suffix); rename it to `path` on success, remove it otherwise.

    The temporary name carries machine and process, so concurrent shards never share one, and none takes another's
    for a leftover.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(f"{_own_mark()}{uuid.uuid4().hex[:8]}-{path.name}")
    _open_temps.add(temp)
    try:
        yield temp
        with temp.open("r+b") as handle:  # Windows syncs only what is open for writing
            os.fsync(handle.fileno())
        temp.replace(path)
    finally:
        temp.unlink(missing_ok=True)
        _open_temps.discard(temp)


_open_temps: set[Path] = set()
"""Temporary files that this process is writing just now."""


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` atomically."""
    with atomic_path(path) as temp:
        temp.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` (UTF-8, newlines as given) to `path` atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Write `data` as indented JSON with sorted keys; NaN and infinity are refused (they are not JSON)."""
    write_text(path, json.dumps(data, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file (UTF-8)."""
    return json.loads(path.read_text(encoding="utf-8"))


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _machine() -> str:
    # shards on several machines share one results folder, and a process id says nothing about another machine's
    return hashlib.sha256(platform.node().encode("utf-8")).hexdigest()[:8]


def _own_mark() -> str:
    return f"{TEMP_MARK}{_machine()}-{os.getpid()}-"


def _writer_is_gone(temp: Path) -> bool:
    machine, _, rest = temp.name.removeprefix(TEMP_MARK).partition("-")
    pid = rest.split("-", 1)[0]
    if machine != _machine() or not pid.isdigit() or int(pid) == os.getpid():
        return False
    if os.name == "nt":  # no cheap way there to ask whether a process lives
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def remove_stale_temps(folder: Path) -> int:
    """Delete temporary files under `folder` that a process of this machine left when it died; return how many."""
    if not folder.is_dir():
        return 0
    stale = [p for p in folder.rglob(f"{TEMP_MARK}*") if _writer_is_gone(p)]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def remove_own_temps() -> None:
    """Delete the files that this process is writing, before it leaves for good; may be called from any thread."""
    for path in list(_open_temps):
        path.unlink(missing_ok=True)
