# SPDX-License-Identifier: GPL-3.0-or-later
"""What a number of a frame may be: the values of the keys in section `gate`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Self

from pydantic import model_validator

from .base import Section, key

Severity = Literal["fail", "warn", "off"]


class Limit(Section):
    """What a number may be. Outside the fail numbers the frame fails; outside the warn numbers it passes with a warning."""

    fail_below: float | None = key(None, "Fails when the number is below this.")
    warn_below: float | None = key(None, "Warns when the number is below this.")
    warn_above: float | None = key(None, "Warns when the number is above this.")
    fail_above: float | None = key(None, "Fails when the number is above this.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        given = [(n, v) for n in type(self).model_fields if (v := getattr(self, n)) is not None]
        for (low_name, low), (high_name, high) in pairwise(given):
            if low > high:
                raise ValueError(f"{low_name} ({low:g}) should not be more than {high_name} ({high:g})")
        return self


@dataclass(frozen=True)
class LimitWithin:
    """Bounds of each number of a limit."""

    lowest: float
    highest: float

    def __call__(self, limit: Limit) -> Limit:
        for name in type(limit).model_fields:
            number = getattr(limit, name)
            if number is not None and not self.lowest <= number <= self.highest:
                raise ValueError(f"{name} should be from {self.lowest:g} to {self.highest:g}, but is {number:g}")
        return limit


def low(fail: float | None, warn: float | None) -> Limit:
    """A limit on numbers that must not be too small."""
    return Limit(fail_below=fail, warn_below=warn)


def high(fail: float | None, warn: float | None) -> Limit:
    """A limit on numbers that must not be too large."""
    return Limit(fail_above=fail, warn_above=warn)


def between(fail_below: float, warn_below: float, warn_above: float, fail_above: float) -> Limit:
    """A limit on both sides."""
    return Limit(fail_below=fail_below, warn_below=warn_below, warn_above=warn_above, fail_above=fail_above)
