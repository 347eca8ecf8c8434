# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes that look like another unit, and what is asked about them."""

from __future__ import annotations

import pytest

from grail_addon.core.scale.priors import SizePrior
from grail_addon.core.scale.units import METRES, LengthUnit, likely_unit, unit_question

MUG = SizePrior(longest_m=(0.09, 0.15), source="spec")
CHAIR = SizePrior(longest_m=(0.7, 1.2), source="spec")


@pytest.mark.parametrize("unit", ["mm", "cm", "in"])
@pytest.mark.parametrize("prior", [MUG, CHAIR])
def test_each_unit_is_known_by_the_category(unit: LengthUnit, prior: SizePrior) -> None:
    assert likely_unit(prior.typical / METRES[unit], prior, 1.7) == unit
    assert likely_unit(prior.typical, prior, 1.7) is None


@pytest.mark.parametrize(
    ("longest", "unit"),
    [(120.0, "mm"), (180.0, "mm"), (12.0, "cm"), (30.0, "mm"), (2.0, None), (5.0, None), (0.05, None), (5000.0, None)],
)
def test_without_a_category_person_and_hands_are_the_measure(longest: float, unit: LengthUnit | None) -> None:
    assert likely_unit(longest, None, 1.7) == unit


def test_a_size_that_no_unit_explains_is_not_asked_about() -> None:
    assert likely_unit(0.5, MUG, 1.7) is None and likely_unit(1e6, MUG, 1.7) is None
    assert likely_unit(0.02, MUG, 1.7) is None, "too small is no question of these units"


def test_the_question_names_key_value_and_outcome() -> None:
    problem = unit_question("mug", 121.0, MUG, 1.7)
    assert problem is not None
    assert str(problem) == (
        "objects.mug.obj_unit: mug would be 121 m long, and such things are 0.09 to 0.15 m long: its file seems to be in "
        "millimetres. Set `obj_unit: mm` for it (then it is 0.121 m long), or `obj_unit: m` if it is right."
    )
    other = unit_question("gizmo", 40.0, None, 1.32)
    assert other is not None and "the person is 1.32 m tall" in other.message
    assert unit_question("mug", 0.12, MUG, 1.7) is None
