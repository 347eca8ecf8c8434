# SPDX-License-Identifier: GPL-3.0-or-later
"""Named streams: the same name gives the same numbers for ever, another name others."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from grail_addon.core.streams import stream

name = st.one_of(st.integers(-(2**63), 2**64), st.text(max_size=8))
names = st.lists(name, max_size=4).map(tuple)


def test_numbers_are_pinned() -> None:
    # results folders of earlier versions must stay repeatable: these change only with a reason worth that
    assert stream(0, "ComAsset/cordless_drill", 1, "camera.azimuth", 0).random(2).tolist() == [
        0.5198061323690409,
        0.13874417411232798,
    ]


@given(names)
def test_same_name_same_numbers(path: tuple[str | int, ...]) -> None:
    assert stream(*path).random(3).tolist() == stream(*path).random(3).tolist()


@given(names, names)
def test_other_name_other_numbers(a: tuple[str | int, ...], b: tuple[str | int, ...]) -> None:
    assume(a != b)
    assert stream(*a).random() != stream(*b).random()


def test_names_that_look_alike() -> None:
    alike = [(1,), ("1",), ("1", ""), ("", "1"), ("a", "b"), ("ab",), ("a\x1fb",), ("'a'\x1f'b'",), ("a", "b", 0), ()]
    firsts = {stream(*path).random() for path in alike}
    assert len(firsts) == len(alike)
