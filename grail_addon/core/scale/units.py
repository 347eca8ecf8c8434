# SPDX-License-Identifier: GPL-3.0-or-later
"""Units of mesh files, and whether a size looks as if a file was in another unit than metres."""

from __future__ import annotations

from typing import Literal

from ..errors import Problem
from .priors import SizePrior

LengthUnit = Literal["m", "cm", "mm", "in"]
METRES: dict[LengthUnit, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254}
_NAMES: dict[LengthUnit, str] = {"m": "metres", "cm": "centimetres", "mm": "millimetres", "in": "inches"}
_ORDER: tuple[LengthUnit, ...] = ("mm", "cm", "in")

OF_PERSON = 3.0
"""An object more times as long as the person is tall than this is looked at without a table entry, too."""
HANDLED = (0.03, 1.5)
"""Metres that things have which a person handles."""


def likely_unit(longest_m: float, prior: SizePrior | None, person_height: float) -> LengthUnit | None:
    """The unit that makes an implausible size a usual one; None where the size is plausible or no unit explains it.

    longest_m: longest side, the file's numbers taken as metres. prior: the category's entry of the table; without one
    the person and what hands can hold are the measure.
    """
    low, high = prior.longest_m if prior is not None else HANDLED
    most = high if prior is not None else OF_PERSON * person_height
    if longest_m <= most:
        return None
    fits = [unit for unit in _ORDER if low <= longest_m * METRES[unit] <= high]
    return fits[0] if fits else None


def unit_question(category: str, longest_m: float, prior: SizePrior | None, person_height: float) -> Problem | None:
    """What to ask about an object whose file seems to be in another unit than metres; None where it does not."""
    unit = likely_unit(longest_m, prior, person_height)
    if unit is None:
        return None
    if prior is not None:
        usual = f"such things are {prior.longest_m[0]:g} to {prior.longest_m[1]:g} m long"
    else:
        usual = f"the person is {person_height:.3g} m tall"
    return Problem(
        f"{category} would be {longest_m:.4g} m long, and {usual}: its file seems to be in {_NAMES[unit]}.",
        f"Set `obj_unit: {unit}` for it (then it is {longest_m * METRES[unit]:.3g} m long), or `obj_unit: m` if it is right.",
        key_path=f"objects.{category}.obj_unit",
    )
