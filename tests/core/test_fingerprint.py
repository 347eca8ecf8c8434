# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints tell inputs apart that differ, and no others; the difference is named by its key path."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grail_addon.core.fingerprint import changes, fingerprint, flatten

leaf = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=9),
)
key = st.text("abcdefgh", min_size=1, max_size=4)
tree = st.recursive(
    leaf, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(key, inner, max_size=3)), max_leaves=8
)
inputs = st.dictionaries(key, tree, min_size=1, max_size=4)


def paths(data: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Way to every leaf."""
    if isinstance(data, dict):
        return [p for k, v in data.items() for p in paths(v, (*prefix, k))]
    if isinstance(data, list):
        return [p for k, v in enumerate(data) for p in paths(v, (*prefix, k))]
    return [prefix]


def shown(path: tuple[Any, ...]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")


@given(inputs)
def test_it_is_a_hash_of_the_values(data: dict[str, Any]) -> None:
    mark = fingerprint(data)
    assert len(mark) == 64 and int(mark, 16) >= 0
    assert fingerprint(dict(reversed(data.items()))) == mark
    assert fingerprint(json.loads(json.dumps(data))) == mark, "a manifest's copy of the inputs has the same hash"
    assert changes(data, data) == ""


@given(inputs, st.data())
def test_one_other_leaf_is_seen_and_named(data: dict[str, Any], choice: st.DataObject) -> None:
    ways = paths(data)
    assume(ways)
    way, value = choice.draw(st.sampled_from(ways)), choice.draw(leaf)
    other = copy.deepcopy(data)
    parent: Any = other
    for step in way[:-1]:
        parent = parent[step]
    assume(not _same(parent[way[-1]], value))
    parent[way[-1]] = value
    assert fingerprint(other) != fingerprint(data)
    assert changes(data, other).startswith(f"{shown(way)}: ")


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b or str(a) == str(b) or (_number(a) and _number(b) and float(a) == float(b))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def test_one_is_one() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": (2.0,), "a": 1.0})
    assert fingerprint({"a": 0.0}) == fingerprint({"a": -0.0}) and changes({"a": 0}, {"a": -0.0}) == ""
    assert changes({"a": False}, {"a": 0}) == "a: False -> 0"
    assert fingerprint({"a": 1}) != fingerprint({"a": True}) != fingerprint({"a": "1"})
    assert fingerprint({"a": 2**60}) != fingerprint({"a": 2**60 + 1}), "large seeds keep all their digits"


def test_what_is_no_number_is_refused() -> None:
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            fingerprint({"a": bad})


def test_flatten() -> None:
    assert flatten({"a": {"b": [1, {"c": "x"}]}, "d": None}) == {"a.b[0]": 1, "a.b[1].c": "x", "d": None}


def test_words() -> None:
    old = {"simulation": {"seed": 42, "drops": 16}, "mesh": "a" * 64, "gone": 1}
    new = {"simulation": {"seed": 7, "drops": 16}, "mesh": "b" * 64, "fresh": [0.25]}
    assert changes(old, new) == (
        "fresh[0]: none -> 0.25; gone: 1 -> none; mesh: aaaaaaaaaa... -> bbbbbbbbbb...; simulation.seed: 42 -> 7"
    )
    many = {f"k{i}": i for i in range(9)}
    assert changes({}, many).endswith("k3: none -> 3 and 5 more") and changes({}, many).count("->") == 4
