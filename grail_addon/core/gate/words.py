# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's findings in a user's words, from the row of its table and the measured number.

Files hold English. Each sentence is put together from templates that a `Say` may turn into another language before the
numbers go in; `texts` lists all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from ..config.gate_check import NO_SURFACE, OUTSIDE, REASONS, TOO_CLEAR, TOO_SMALL, GateCheck, MeasureUnit, Subject
from ..config.gate_table import CHECK_OF, JUDGED
from .types import Measurement

LimitSide = Literal["", "low", "high"]
Say = Callable[[str], str]
"""A template or a note in the reader's language; what it does not know it returns as it is."""

_SIDES: tuple[LimitSide, ...] = ("low", "high", "")
_WHO = "{who}"
_UNMEASURED = "{label} could not be measured"
_UNMEASURED_AS = "{label} could not be measured: {note}"
_BY = "by {note}"
_BEYOND_EDGE = "outside the frame by {v}"
_NEAR_EDGE = "only {v} inside the frame ({t} wanted)"
_WORDY_UNITS = ("{n} files", "{n} file", "{n} square px", "{n} of 255")
_BOUNDS = ("at least {v}", "at most {v}")
_NOTES = (
    OUTSIDE, TOO_SMALL, TOO_CLEAR, NO_SURFACE, "its own body", "the character", "the object",
    "the character has no joint of that part",
    "the character has no head joint", "the target is behind the camera", "behind the camera", "the stage did not measure it",
)  # fmt: skip


def texts() -> Iterator[str]:
    """Each text that a `Say` may be asked for about a frame that did not pass, but for the names of things."""
    yield from (_UNMEASURED, _UNMEASURED_AS, _BY, _BEYOND_EDGE, _NEAR_EDGE, *_WORDY_UNITS, *_BOUNDS, *_NOTES)
    for row in JUDGED:
        subjects = [name for subject in row.measurements.values() for name in (subject.who, subject.other)]
        yield from (text for text in (row.label, row.low, row.high, *subjects) if text not in ("", _WHO))


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


def sentence(found: Measurement, row: GateCheck, side: LimitSide, threshold: str, say: Say = str) -> str:
    """The finding as a sentence; side: in which direction the number is off, empty when it is all right."""
    subject: Subject = row.measurements[found.name]
    note, who, other = (say(text) if text else "" for text in (found.note, subject.who, subject.other))
    label = who if row.label == _WHO else say(row.label).format(who=who, other=other)
    if found.value is None:
        return say(_UNMEASURED_AS if note else _UNMEASURED).format(label=label, note=note)
    if not side:
        return _plain(found, row, label)
    return say(row.low if side == "low" else row.high).format(
        who=who,
        other=other,
        touched=note or other,
        n=note,
        v="" if isinstance(found.value, bool) else _spoken(amount(found.value, found.unit), say),
        t=_spoken(threshold, say),
        by=_by(found.note, say),
        edge=_edge(found, threshold, say),
    )


def sentence_in(say: Say, check: Mapping[str, Any]) -> str:
    """The sentence of a check of a manifest (see `types.Check`) as `say` has it; the stored one where the table has changed
    since. Raises KeyError where a key is missing."""
    stored = str(check["sentence"])
    found, row, threshold = Measurement.from_json(check), row_of(str(check["name"])), str(check["threshold"])
    for side in _SIDES:
        if sentence(found, row, side, threshold) == stored:
            return sentence(found, row, side, threshold, say)
    return stored


def _plain(found: Measurement, row: GateCheck, label: str) -> str:
    if isinstance(found.value, bool):
        return f"{label}: {'yes' if found.value else 'no'}"
    if found.value is not None and row.edge:
        return f"{label} is {amount(found.value, found.unit)} inside the frame"
    return f"{label}: {amount(found.value or 0.0, found.unit)}" + (f" ({found.note})" if found.note else "")


def _by(note: str, say: Say) -> str:
    if not note:
        return ""
    return f" ({say(note)})" if note in REASONS else f" {say(_BY).format(note=say(note))}"


def _edge(found: Measurement, threshold: str, say: Say) -> str:
    value = float(found.value or 0.0)
    if found.note:
        return say(found.note)
    if value < 0:
        return say(_BEYOND_EDGE).format(v=amount(-value, found.unit))
    return say(_NEAR_EDGE).format(v=amount(value, found.unit), t=_spoken(threshold, say))


def _spoken(text: str, say: Say) -> str:
    """An amount, or bounds of one such as `at least 250 square px, at most 900 square px`, in the reader's words."""
    return ", ".join(_spoken_bound(part, say) for part in text.split(", "))


def _spoken_bound(text: str, say: Say) -> str:
    for bound in _BOUNDS:
        value = _inside(bound, "{v}", text)
        if value is not None:
            return say(bound).format(v=_spoken_bound(value, say))
    for unit in _WORDY_UNITS:
        number = _inside(unit, "{n}", text)
        if number is not None:
            return say(unit).format(n=number)
    return text


def _inside(template: str, place: str, text: str) -> str | None:
    """What stands in `text` at the template's place; None where it is another text."""
    before, _, after = template.partition(place)
    found = re.fullmatch(f"{re.escape(before)}(.+?){re.escape(after)}", text)
    return found[1] if found else None
