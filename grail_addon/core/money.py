# SPDX-License-Identifier: GPL-3.0-or-later
"""Money as whole micro-dollars (1 USD = 1 000 000), so that sums are exact and comparisons with a cap are fair."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MICRO_PER_USD = 1_000_000


def micro_usd(amount: Decimal | str | float) -> int:
    """USD -> whole micro-dollars. A float is read as its shortest decimal text, so 0.1 means 0.1."""
    value = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    return int((value * MICRO_PER_USD).to_integral_value(rounding=ROUND_HALF_UP))


def usd_text(micro: int) -> str:
    """Micro-dollars as text for people: cents, or more digits where cents would hide something."""
    value = Decimal(micro) / MICRO_PER_USD
    cents = value.quantize(Decimal("0.01"))
    exact = value.normalize()
    return f"${cents}" if cents == value else f"${exact:f}"
