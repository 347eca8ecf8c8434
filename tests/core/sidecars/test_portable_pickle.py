# SPDX-License-Identifier: GPL-3.0-or-later
"""Our pickles read back in any numpy, and hold plain data only."""

from __future__ import annotations

import hashlib
import io
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grail_addon.core.sidecars.portable_pickle import dumps

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
arrays = hnp.arrays(
    dtype=st.sampled_from([np.float64, np.float32, np.int32, np.int64, np.uint8, np.bool_]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
trees = st.recursive(
    scalars | arrays,
    lambda kids: st.lists(kids, max_size=3) | st.tuples(kids, kids) | st.dictionaries(st.text(), kids, max_size=3),
    max_leaves=8,
)


def same(a: object, b: object) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


class Recorder(pickle.Unpickler):
    """Reads a pickle and notes every name it imports."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.names: set[str] = set()

    def find_class(self, module: str, name: str) -> object:
        self.names.add(f"{module}.{name}")
        return super().find_class(module, name)


@given(trees)
def test_reads_back_the_same(tree: object) -> None:
    assert same(pickle.loads(dumps(tree)), tree)


def test_names_only_what_every_numpy_has() -> None:
    data = dumps({"a": np.eye(3), "b": np.ones(2, np.int32)})
    reader = Recorder(data)
    reader.load()
    assert reader.names == {"numpy.ndarray", "numpy.dtype"}


def test_plain_numpy_pickle_would_not_do() -> None:
    """The reason this module exists: numpy's own pickle names a private module of its version."""
    own = pickle.dumps(np.eye(3), protocol=4)
    assert b"core.multiarray" in own
    assert b"core.multiarray" not in dumps(np.eye(3))


def test_bytes_do_not_depend_on_the_numpy_version() -> None:
    """Written once under numpy 1.26 and 2.5, and read by 1.24, 1.26 and 2.5; the same bytes must come out everywhere."""
    data = dumps({"obj_R_quat": np.array([0.0, 0.0, 0.0, 1.0]), "n": 3, "s": "x", "t": (1.5, None, True)})
    assert hashlib.sha256(data).hexdigest() == "be977d7df5aa3118e15a33d9561c24c18d0368da34310e8eb82cfc8d4bbec7e4"


def test_array_is_our_own_after_reading() -> None:
    back = pickle.loads(dumps(np.arange(6.0).reshape(2, 3).T))
    back[0, 0] = 7.0
    assert back.flags.owndata and back.flags.c_contiguous


@pytest.mark.parametrize(
    "bad",
    [np.float64(1.0), np.array([object()]), np.array(["a"]), {1, 2}, b"raw", 1j, np.matrix([[1.0]]), type, len],
    ids=["np scalar", "object array", "text array", "set", "bytes", "complex", "matrix", "class", "function"],
)
def test_anything_else_is_refused_with_its_place(bad: object) -> None:
    with pytest.raises(TypeError, match=r"value\['deep'\]\[1\]"):
        dumps({"deep": [0, bad]})


def test_dict_keys_are_checked_too() -> None:
    with pytest.raises(TypeError, match="key"):
        dumps({np.int64(1): 2})
