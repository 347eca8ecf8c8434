# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers, checks and verdicts of the gate, and their JSON form in the frame manifest (see docs/file-formats.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..config.gate_check import MeasureUnit
from ..config.gate_table import CHECK_OF

Level = Literal["pass", "warn", "fail"]
LOST_BETWEEN = "; "
"""Stands between lost textures in the note of `textures_lost`."""
Value = float | bool | None


@dataclass(frozen=True)
class Measurement:
    """One number. value: None where it could not be measured; note: why not, or what the number alone does not say."""

    name: str
    value: Value
    unit: MeasureUnit
    note: str = ""

    @classmethod
    def of(cls, name: str, value: Value, note: str = "") -> Measurement:
        """A number in the unit of its row. Raises KeyError for a name that the gate's table does not have."""
        return cls(name, value, CHECK_OF[name].unit, note)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Measurement:
        """Read from a check's JSON. Raises KeyError for a missing key."""
        value = data["value"]
        if value is not None and not isinstance(value, bool):
            value = float(value)
        return cls(str(data["name"]), value, data["unit"], str(data.get("note", "")))


@dataclass(frozen=True)
class Check:
    """A number with its judgement. threshold: in words, empty where nothing is demanded; limit: key that judged it."""

    name: str
    value: Value
    unit: MeasureUnit
    threshold: str
    level: Level
    sentence: str
    note: str = ""
    limit: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data for the manifest; numbers rounded to 6 significant digits."""
        data = dict(vars(self))  # each field is plain; asdict's deep copies cost more than judging
        if isinstance(self.value, float):
            data["value"] = float(f"{self.value:.6g}")
        return data


@dataclass(frozen=True)
class GateVerdict:
    """Everything the gate says about a frame. reasons: sentences of the checks that did not pass, worst first."""

    verdict: Level
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    overlay: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The manifest's keys `verdict`, `reasons`, `measurements` and `overlay`."""
        return {
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "measurements": [check.to_json() for check in self.checks],
            "overlay": dict(self.overlay),
        }


def lost_textures(measurements: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """`textures_lost`: sentences on those that a frame has lost, from the manifest's `measurements`; nothing without any."""
    lost = (entry for entry in measurements if entry["name"] == "textures_lost" and entry["value"])
    found = [words for entry in lost for words in str(entry.get("note", "")).split(LOST_BETWEEN)]
    return {"textures_lost": found} if found else {}
