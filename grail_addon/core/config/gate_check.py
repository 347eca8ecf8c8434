# SPDX-License-Identifier: GPL-3.0-or-later
"""One row of the gate's table: a number of a frame, its key in the configuration, its limits, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .gate_limit import Limit, Severity

MeasureUnit = Literal["px", "px2", "mm", "m", "deg", "ratio", "level", "count", "yes/no"]
Group = Literal["Contact", "Object", "Character", "Task", "Settling", "Camera and depth", "Picture", "Files"]
Record = Literal["geometry", "picture"]

UNIT_WORDS: Mapping[MeasureUnit, str] = {
    "px": "px of a frame 720 px high",
    "px2": "square px of a frame 720 px high",
    "ratio": "share, 0 to 1",
    "deg": "degrees",
    "level": "level, 0 to 255",
    "yes/no": "",
}
"""Units as the reference page of the configuration names them, where that is not their own name."""

UNIT_BOUNDS: Mapping[MeasureUnit, tuple[float, float]] = {
    "px": (-100_000, 100_000),
    "px2": (0, 1e9),
    "mm": (0, 1e6),
    "m": (-10_000, 10_000),
    "deg": (-180, 180),
    "ratio": (0, 1),
    "level": (0, 255),
    "count": (0, 1e6),
}
"""What a limit in this unit may be."""

OUTSIDE = "outside the frame"
TOO_SMALL = "too thin or too small to cover a pixel"
TOO_CLEAR = "it is too transparent to be seen"
NO_SURFACE = "it has no surface"
REASONS = frozenset({OUTSIDE, TOO_SMALL, TOO_CLEAR, NO_SURFACE})
"""Notes that say why something is not seen. Any other note of a visible share names the thing that hides it."""


@dataclass(frozen=True)
class Subject:
    """What one measurement is about: `{who}` in the row's words, and `{other}`, which a note may name instead."""

    who: str = ""
    other: str = ""


@dataclass(frozen=True)
class GateCheck:
    """A number (or an answer to a question) that is measured on each frame.

    key: in the `gate:` section, the measurement's name unless `subjects` says otherwise. what: its meaning.
    default: built-in limit, or for a question what a wrong answer means; None = recorded, never judged, no key.
    record: which facts it is measured on (`GeometryFacts`, `PictureFacts`). label: name of the number.
    low, high: sentences for a number that is too low or too high. They may hold {v} value, {t} threshold, {by} what
    is in the way, {edge} where the frame's edge is, {n} the note, {touched} the note or `other`, {who}, {other}.
    wrong: for a question, the answer that is judged. edge: the number is a distance to the frame's edge, negative
    outside. subjects: measurement name -> subject, where a row judges several. config_unit: `unit` for the reference
    page, where its usual words do not fit.
    """

    key: str
    what: str
    unit: MeasureUnit
    default: Limit | Severity | None
    group: Group
    record: Record
    label: str
    low: str = ""
    high: str = ""
    wrong: bool | None = None
    edge: bool = False
    subjects: Mapping[str, Subject] | None = None
    config_unit: str = ""

    @property
    def measurements(self) -> Mapping[str, Subject]:
        """Name of each measurement that the row is about -> its subject."""
        return self.subjects or {self.key: Subject()}

    def label_of(self, measurement: str) -> str:
        """What one of the row's measurements is called."""
        subject = self.measurements[measurement]
        return self.label.format(who=subject.who, other=subject.other)

    @property
    def bounds(self) -> tuple[float, float]:
        """What the numbers of a limit may be."""
        return (0, 100) if self.config_unit else UNIT_BOUNDS[self.unit]

    @property
    def unit_words(self) -> str:
        """The unit on the reference page of the configuration."""
        return self.config_unit or UNIT_WORDS.get(self.unit, self.unit)
