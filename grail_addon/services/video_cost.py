# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says that a task cost, as far as it can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..core.money import micro_usd
from ..core.video.prices import Prices
from .kling import VideoTask

MOST_TIMES_ESTIMATE = 20
"""A reported cost of more than this many times the list price is not believed; real prices change by less."""


@dataclass(frozen=True)
class ReportedCost:
    """micro_usd: None where nothing is reported, or nothing that can be believed; then the price table's is counted.
    units: as reported, for the record. note: a sentence, where a figure was not believed."""

    micro_usd: int | None
    units: str | None = None
    note: str = ""


def reported_cost(prices: Prices, task: VideoTask, estimated: int) -> ReportedCost:
    """The cost of a task whose list price is `estimated` micro-dollars."""
    figure = task.usd if task.usd is not None else task.units
    if figure is None:
        return ReportedCost(None)
    dollars = figure if task.usd is not None else figure * prices.usd_per_unit
    if not 0 <= dollars * 1_000_000 <= MOST_TIMES_ESTIMATE * estimated:
        what = "dollars" if task.usd is not None else "units"
        note = (
            f"The service reports a cost of {_short(figure)} {what}, which is not believed; the list price is counted."
        )
        return ReportedCost(None, None, note)
    return ReportedCost(micro_usd(dollars), None if task.units is None else str(task.units))


def _short(figure: Decimal) -> str:
    return f"{figure:.6g}"
