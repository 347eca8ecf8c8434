# SPDX-License-Identifier: GPL-3.0-or-later
"""The scale probe's search: doubles or halves until the answer turns, then bisects. A pure state machine.

The search factor multiplies the configured scale (all axes alike). Each state either asks about one factor or is done.
Nothing but a clear answer moves it: a failed question or two doubtful ones end it as `unknown`, which keeps the
configured scale and says so; `unknown` is never `correct`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

ScaleAnswer = Literal["small", "big", "correct", "unsure", "failed"]
ScaleOutcome = Literal["correct", "bracketed", "unknown", "prior", "decided"]

STEP_FACTOR = 2.0
CLOSE = 1.1
"""Bounds closer than this ratio need no further question: nobody sees the difference."""

USABLE = 1.6
"""Bounds closer than this ratio give a usable middle when the questions run out or the judge is unsure."""

MAX_UNSURE = 2
MIN_DIM_CAP_M = 0.025
"""In the volume test each side counts as at least this long, so that a sheet of paper is not blown up."""


@dataclass(frozen=True)
class Vote:
    """One answer to one question. views: indices of the views that were shown; confidence 0..1."""

    answer: ScaleAnswer
    confidence: float
    reason: str
    views: tuple[int, ...] = ()


@dataclass(frozen=True)
class SearchStep:
    """One iteration: the factor, the answer that counted, and the votes behind it."""

    factor: float
    answer: ScaleAnswer
    votes: tuple[Vote, ...]


@dataclass(frozen=True)
class Search:
    """State of a search. low: largest factor judged small; high: smallest judged big; both None at first."""

    max_iterations: int
    factor: float = 1.0
    low: float | None = None
    high: float | None = None
    asked: tuple[SearchStep, ...] = ()
    unsure: int = 0
    outcome: ScaleOutcome | None = None

    @property
    def done(self) -> bool:
        """Whether nothing more is to be asked; `factor` is the result then (1 for unknown)."""
        return self.outcome is not None


def needs_third(first: Vote, second: Vote) -> bool:
    """Whether two views differ so that both must be shown together once more."""
    return first.answer != second.answer


def majority(votes: Sequence[Vote]) -> ScaleAnswer:
    """The answer that more than half of the votes that came give; `unsure` where there is none, `failed` if none came."""
    counted = [vote.answer for vote in votes if vote.answer != "failed"]
    if not counted:
        return "failed"
    answer, count = Counter(counted).most_common(1)[0]
    return answer if 2 * count > len(counted) else "unsure"


def advance(search: Search, votes: Sequence[Vote]) -> Search:
    """The state after the votes on `search.factor`."""
    answer = majority(votes)
    now = replace(search, asked=(*search.asked, SearchStep(search.factor, answer, tuple(votes))))
    if answer == "correct":
        return replace(now, outcome="correct")
    if answer == "failed":
        return _give_up(now)
    if answer == "unsure":
        now = replace(now, unsure=now.unsure + 1)
        out_of_questions = len(now.asked) >= now.max_iterations
        return _settle(now) if now.unsure >= MAX_UNSURE or out_of_questions else now
    now = replace(now, low=now.factor) if answer == "small" else replace(now, high=now.factor)
    if now.low is not None and now.high is not None and now.high / now.low <= CLOSE:
        return _settle(now)
    if len(now.asked) >= now.max_iterations:
        return _settle(now)
    return replace(now, factor=_next_factor(now), unsure=0)


def _next_factor(search: Search) -> float:
    if search.low is not None and search.high is not None:
        return math.sqrt(search.low * search.high)
    return search.factor * STEP_FACTOR if search.high is None else search.factor / STEP_FACTOR


def _settle(search: Search) -> Search:
    """End without a `correct`: the middle of close bounds, or unknown."""
    if search.low is None or search.high is None or search.high / search.low > USABLE:
        return _give_up(search)
    return replace(search, factor=math.sqrt(search.low * search.high), outcome="bracketed")


def _give_up(search: Search) -> Search:
    return replace(search, factor=1.0, outcome="unknown")


@dataclass(frozen=True)
class MinVolume:
    """How a minimum volume forced the scale up. Volumes in m^3, extents (of the unscaled mesh) in m."""

    extents: tuple[float, float, float]
    before: tuple[float, float, float]
    volume_before: float
    minimum: float


def raise_to_volume(
    scale: tuple[float, float, float], extents: tuple[float, float, float], minimum: float
) -> tuple[tuple[float, float, float], MinVolume | None]:
    """`scale`, enlarged alike in all axes where the bounding box is smaller than `minimum`; and how, if it was."""

    def volume(up: float) -> float:
        return math.prod(max(e * s * up, MIN_DIM_CAP_M) for e, s in zip(extents, scale, strict=True))

    if volume(1.0) >= minimum:
        return scale, None
    up = 1.0
    while volume(up) < minimum * (1 - 1e-9):
        # a side that is still below the cap does not grow the volume, so one cube root may not be enough
        up *= (minimum / volume(up)) ** (1 / 3)
    return (scale[0] * up, scale[1] * up, scale[2] * up), MinVolume(extents, scale, volume(1.0), minimum)


def scale_record(
    scale: tuple[float, float, float],
    outcome: ScaleOutcome,
    start: tuple[float, float, float],
    asked: Sequence[SearchStep] = (),
    raised: MinVolume | None = None,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """Content of `obj_scale.json`: the upstream keys, and ours (`outcome`, `start_scale`, `warnings`, votes)."""
    history = [
        {
            "iteration": number,
            "scale": [s * step.factor for s in start],
            "response": step.answer,
            "votes": [
                {"answer": v.answer, "confidence": v.confidence, "reason": v.reason, "views": list(v.views)}
                for v in step.votes
            ],
        }
        for number, step in enumerate(asked)
    ]
    record: dict[str, Any] = {
        "obj_scale": list(scale), "num_iterations": len(history), "search_history": history,
        "outcome": outcome, "start_scale": list(start), "warnings": list(warnings),
    }  # fmt: skip
    if raised is not None:
        record |= {
            "scale_adjusted_for_min_volume": True,
            "original_scale_before_min_volume": list(raised.before),
            "mesh_extents_m": list(raised.extents),
            "volume_before_adjust_m3": raised.volume_before,
            "min_obj_volume_m3": raised.minimum,
            "min_dim_cap_m": MIN_DIM_CAP_M,
        }
    return record
