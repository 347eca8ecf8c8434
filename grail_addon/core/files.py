# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are either whole or absent: written to a temporary name, synced, then renamed."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

TEMP_MARK = ".part-"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder (same suffix); rename it to `path` on success, remove it otherwise.

    The temporary name carries machine and process, so concurrent shards never share one, and none takes another's
    for a leftover.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _renamed(path) as temp:
        yield temp
        with temp.open("r+b") as handle:  # Windows syncs only what is open for writing
            os.fsync(handle.fileno())


@contextmanager
def _renamed(path: Path) -> Iterator[Path]:
    with _temporary(path) as temp:
        yield temp
        temp.replace(path)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A name beside `path` that is known as this process's own; what is there goes after an error."""
    temp = path.with_name(f"{_own_mark()}{uuid.uuid4().hex[:8]}-{path.name}")
    _open_temps.add(temp)
    try:
        yield temp
    except BaseException:  # a cancel, too, leaves nothing half-written
        temp.unlink(missing_ok=True)
        raise
    finally:
        _open_temps.discard(temp)


TempListener = Callable[[Path, bool], None]
"""Told a temporary file, and whether it is open from now on or no longer."""


class _OpenTemps:
    """Temporary files that this process is writing just now, and who is told of each."""

    def __init__(self) -> None:
        self._paths: set[Path] = set()
        self.listener: TempListener | None = None

    def __iter__(self) -> Iterator[Path]:
        return iter(list(self._paths))

    def add(self, path: Path) -> None:
        self._paths.add(path)
        if self.listener is not None:
            self.listener(path, True)

    def discard(self, path: Path) -> None:
        self._paths.discard(path)
        if self.listener is not None:
            self.listener(path, False)


_open_temps = _OpenTemps()


def temps_told_to(listener: TempListener | None) -> None:
    """Have `listener` told of the temporary files that are open and of each that is opened or done, in whichever thread does
    that; None: nobody."""
    _open_temps.listener = listener
    if listener is not None:
        for path in _open_temps:
            listener(path, True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` atomically, with as few calls as that takes: a folder on a network answers each of them."""
    with _renamed(path) as temp:
        _write_synced(temp, data)


def _write_synced(path: Path, data: bytes) -> None:
    with _created(path) as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def _created(path: Path) -> BinaryIO:
    """The file, open for writing; its folder is made where there is none."""
    try:
        return path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")


def write_first(path: Path, data: bytes) -> None:
    """Write a file unless it is there: of several that do so at the same time, one does, and no one ever sees half of it. On
    a file system without hard links the last one does."""
    if path.exists():
        return
    with _temporary(path) as temp:
        _write_synced(temp, data)
        try:
            os.link(temp, path)
        except FileExistsError:
            pass
        except OSError:
            temp.replace(path)
        temp.unlink(missing_ok=True)


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write several files that belong together: each whole or absent, as `write_bytes` has it, but brought to the disk by one
    call for all where the system has one (Linux), so that no name appears before all bytes are safe."""
    with ExitStack() as stack:
        temps = []
        for path, data in files.items():
            temp = stack.enter_context(_renamed(path))
            with _created(temp) as handle:
                handle.write(data)
                temps.append(temp)
        _sync(temps)


def _sync(paths: Sequence[Path]) -> None:
    """Bring files to the disk."""
    folders = {path.parent for path in paths}
    if sys.platform == "linux" and paths:
        folder = os.open(os.path.commonpath(folders), os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(folder) == 0:
                return
        except AttributeError:
            pass  # a C library without it
        finally:
            os.close(folder)
    for path in paths:
        with path.open("r+b") as handle:
            os.fsync(handle.fileno())


def write_text(path: Path, text: str) -> None:
    """Write `text` (UTF-8, newlines as given) to `path` atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Write `data` as indented JSON with sorted keys; NaN and infinity are refused (they are not JSON)."""
    write_text(path, json_text(data))


def json_text(data: Any) -> str:
    """`data` as indented JSON with sorted keys; NaN and infinity raise ValueError (they are not JSON)."""
    return json.dumps(data, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


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


def _is_gone(name: str) -> bool:
    """Whether a temporary file or a mark was written by a process of this machine that is no more."""
    machine, _, rest = name.removeprefix(TEMP_MARK).partition("-")
    pid = rest.split("-", 1)[0]
    if machine != _machine() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():  # or one before it with the same number, as in a container that was started again
        return all(path.name != name for path in _open_temps)
    if os.name == "nt":  # no cheap way there to ask whether a process lives
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def remove_stale_temps(folder: Path, before: float = 0.0) -> int:
    """Delete temporary files under `folder` that a process of this machine left when it died, and those of any machine
    from before that time (no file takes a day to write); return how many."""
    if not folder.is_dir():
        return 0
    stale = [p for p in folder.rglob(f"{TEMP_MARK}*") if _is_stale(p, before)]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _is_stale(temp: Path, before: float) -> bool:
    if _is_gone(temp.name):
        return True
    try:
        return temp.name.removeprefix(TEMP_MARK).count("-") >= 3 and temp.stat().st_mtime < before
    except OSError:
        return False


DAY = 86400.0


def _writers(folder: Path) -> Path:
    return folder / ".writers"


@contextmanager
def mark_writer(folder: Path) -> Iterator[None]:
    """Leave word in `folder` that this process writes there, so that what it leaves when it dies is looked for."""
    mark = _writers(folder) / f"{_machine()}-{os.getpid()}"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    _open_temps.add(mark)
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)
        _open_temps.discard(mark)


def remove_leftovers(folder: Path, now: float) -> int:
    """Delete what processes left in `folder` that died while they wrote; return how many files. The folder is searched only
    where some process left word of itself and is gone, or nobody ever left word."""
    writers = _writers(folder)
    gone = [mark for mark in writers.iterdir() if _is_left(mark, now - DAY)] if writers.is_dir() else []
    if writers.is_dir() and not gone:
        return 0
    count = remove_stale_temps(folder, now - DAY)
    for mark in gone:
        mark.unlink(missing_ok=True)
    return count


def _is_left(mark: Path, before: float) -> bool:
    try:
        return _is_gone(mark.name) or mark.stat().st_mtime < before
    except OSError:
        return False


def remove_own_temps() -> None:
    """Delete the files that this process is writing, and its word of itself, before it leaves for good; may be called from
    any thread. What cannot be deleted, as its folder is gone, stays and holds up none of the others."""
    for path in _open_temps:
        with suppress(OSError):
            path.unlink()
