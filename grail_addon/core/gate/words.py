# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's findings in a user's words, from the row of its table and the measured number."""

from __future__ import annotations

from typing import Literal

from ..config.gate_check import REASONS, GateCheck, MeasureUnit, Subject
from ..config.gate_table import CHECK_OF
from .types import Measurement

LimitSide = Literal["", "low", "high"]


def row_of(name: str) -> GateCheck:
    """The row of a measurement; of one that the table does not know (any more), a row that does not judge it."""
    unknown = GateCheck(name, "", "count", None, "Files", "picture", name.replace("_", " "))
    return CHECK_OF.get(name, unknown)


def amount(value: float, unit: MeasureUnit) -> str:
    """A number with its unit, as short as its size allows."""
    if unit == "ratio":
        percent = value * 100
        return f"{percent:.1f} %" if 0 < percent < 10 or 99 < percent < 100 else f"{percent:.0f} %"
    if unit == "count":
        return f"{value:.0f} file" + ("" if value == 1 else "s")
    if unit == "px":
        return f"{value:.0f} px" if abs(value) >= 10 or value == int(value) else f"{value:.1f} px"
    if unit == "px2":
        return f"{value:.0f} square px"
    if unit == "deg":
        return f"{value:.1f}°" if abs(value) < 10 else f"{value:.0f}°"
    if unit == "level":
        return f"{value:.0f} of 255" if abs(value) >= 10 else f"{value:.1f} of 255"
    if unit == "m":
        return f"{value:.2f} m"
    return f"{value:.1f} mm" if unit == "mm" else f"{value:g}"


def sentence(found: Measurement, row: GateCheck, side: LimitSide, threshold: str) -> str:
    """The finding as a sentence; side: in which direction the number is off, empty when it is all right."""
    label = row.label_of(found.name)
    if found.value is None:
        return f"{label} could not be measured" + (f": {found.note}" if found.note else "")
    if not side:
        return _plain(found, row, label)
    subject: Subject = row.measurements[found.name]
    text = row.low if side == "low" else row.high
    return text.format(
        who=subject.who,
        other=subject.other,
        touched=found.note or subject.other,
        n=found.note,
        v="" if isinstance(found.value, bool) else amount(found.value, found.unit),
        t=threshold,
        by=_by(found.note),
        edge=_edge(found, threshold),
    )


def _plain(found: Measurement, row: GateCheck, label: str) -> str:
    if isinstance(found.value, bool):
        return f"{label}: {'yes' if found.value else 'no'}"
    if found.value is not None and row.edge:
        return f"{label} is {amount(found.value, found.unit)} inside the frame"
    return f"{label}: {amount(found.value or 0.0, found.unit)}" + (f" ({found.note})" if found.note else "")


def _by(note: str) -> str:
    if not note:
        return ""
    return f" ({note})" if note in REASONS else f" by {note}"


def _edge(found: Measurement, threshold: str) -> str:
    value = float(found.value or 0.0)
    if found.note:
        return found.note
    if value < 0:
        return f"outside the frame by {amount(-value, found.unit)}"
    return f"only {amount(value, found.unit)} inside the frame ({threshold} wanted)"
