# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML text as plain data: the scalars of YAML 1.2, line numbers, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grail_addon.core.errors import InputError
from grail_addon.core.yaml_text import parse_yaml

SCALARS: dict[str, Any] = {
    "true": True, "True": True, "TRUE": True, "false": False, "~": None, "null": None, "Null": None, "": None,
    "yes": "yes", "no": "no", "on": "on", "off": "off", "y": "y", "tRUE": "tRUE",
    "0": 0, "010": 10, "-010": -10, "+3": 3, "0o10": 8, "0x1F": 31, "0b11": 3, "1_000": 1000, "0o8": "0o8",
    "12:30:45": "12:30:45", "190:20:30": "190:20:30", "1e3": 1000.0, "1.5E-3": 0.0015, "1.": 1.0, ".5": 0.5,
    "-.5e+1": -5.0, "1.e5": 100000.0, "1_0.5": 10.5, ".inf": math.inf, "-.INF": -math.inf, "1e": "1e", "_1": "_1",
    ".": ".", "-": None, "1.2.3": "1.2.3", "'3'": "3", '"true"': "true", "=": "=", "1-2": "1-2",
}  # fmt: skip


@pytest.mark.parametrize("text", [text for text in SCALARS if text != "-"])
def test_scalars_are_those_of_yaml_1_2(text: str) -> None:
    (value,) = parse_yaml(f"a: {text}\n")[0].values()
    assert value == SCALARS[text] and type(value) is type(SCALARS[text])


def test_not_a_number_is_one() -> None:
    assert math.isnan(parse_yaml("a: .NaN")[0]["a"])


@pytest.mark.parametrize("text", ["!!str 3", "!x 3", "!!python/object/apply:os.system [ls]", "!!set {a}", "!!float 3"])
def test_tags_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"f:2: b.c: cannot use a value of this kind \(Tagged"):
        parse_yaml(f"b:\n  c: {text}\n", "f")


def test_dates_are_refused_or_text() -> None:
    with pytest.raises(InputError, match=r"a: cannot use a value of this kind \(date\)"):
        parse_yaml("a: 2026-11-22")
    with pytest.raises(InputError, match=r"\(datetime\)"):
        parse_yaml("a: 2026-11-22 10:00:00")
    with pytest.raises(InputError, match="YAML: month must be"):
        parse_yaml("a: 2026-13-45")
    assert parse_yaml("a: 2026-11-22", dates=True)[0] == {"a": "2026-11-22"}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{','.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("text", [BOMB, MERGE_BOMB])
def test_alias_bombs_are_refused_at_once(text: str) -> None:
    """What they would multiply to has no room in any machine."""
    with pytest.raises(InputError, match="aliases multiply"):
        parse_yaml(text)


@pytest.mark.parametrize(
    "text", ["a: &x [*x]", "a: &x {b: *x}", "[" * 5000, "{a: " * 5000, "a: &x {<<: *x}", "- " * 5000]
)
def test_endless_or_deep_nesting_is_a_sentence(text: str) -> None:
    with pytest.raises(InputError):
        parse_yaml(text)


def test_merged_keys_give_way_to_own_ones_and_the_first_of_several_wins() -> None:
    data, lines = parse_yaml("x: &x {a: 1, b: 1}\ny: &y {a: 2, c: 2}\nz:\n  <<: [*x, *y]\n  b: 3\n")
    assert data["z"] == {"a": 1, "b": 3, "c": 2}
    assert lines["z", "b"] == 5 and lines["z", "a"] == 3
    with pytest.raises(InputError, match='f:4: YAML: found duplicate key "b"'):
        parse_yaml("x: &x {a: 1}\nz: {<<: *x,\n  b: 1,\n  b: 2}\n", "f")


@settings(derandomize=True, max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_what_pyyaml_writes_comes_back(data: Any) -> None:
    text = yaml.safe_dump({"data": data})
    try:
        assert parse_yaml(text)[0]["data"] == data
    except InputError as error:
        assert "nested too deeply" in str(error)
