# SPDX-License-Identifier: GPL-3.0-or-later
"""numpy's matrix products in one thread.

Those of ours are small: 0.0004 s for the corners of a person. OpenBLAS shares them out among all cores all the same, whose threads
then spin for some 0.015 s after each product, in case another comes: on two cores 18 ms of processor time in place of 0.4, and
more with more cores, which renders and other workers lack.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

NAMES = tuple(f"{prefix}openblas_%s_num_threads{suffix}" for prefix in ("scipy_", "") for suffix in ("64_", ""))
"""What OpenBLAS calls its setting, by how it was built."""


class OneThread:
    """From when it is made until `restore`; nothing where numpy comes without OpenBLAS (Blender's own, macOS)."""

    def __init__(self) -> None:
        self._set, self._before = _setting()
        if self._set is not None:
            self._set(1)

    def restore(self) -> None:
        """As many threads as before."""
        if self._set is not None:
            self._set(self._before)
        self._set = None


def threads() -> int | None:
    """How many threads OpenBLAS uses; None without it."""
    found, number = _setting()
    return None if found is None else number


def _setting() -> tuple[Callable[[int], Any] | None, int]:
    """What sets the number of threads, and how many there are."""
    library = _library()
    for name in NAMES if library is not None else ():
        try:
            return getattr(library, name % "set"), int(getattr(library, name % "get")())
        except AttributeError:
            continue
    return None, 0


def _library() -> ctypes.CDLL | None:
    """numpy's compiled module of linear algebra, which brings the libraries that it is linked with."""
    try:
        return ctypes.CDLL(np.linalg._umath_linalg.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
