# SPDX-License-Identifier: GPL-3.0-or-later
"""Pickles that any numpy reads, 1.x or 2.x, and that hold nothing but plain data.

numpy 2 names `numpy._core` in its own pickles, which older numpy lacks. Here an array is written as
`numpy.ndarray((0,), "|b1")` plus its `__setstate__` data: those two names exist in every numpy, and the array read
back owns its memory and can be written to. Protocol 4, so Python 3.4 and later.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

PROTOCOL = 4
_SCALARS = (str, float, int, bool, type(None))
_PLAIN_KINDS = frozenset("biuf")


def _check(value: Any, where: str) -> None:
    """Raise TypeError, naming the place, unless `value` is plain data all the way down (exact types: a numpy scalar
    is a float to `isinstance` but a numpy object to pickle)."""
    kind = type(value)
    if kind in _SCALARS:
        return
    if kind is np.ndarray:
        if value.dtype.kind not in _PLAIN_KINDS:
            raise TypeError(f"{where}: array of {value.dtype}; only bool, int and float arrays are portable")
        return
    if kind is dict:
        for key, item in value.items():
            _check(key, f"{where} key {key!r}")
            _check(item, f"{where}[{key!r}]")
        return
    if kind in (list, tuple):
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]")
        return
    raise TypeError(f"{where}: {kind.__module__}.{kind.__qualname__} is not plain data")


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is not np.ndarray:
            return NotImplemented
        state = (1, obj.shape, obj.dtype, False, obj.tobytes(order="C"))
        return np.ndarray, ((0,), "|b1"), state


def dumps(obj: Any) -> bytes:
    """Pickle `obj`, made of dict, list, tuple, str, float, int, bool, None and arrays of bool, int or float.

    Anything else, numpy scalars included, raises TypeError that says where it sits.
    """
    _check(obj, "value")
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=PROTOCOL).dump(obj)
    return buffer.getvalue()
