# SPDX-License-Identifier: GPL-3.0-or-later
"""How long things of a category usually are, from `configs/size_priors.yaml`: a check on the probe, and its stand-in."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import field_validator

from ..errors import Problem
from ..tables import Table, read_table


class SizePrior(Table):
    """Plausible range of the longest side of the bounding box, metres, and where it comes from."""

    longest_m: tuple[float, float]
    source: str

    @field_validator("longest_m")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 < value[0] <= value[1]:
            raise ValueError("should be [smallest, largest], both more than 0")
        return value

    @property
    def typical(self) -> float:
        """The middle of the range, as a ratio: metres."""
        return math.sqrt(self.longest_m[0] * self.longest_m[1])


class SizePriors(Table):
    """Category -> range."""

    sizes: dict[str, SizePrior]

    def find(self, category: str) -> SizePrior | None:
        """The entry of a category; `canned_food_3` falls back to `canned_food`."""
        name = category.lower()
        return self.sizes.get(name) or self.sizes.get(re.sub(r"_\d+$", "", name))

    def note(self, category: str, extents: Sequence[float], scale: Sequence[float]) -> str | None:
        """A sentence about an object that nobody probes, where its size as configured is not plausible."""
        prior = self.find(category)
        odd = None if prior is None else outside_prior(category, extents, scale, prior)
        return None if odd is None else f"{odd.message} Check obj_scale, or run step 2."


def read_priors(path: Path) -> SizePriors | None:
    """The table; None where there is none. Raises InputError for a damaged one."""
    return read_table(path, SizePriors) if path.is_file() else None


def longest_side(extents: Sequence[float], scale: Sequence[float]) -> float:
    """Longest side of the scaled bounding box. extents: of the unscaled mesh, metres."""
    return max(e * s for e, s in zip(extents, scale, strict=True))


def prior_factor(extents: Sequence[float], scale: Sequence[float], prior: SizePrior) -> float:
    """The factor on `scale` that gives the object the prior's typical size."""
    return prior.typical / longest_side(extents, scale)


def outside_prior(category: str, extents: Sequence[float], scale: Sequence[float], prior: SizePrior) -> Problem | None:
    """A warning when the scaled object is longer or shorter than such things are."""
    size = longest_side(extents, scale)
    low, high = prior.longest_m
    if low <= size <= high:
        return None
    word = "small" if size < low else "large"
    return Problem(
        f"{category} is {size:.3g} m long, which is {word} for such a thing ({low:g} to {high:g} m; {prior.source}).",
        "Look at the probe pictures; set scale.decide if it is wrong.",
        key_path="scale.decide",
    )
