# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vision model is asked about a clip, the form of its answer, and what that answer makes of a verdict."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from ..task import Task
from .scene_gate import MOVES_THE_OBJECT
from .verdict import ClipVerdict, Verdict, worst_verdict

REVIEW_FRAMES = 6
REVIEW_WIDTH = 640
"""Pixels across of the pictures that the model gets."""

REVIEW_TOKENS_IN = 3000
"""Most tokens of one question: six pictures of 640 x 360 are 6 x 240 patches of 32 x 32, the rest is text."""

REVIEW_ATTEMPTS = 2
SURE = 0.7
"""Confidence from which an answer makes a clip suspect; below, it is a warning."""

REVIEW_MESSAGE = (
    "You check clips from an image-to-video model. You get six pictures of one clip in the order of time, from its first to "
    "its last. At the start they show one person and one object. Say only what is to be seen, and do not guess about what "
    "lies between the pictures."
)


class ClipReview(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")

    person_in_view: bool = Field(description="the person of the first picture is in view in all pictures")
    nobody_else: bool = Field(description="no second person comes into the picture")
    one_still_shot: bool = Field(description="all pictures are taken from the same place: no cut, no camera movement")
    object_same: bool = Field(description="the object is in all pictures, with the same shape, size and colour")
    object_moved: bool = Field(description="the object is at another place in at least one picture")
    by_hand: bool = Field(description="wherever the object moves, a hand of the person holds or touches it")
    confidence: float = Field(description="0 to 1", allow_inf_nan=False)
    reason: str = Field(description="one sentence")


def review_question(category: str) -> str:
    """The question about a clip of an object of that category."""
    name = category.replace("_", " ").rstrip("0123456789 ") or category
    return f"The object is a {name}. Answer about these six pictures."


def with_review(verdict: Verdict, review: ClipReview, task: Task | None) -> Verdict:
    """The verdict with what the model found. task: None where it does not say whether the object is to move."""
    faults = _faults(review, task)
    level: ClipVerdict = "pass" if not faults else "suspect" if review.confidence >= SURE else "warn"
    said = tuple(f"The vision model says that {fault}." for fault in faults)
    return replace(
        verdict,
        verdict=worst_verdict([verdict.verdict, level]),
        reasons=verdict.reasons + said,
        notes=(*verdict.notes, f"The vision model: {review.reason[:300]}"),
        measured=(*verdict.measured, ("review", level), ("review_confidence", round(review.confidence, 3))),
    )


def _faults(review: ClipReview, task: Task | None) -> list[str]:
    found = [
        (not review.person_in_view, "the person is not in view all the time"),
        (not review.nobody_else, "somebody else comes into the picture"),
        (not review.one_still_shot, "the camera moves or there is a cut"),
        (not review.object_same, "the object does not stay the same"),
    ]
    if task in MOVES_THE_OBJECT:
        found += [
            (not review.object_moved, "the object is not moved"),
            (review.object_moved and not review.by_hand, "the object moves with no hand at it"),
        ]
    elif task is not None:
        found.append((review.object_moved, "the object moves, and the task says that it stays where it is"))
    return [words for wrong, words in found if wrong]
