# SPDX-License-Identifier: GPL-3.0-or-later
"""What a clip costs, from the dated table `configs/prices.yaml`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator

from ..errors import Problem
from ..money import micro_usd
from ..tables import Table

OLD_AFTER_DAYS = 90


def _as_decimal(value: object) -> object:
    # YAML reads 0.3 as a binary float; its shortest text is what the author wrote
    return Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Cost:
    """Price of something: vendor's units, and whole micro-dollars."""

    units: Decimal
    micro_usd: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.units + other.units, self.micro_usd + other.micro_usd)


FREE = Cost(Decimal(0), 0)


class Prices(Table):
    """The price table: units per second for each model and mode, and the dollars of one unit."""

    date: datetime.date
    source: str
    usd_per_unit: Annotated[Decimal, Field(gt=0, le=1000)]
    units_per_second: dict[str, dict[str, Annotated[Decimal, Field(gt=0, le=1000)]]]

    @field_validator("usd_per_unit", mode="before")
    @classmethod
    def _unit(cls, value: object) -> object:
        return _as_decimal(value)

    @field_validator("units_per_second", mode="before")
    @classmethod
    def _units(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {
            model: {str(mode): _as_decimal(units) for mode, units in modes.items()}
            if isinstance(modes, dict)
            else modes
            for model, modes in value.items()
        }

    def clip(self, model: str, mode: str, seconds: int) -> Cost | None:
        """Cost of one segment, or None if the table has no such model and mode."""
        rate = self.units_per_second.get(model, {}).get(mode)
        return None if rate is None else self.of_units(rate * seconds)

    def of_units(self, units: Decimal) -> Cost:
        """Cost of an amount of units."""
        return Cost(units, micro_usd(units * self.usd_per_unit))

    def age_warning(self, today: datetime.date) -> Problem | None:
        """A warning when the table is older than 90 days."""
        days = (today - self.date).days
        if days <= OLD_AFTER_DAYS:
            return None
        return Problem(
            f"The price table is {days} days old ({self.date.isoformat()}); real prices may differ.",
            "Check the vendor's price page and update configs/prices.yaml.",
        )
