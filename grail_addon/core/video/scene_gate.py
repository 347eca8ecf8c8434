# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a clip show what was asked for, so that it is worth minutes of reconstruction? Judges what `services/clip_scene`
measured against the masks of the conditioning frame."""

from __future__ import annotations

from dataclasses import dataclass

from ..task import Task
from .verdict import ClipVerdict

MOVES_THE_OBJECT: tuple[Task, ...] = ("manipulation", "pickup_table", "pickup_ground")
"""Tasks in which the object is moved by hand; in the others it stays where it is."""

MAX_JUMP = 0.5
MIN_PERSON_SEEN = 0.35
MAX_STRANGER = 0.12
MAX_GROWTH = 1.5
MAX_START_CHANGE = 0.4
MIN_MOVED = 0.3
MIN_MOVED_OF_STILL = 0.4
MIN_KEPT = 0.2
MIN_OBJECT_SEEN = 0.2
MIN_LEFT = 0.6
MAX_KEPT = 0.6
MAX_COVERED = 0.5
MAX_HAND_GAP = 0.06
MIN_DISTINCT = 0.5
MIN_OBJECT_PIXELS = 40


@dataclass(frozen=True)
class SceneFacts:
    """What a clip does, in shares of what the first frame shows. Times in seconds.

    jump: largest share of the background that changes between two samples, at `jump_at`. person_seen: share of the person
    that is still seen at the end; person_lost_at: since when it is less. stranger: largest area that belongs neither to
    the person nor to the object, as a share of the person's, seen twice; growth: largest area of all that is not background,
    as a share of the first frame's. object_pixels: of its mask. distinct: share of the object whose colours nothing else
    has. start_change: share of the object's surroundings that differ from the conditioning frame in the first frame.
    moved: share of the object seen elsewhere, kept: share that never changed, covered: share of its place that shows the
    person at the end, object_seen: share that is seen anywhere at the end. hand_gap: distance between the moved object and
    the person, as a share of the diagonal; None where the object was not seen elsewhere.
    """

    jump: float
    jump_at: float
    person_seen: float
    person_lost_at: float
    stranger: float
    stranger_at: float
    growth: float
    object_pixels: int
    distinct: float
    start_change: float
    moved: float
    kept: float
    kept_at_end: float
    covered: float
    object_seen: float
    hand_gap: float | None


@dataclass(frozen=True)
class SceneJudgement:
    """reasons: why the clip is suspect; warnings: what a person should look at. Both are sentences."""

    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def level(self) -> ClipVerdict:
        return "suspect" if self.reasons else "warn" if self.warnings else "pass"


def judge_scene(facts: SceneFacts, task: Task, camera_moves: bool) -> SceneJudgement:
    """What is wrong with a clip. camera_moves: it was found moving, so that nothing can be said pixel by pixel of what
    follows the first frame."""
    if facts.jump > MAX_JUMP:
        return SceneJudgement((f"The picture jumps at {facts.jump_at:.1f} s: a cut, or another scene.",))
    start = _start_reasons(facts)
    if camera_moves:
        return SceneJudgement(tuple(start))
    reasons = [*_person_reasons(facts), *start]
    if facts.object_pixels < MIN_OBJECT_PIXELS:
        return SceneJudgement(tuple(reasons), ("The object is too small in the picture to be followed.",))
    if start:  # what follows would be told of another object
        return SceneJudgement(tuple(reasons))
    warnings: list[str] = []
    if task in MOVES_THE_OBJECT:
        _judge_moved(facts, reasons, warnings)
    else:
        _judge_still(facts, reasons)
    return SceneJudgement(tuple(reasons), tuple(warnings))


def _start_reasons(facts: SceneFacts) -> list[str]:
    reasons = []
    if facts.object_pixels >= MIN_OBJECT_PIXELS and facts.start_change > MAX_START_CHANGE:
        share = round(100 * facts.start_change)
        reasons.append(
            f"The clip does not start with the object as it is in the frame ({share} % of it and its rim differ)."
        )
    return reasons


def _person_reasons(facts: SceneFacts) -> list[str]:
    reasons = []
    if facts.person_seen < MIN_PERSON_SEEN:
        reasons.append(
            f"The person is not in view to the end ({100 * facts.person_seen:.0f} % is seen, less since "
            f"{facts.person_lost_at:.1f} s)."
        )
    elif facts.stranger > MAX_STRANGER or facts.growth > MAX_GROWTH:
        reasons.append(f"Somebody or something else comes into the picture ({facts.stranger_at:.1f} s).")
    return reasons


def _judge_moved(facts: SceneFacts, reasons: list[str], warnings: list[str]) -> None:
    certain = facts.distinct >= MIN_DISTINCT
    if certain and facts.object_seen < MIN_OBJECT_SEEN:
        if facts.covered > MAX_COVERED:
            warnings.append("The person hides the object at the end.")
        else:
            reasons.append("The object is not seen at the end.")
        return
    left_its_place = facts.kept_at_end < 1.0 - MIN_LEFT and facts.covered < MAX_COVERED
    seen_elsewhere = facts.moved >= MIN_MOVED and facts.kept < MAX_KEPT
    if not (seen_elsewhere or left_its_place if certain else 1.0 - facts.kept >= MIN_LEFT):
        reasons.append("The object is not moved.")
    elif not certain:
        warnings.append("The object's colours are those of its surroundings, so its way cannot be followed.")
    elif facts.hand_gap is not None and facts.hand_gap > MAX_HAND_GAP:
        reasons.append(f"The object moves with no hand near it ({100 * facts.hand_gap:.0f} % of the diagonal away).")


def _judge_still(facts: SceneFacts, reasons: list[str]) -> None:
    if facts.kept_at_end < MIN_KEPT or (facts.distinct >= MIN_DISTINCT and facts.moved >= MIN_MOVED_OF_STILL):
        reasons.append("The object moves, and the task says that it stays where it is.")
