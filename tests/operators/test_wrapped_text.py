# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels that wrap: no line is wider than the sidebar, and nothing of the text is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest

from grail_addon.panels.text import FONT, blf, lines_of

SENTENCE = "`nothing_like_it` is not an object of configs/objects/comasset.yaml. Größen über 10 cm."


@pytest.mark.parametrize("points", [11.0, 22.0])
@pytest.mark.parametrize("width", [60.0, 215.0, 400.0])
def test_lines_fit_and_hold_the_text(points: float, width: float) -> None:
    lines = lines_of(SENTENCE, width, points)
    blf.size(FONT, points)
    assert all(blf.dimensions(FONT, line)[0] <= width for line in lines)
    assert any("10\N{NO-BREAK SPACE}cm" in line for line in lines) or width < 100, "a number and its unit stay together"
    lines = [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
    assert "".join(lines).replace(" ", "") == SENTENCE.replace(" ", "")
    if width > 200 and points < 20:
        assert " ".join(lines) == SENTENCE, "words stay whole where they fit"
    if width > 200:
        for line, following in pairwise(lines):
            assert blf.dimensions(FONT, f"{line} {following.split()[0]}")[0] > width, "no line ends too early"


def test_a_long_name_is_broken_behind_its_signs() -> None:
    blf.size(FONT, 11.0)
    name = "kid_indoor2-manipulation_rand00001"
    width = blf.dimensions(FONT, name)[0] - 5
    assert lines_of(f"See {name}", width, 11.0) == ["See kid_indoor2-manipulation_", "rand00001"]


def test_no_text_is_one_empty_line() -> None:
    assert lines_of("", 100.0, 11.0) == [""]


def test_one_letter_that_is_too_wide_is_a_line() -> None:
    assert lines_of("WW", 2.0, 11.0) == ["W", "W"]
