# SPDX-License-Identifier: GPL-3.0-or-later
"""What importers print, kept from the terminal: it goes into the detail of an error instead."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress

_MOST = 4000  # characters that are kept


@contextmanager
def output_kept() -> Iterator[Callable[[], str]]:
    """Give a function that returns what was printed meanwhile, by Python and by Blender; at the end of it where it is
    long. A process without a standard output (Blender without a console) prints as ever."""
    _flush()
    saved: dict[int, int] = {}
    with tempfile.TemporaryFile() as sink:
        try:
            for stream in (1, 2):
                with suppress(OSError):
                    saved[stream] = os.dup(stream)
                    os.dup2(sink.fileno(), stream)

            def printed() -> str:
                _flush()
                sink.seek(0)
                return sink.read().decode("utf-8", "replace")[-_MOST:]

            text = os.fdopen(os.dup(sink.fileno()), "w", encoding="utf-8", errors="replace")
            with text, redirect_stdout(text), redirect_stderr(text):  # where they are not the process's own
                yield printed
        finally:
            _flush()
            for stream, copy in saved.items():
                os.dup2(copy, stream)
                os.close(copy)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with suppress(OSError, AttributeError, TypeError):  # what Blender itself has printed so far
        ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)
