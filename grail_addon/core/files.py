# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are either whole or absent: written to a temporary name, synced, then renamed."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TEMP_MARK = ".part-"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder (same suffix); rename it to `path` on success, remove it otherwise.

    The temporary name carries the process id, so concurrent shards never share one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(f"{TEMP_MARK}{os.getpid()}-{uuid.uuid4().hex[:8]}-{path.name}")
    try:
        yield temp
        with temp.open("rb") as handle:
            os.fsync(handle.fileno())
        temp.replace(path)
    finally:
        temp.unlink(missing_ok=True)


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


def _writer_is_gone(temp: Path) -> bool:
    pid = temp.name.removeprefix(TEMP_MARK).split("-", 1)[0]
    if not pid.isdigit() or int(pid) == os.getpid():
        return False
    if os.name == "nt":  # no cheap liveness probe there; age decides in the caller
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def remove_stale_temps(folder: Path) -> int:
    """Delete temporary files under `folder` whose writing process is gone; return how many."""
    if not folder.is_dir():
        return 0
    stale = [p for p in folder.rglob(f"{TEMP_MARK}*") if _writer_is_gone(p)]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)
