# SPDX-License-Identifier: GPL-3.0-or-later
"""What a clip and a look at it cost, from the dated table `configs/prices.yaml`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

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


Amount = Annotated[Decimal, Field(gt=0, le=1000), BeforeValidator(_as_decimal)]


class TokenPrice(Table):
    """Dollars of a million tokens that a vision model reads, and that it writes."""

    input: Amount
    output: Amount


class Prices(Table):
    """The price table: units per second for each model and mode, the dollars of one unit, and those of vision models."""

    date: datetime.date
    source: str
    usd_per_unit: Amount
    units_per_second: dict[str, dict[str, Amount]]
    usd_per_million_tokens: dict[str, TokenPrice] = Field(default_factory=dict)

    def clip(self, model: str, mode: str, seconds: int) -> Cost | None:
        """Cost of one segment, or None if the table has no such model and mode."""
        rate = self.units_per_second.get(model, {}).get(mode)
        return None if rate is None else self.of_units(rate * seconds)

    def answer(self, model: str, tokens_in: int, tokens_out: int) -> int | None:
        """Micro-dollars of one answer of a vision model, or None if the table does not have it."""
        price = self.usd_per_million_tokens.get(model)
        return None if price is None else micro_usd((price.input * tokens_in + price.output * tokens_out) / 1_000_000)

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
