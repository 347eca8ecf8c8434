# SPDX-License-Identifier: GPL-3.0-or-later
"""A process beside this one that ends it after a signal where Python cannot run: an importer of Blender keeps the interpreter
for all of its time, so that neither handlers nor threads of Python get a turn. See `guard_child`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from ..core.files import temps_told_to
from .leave import session_folder

CHILD = Path(__file__).with_name("guard_child.py")
SIGEV_THREAD = 2


class Guard:
    """The process, once `start` was called. out: descriptor that `words` go to where it ends this process, -1 for none;
    grace: seconds from a signal to that; code: this process's exit code then. On Windows there is none."""

    def __init__(self, out: int, words: str, grace: float, code: int) -> None:
        self._out, self._words, self._grace, self._code = out, words, grace, code
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._was_started = False

    def start(self, signals: socket.socket) -> None:
        """Start it, unless it runs. signals: what the interpreter writes the numbers of signals to can be read here."""
        if self._was_started or os.name == "nt" or not Path(sys.executable).name.startswith("python"):
            return
        self._was_started = True
        trigger = _exit_trigger(self._code)
        out = os.dup(self._out) if self._out >= 0 else -1  # its own standard output is another one
        numbers = (os.getpid(), signals.fileno(), trigger, out, self._grace)
        handed = [descriptor for descriptor in numbers[1:4] if descriptor >= 0]
        with contextlib.suppress(OSError):  # none then: the signal counts once Python runs again
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(CHILD), *map(str, numbers), self._words],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=handed, start_new_session=True, bufsize=0,
            )  # fmt: skip
            temps_told_to(self._temp)
            folder = session_folder()
            if folder is not None:
                self._say(b"/" + os.fsencode(folder))
        if out >= 0:
            os.close(out)

    def asked(self) -> None:
        """Python has seen the signal; may be called from any thread."""
        self._say(b"!" + str(time.monotonic()).encode())

    def close(self) -> None:
        """This process ends by itself."""
        temps_told_to(None)
        if self._process is not None and self._process.stdin is not None:
            with self._lock, contextlib.suppress(OSError):
                self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)

    def _temp(self, path: Path, is_open: bool) -> None:
        self._say((b"+" if is_open else b"-") + os.fsencode(path.absolute()))

    def _say(self, message: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            with self._lock, contextlib.suppress(OSError, ValueError):  # it is gone
                self._process.stdin.write(message + b"\0")


class _SigEvent(ctypes.Structure):
    _fields_ = (
        ("value", ctypes.c_void_p), ("signo", ctypes.c_int), ("notify", ctypes.c_int),
        ("function", ctypes.c_void_p), ("attributes", ctypes.c_void_p), ("rest", ctypes.c_char * 32),
    )  # fmt: skip


class _Request(ctypes.Structure):
    """glibc's `struct aiocb` where pointers have 64 bits."""

    _fields_ = (
        ("descriptor", ctypes.c_int), ("opcode", ctypes.c_int), ("priority", ctypes.c_int),
        ("buffer", ctypes.c_void_p), ("size", ctypes.c_size_t), ("event", _SigEvent), ("rest", ctypes.c_char * 256),
    )  # fmt: skip


_pending: list[object] = []
"""What the C library reads and writes for as long as the process lives."""


def _exit_trigger(code: int) -> int:
    """A descriptor: a byte written to it ends this process with `code`, whatever Python does; -1 where there is no such way.

    The C library itself waits for the byte, in a thread of its own, and calls `_exit` then. (Another process can only send
    signals, and their handlers are Python's.)
    """
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return -1
    try:
        libc = ctypes.CDLL(None)
        libc.gnu_get_libc_version  # noqa: B018  another C library lays the record out in another way
        read = getattr(libc, "aio_read", None) or ctypes.CDLL("librt.so.1").aio_read
    except (AttributeError, OSError):
        return -1
    source, target = os.pipe()  # both stay open: without a writer, the wait would end by itself
    buffer = ctypes.create_string_buffer(1)
    request = _Request(descriptor=source, size=1)
    request.buffer = ctypes.addressof(buffer)
    request.event = _SigEvent(value=code, notify=SIGEV_THREAD)
    request.event.function = ctypes.cast(libc._exit, ctypes.c_void_p).value
    _pending.extend((buffer, request))
    return target if read(ctypes.byref(request)) == 0 else -1
