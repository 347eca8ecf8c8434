# SPDX-License-Identifier: GPL-3.0-or-later
"""The scale probe's judge: shows pictures of the object beside the person and gets small / big / correct / unsure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..core.scale.search import Vote, needs_third
from .vision import VisionError, VisionModel

SYSTEM = (
    "You judge the size of one object in rendered pictures of a room with a person. Compare the object with the person's "
    "hands, head and body and with the furniture. Judge the size only, not the pose or the place. Answer `small` if the "
    "object is clearly too small for what it is, `big` if it is clearly too large, `correct` if its size is plausible, and "
    "`unsure` if you cannot see it well enough."
)


class SizeJudgement(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")

    answer: Literal["small", "big", "correct", "unsure"]
    confidence: float = Field(description="0 to 1")
    reason: str = Field(description="one sentence")


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
        reply = model.ask(system or SYSTEM, question, [views[number] for number in shown], SizeJudgement)
    except VisionError as error:
        if error.kind.stops:
            raise
        return Vote("failed", 0.0, str(error), shown)
    return Vote(reply.answer, min(max(reply.confidence, 0.0), 1.0), reply.reason, shown)
