# SPDX-License-Identifier: GPL-3.0-or-later
"""What was spent on what: the ledger as rows for `--report_costs` and the HTML report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..money import usd_text
from .rows import Entry


@dataclass(frozen=True)
class CostLine:
    """All segments of one frame at one payee. Money in micro-dollars; states: how many segments are in which."""

    payee: str
    video_id: str
    states: tuple[tuple[str, int], ...]
    estimated: int
    reserved: int
    charged: int
    reported: int
    """The part of `charged` that the vendor itself reported."""


def cost_lines(entries: Sequence[Entry]) -> list[CostLine]:
    """One line per payee and frame, in the order of their first attempt."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.payee, entry.video_id), []).append(entry)
    return [
        CostLine(
            payee, video_id, tuple(sorted(Counter(row.state for row in rows).items())),
            sum(row.estimated for row in rows), sum(row.reserved for row in rows), sum(row.charged for row in rows),
            sum(row.charged for row in rows if row.actual is not None),
        )
        for (payee, video_id), rows in groups.items()
    ]  # fmt: skip


def cost_text(entries: Sequence[Entry]) -> str:
    """The report as text. Sandbox money is listed apart: it is not real."""
    lines = cost_lines(entries)
    if not lines:
        return "Nothing was bought with this results folder.\n"
    out = []
    for payee in sorted({line.payee for line in lines}):
        mine = [line for line in lines if line.payee == payee]
        out.append(f"{payee}{' (not real money)' if payee == 'sandbox' else ''}")
        for line in mine:
            states = ", ".join(f"{count} {state}" for state, count in line.states)
            held = f", {usd_text(line.reserved)} reserved" if line.reserved else ""
            out.append(f"  {usd_text(line.charged):>9}  {line.video_id}: {states}{held}")
        spent, held_all, reported = (
            sum(getattr(line, name) for line in mine) for name in ("charged", "reserved", "reported")
        )
        out.append(
            f"  {usd_text(spent):>9}  in all; {usd_text(reported)} of it as the vendor reported, the rest by the price "
            f"table; {usd_text(held_all)} reserved"
        )
    return "\n".join(out) + "\n"
