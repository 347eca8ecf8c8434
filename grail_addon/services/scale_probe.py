# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 2 for one object: asks for pictures at a scale, has them judged, and ends with the content of obj_scale.json.

A generator, driven by the caller, which owns the renderer: it yields a scale, is sent the pictures, and returns a result.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..core.config.scale import ScaleConfig
from ..core.errors import Problem
from ..core.scale.priors import SizePriors, outside_prior, prior_factor
from ..core.scale.search import (
    ScaleOutcome,
    Search,
    SearchStep,
    Vote,
    advance,
    needs_third,
    raise_to_volume,
    scale_record,
)
from .vision import VisionError, VisionModel

Scale = tuple[float, float, float]


REASON_LETTERS = 300
"""Of what the model says, so many letters are kept."""

SIZE_QUESTION = (
    "You judge the size of one object in rendered pictures of a room with a person. Compare the object with the person's "
    "hands, head and body and with the furniture. Judge the size only, not the pose or the place. Answer `small` if the "
    "object is clearly too small for what it is, `big` if it is clearly too large, `correct` if its size is plausible, and "
    "`unsure` if you cannot see it well enough."
)


class SizeJudgement(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")

    answer: Literal["small", "big", "correct", "unsure"]
    confidence: float = Field(description="0 to 1", allow_inf_nan=False)
    reason: str = Field(description="one sentence")


@dataclass(frozen=True)
class ProbeOrder:
    """What is probed. start: the configured scale; extents: of the unscaled mesh, m; person_height in m."""

    category: str
    start: Scale
    extents: Scale
    person_height: float
    config: ScaleConfig


@dataclass(frozen=True)
class ProbeResult:
    """The scale to use, how it came about, the content of obj_scale.json, and what a person should look at."""

    scale: Scale
    outcome: ScaleOutcome
    record: dict[str, Any]
    warnings: tuple[Problem, ...]


ProbeRun = Generator[Scale, Sequence[Path], ProbeResult]


def probe_scale(order: ProbeOrder, priors: SizePriors, model: VisionModel | None) -> ProbeRun:
    """Yields each scale of which two pictures are wanted. model: needed for `evaluator: openai` without `decide`.

    Raises VisionError for what holds for every question (key, quota, model name).
    """
    warnings: list[Problem] = []
    asked: tuple[SearchStep, ...] = ()
    scale: Scale = order.start
    outcome: ScaleOutcome = "unknown"
    prior = priors.find(order.category)
    if order.config.decide is not None:
        scale, outcome = order.config.decide, "decided"
    elif order.config.evaluator == "prior":
        if prior is not None:
            scale, outcome = _times(order.start, prior_factor(order.extents, order.start, prior)), "prior"
    elif model is not None:
        search = yield from _ask_model(order, model)
        asked, scale = search.asked, _times(order.start, search.factor)
        outcome = search.outcome or "unknown"
    if outcome == "unknown":
        why = f" ({asked[-1].votes[-1].reason})" if asked and asked[-1].votes else ""
        warnings.append(
            Problem(
                f"The size of {order.category} is unknown; the configured scale is kept{why}.",
                "Look at the probe pictures and set scale.decide.",
                key_path="scale.decide",
            )
        )
    raised = None
    if outcome != "decided":
        # a person's word is not enlarged
        scale, raised = raise_to_volume(scale, order.extents, order.config.min_obj_volume)
    odd = None if prior is None else outside_prior(order.category, order.extents, scale, prior)
    if odd is not None:
        warnings.append(odd)
    texts = [problem.message for problem in warnings]
    record = scale_record(scale, outcome, order.start, asked, raised, texts)
    return ProbeResult(scale, outcome, record, tuple(warnings))


def _ask_model(order: ProbeOrder, model: VisionModel) -> Generator[Scale, Sequence[Path], Search]:
    search = Search(order.config.max_iterations)
    while not search.done:
        views = yield _times(order.start, search.factor)
        votes = judge_size(
            model, order.category, order.person_height, views, order.config.scale_evaluation_system_message
        )
        search = advance(search, votes)
    return search


def _times(scale: Scale, factor: float) -> Scale:
    return (scale[0] * factor, scale[1] * factor, scale[2] * factor)


def judge_size(
    model: VisionModel, category: str, person_height: float, views: Sequence[Path], system: str | None = None
) -> tuple[Vote, ...]:
    """The votes on one factor: each of two views alone, and both together where they differ.

    views: two pictures (one works too). person_height in metres. A question without an answer is a `failed` vote; what
    holds for every question (key, quota, model) raises VisionError.
    """
    name = category.replace("_", " ").rstrip("0123456789 ") or category
    votes = [_ask(model, name, person_height, views, (number,), system) for number in range(min(2, len(views)))]
    if len(votes) == 2 and needs_third(*votes):
        votes.append(_ask(model, name, person_height, views, (0, 1), system))
    return tuple(votes)


def _ask(
    model: VisionModel, name: str, height: float, views: Sequence[Path], shown: tuple[int, ...], system: str | None
) -> Vote:
    question = f"The object is a {name}. The person is {height:.2f} m tall. Is the {name} small, big or correct?"
    try:
        reply = model.ask(system or SIZE_QUESTION, question, [views[number] for number in shown], SizeJudgement)
    except VisionError as error:
        if error.kind.stops:
            raise
        return Vote("failed", 0.0, str(error), shown)
    return Vote(reply.answer, min(max(reply.confidence, 0.0), 1.0), reply.reason[:REASON_LETTERS], shown)
