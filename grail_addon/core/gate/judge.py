# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: measurements and thresholds give a verdict with reasons.

`judge_frame` measures and judges a rendered variant. `regate` judges anew from a manifest's numbers, without pictures.
What a person decided stands beside the verdict and wins: see `core.gate.decisions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..config.gate import GateConfig
from ..config.gate_check import GateCheck, MeasureUnit
from ..config.gate_limit import Limit, Severity
from .facts import GeometryFacts, PictureFacts
from .measure import measure, measure_framing, overlay
from .types import Check, GateVerdict, Level, Measurement
from .words import LimitSide, amount, row_of, sentence

REFERENCE_HEIGHT = 720  # pixels: picture sizes in the configuration are meant for a frame of this height
_ORDER: Mapping[Level, int] = {"fail": 0, "warn": 1, "pass": 2}


def judge_frame(geometry: GeometryFacts, picture: PictureFacts, config: GateConfig) -> GateVerdict:
    """Measure and judge one rendered variant."""
    return judge(measure(geometry, picture), config, geometry.task, geometry.size, overlay(geometry))


def judge_framing(facts: GeometryFacts, config: GateConfig) -> GateVerdict:
    """Judge what a choice of camera changes, before there is a picture: object, person, task and camera."""
    return judge(measure_framing(facts), config, facts.task, facts.size)


def regate(manifest: Mapping[str, Any], config: GateConfig) -> GateVerdict:
    """Judge a frame manifest's stored numbers under `config`. Raises KeyError where the manifest lacks one of its keys.

    A frame that was never rendered (`status` failed) stays failed, with the reasons that are stored.
    """
    if manifest["status"] != "done":
        return GateVerdict("fail", tuple(manifest["reasons"]), (), manifest.get("overlay", {}))
    found = [Measurement.from_json(entry) for entry in manifest["measurements"]]
    width, height = manifest["frame_size"]
    return judge(found, config, str(manifest["task"]), (int(width), int(height)), manifest.get("overlay", {}))


def judge(
    found: Iterable[Measurement],
    config: GateConfig,
    task: str,
    size: tuple[int, int],
    drawn: Mapping[str, Any] | None = None,
) -> GateVerdict:
    """Verdict on numbers; size: the frame's (width, height), which scales the thresholds given in pixels."""
    limits = config.for_task(task)
    checks = tuple(_check(number, limits, size[1] / REFERENCE_HEIGHT) for number in found)
    if not checks:
        return GateVerdict("fail", ("nothing was measured",), ())
    off = sorted((c for c in checks if c.level != "pass"), key=lambda c: _ORDER[c.level])
    worst: Level = off[0].level if off else "pass"
    return GateVerdict(worst, tuple(c.sentence for c in off), checks, drawn or {})


def _check(found: Measurement, limits: Mapping[str, Limit | Severity], zoom: float) -> Check:
    row = row_of(found.name)
    level, side, threshold = _level(found, row, limits.get(row.key), zoom)
    used = row.key if threshold or side else ""
    return Check(
        found.name, found.value, found.unit, threshold, level, sentence(found, row, side, threshold), found.note, used
    )


def _level(
    found: Measurement, row: GateCheck, limit: Limit | Severity | None, zoom: float
) -> tuple[Level, LimitSide, str]:
    """Level, direction in which the number is off, and the threshold in words."""
    if limit is None or limit == "off":
        return "pass", "", ""
    if isinstance(limit, Limit):
        return _number_level(found, limit, zoom)
    wanted = "no" if row.wrong else "yes"
    if found.value is None:
        return "fail", "", wanted
    if bool(found.value) is not row.wrong:
        return "pass", "", wanted
    return limit, "high" if row.wrong else "low", wanted


def _number_level(found: Measurement, limit: Limit, zoom: float) -> tuple[Level, LimitSide, str]:
    bounds = {name: _scaled(getattr(limit, name), found.unit, zoom) for name in Limit.model_fields}
    demands = _demands(bounds["fail_below"], bounds["fail_above"], found.unit)
    demands = demands or _demands(bounds["warn_below"], bounds["warn_above"], found.unit)
    if not demands:
        return "pass", "", ""
    if found.value is None:
        return "fail", "", demands
    value = float(found.value)
    levels: tuple[Level, ...] = ("fail", "warn")
    for level in levels:
        least, most = bounds[f"{level}_below"], bounds[f"{level}_above"]
        if least is not None and value < least:
            return level, "low", _demands(least, None, found.unit)
        if most is not None and value > most:
            return level, "high", _demands(None, most, found.unit)
    return "pass", "", demands


def _scaled(bound: float | None, unit: MeasureUnit, zoom: float) -> float | None:
    if bound is None:
        return None
    return bound * {"px": zoom, "px2": zoom * zoom}.get(unit, 1.0)


def _demands(least: float | None, most: float | None, unit: MeasureUnit) -> str:
    words = [f"at least {amount(least, unit)}"] if least is not None else []
    if most is not None:
        words.append(f"at most {amount(most, unit)}")
    return ", ".join(words)
