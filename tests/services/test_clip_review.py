# SPDX-License-Identifier: GPL-3.0-or-later
"""A vision model looks at six frames of a clip, over real HTTP: what its answer makes of the verdict, and no answer at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from grail_addon.core.task import Task
from grail_addon.core.video.prices import Prices
from grail_addon.core.video.review import REVIEW_FRAMES, REVIEW_WIDTH
from grail_addon.core.video.verdict import Verdict
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.clip_review import ClipReviewer, sampled_pictures
from grail_addon.services.vision import VisionModel
from tests.services.clip_files import encoded, truncated
from tests.services.paid_helpers import QuickClock, key_secrets

GOOD = {
    "person_in_view": True, "nobody_else": True, "one_still_shot": True, "object_same": True, "object_moved": True,
    "by_hand": True, "confidence": 0.9, "reason": "The person lifts it.",
}  # fmt: skip
QUESTIONS = "POST /v1/chat/completions"


@pytest.fixture
def reviewer(sandbox: SandboxServer) -> Iterator[ClipReviewer]:
    secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{sandbox.url}/v1")
    made = ClipReviewer(VisionModel(secrets, "gpt-5.5", "high", QuickClock(), 2))
    yield made
    made.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    path.write_bytes(encoded(121))
    return path


def script(sandbox: SandboxServer, *answers: dict[str, Any]) -> None:
    sandbox.state.judge["ClipReview"] = list(answers)


def test_six_pictures_from_first_to_last(clip: Path, tmp_path: Path) -> None:
    pictures = sampled_pictures(clip, tmp_path)
    assert len(pictures) == REVIEW_FRAMES
    with Image.open(pictures[-1]) as image:
        assert image.width == REVIEW_WIDTH
    short = tmp_path / "short.mp4"
    short.write_bytes(encoded(3))
    assert len(sampled_pictures(short, tmp_path)) == 3


def test_a_good_clip_stays_as_it_was(sandbox: SandboxServer, reviewer: ClipReviewer, clip: Path) -> None:
    before = Verdict("warn", ("The person hides the object at the end.",))
    after = reviewer.review(before, clip, "mug_2", "manipulation")
    assert (after.verdict, after.reasons) == ("warn", before.reasons)
    assert dict(after.measured)["review"] == "pass" and sandbox.state.requests[QUESTIONS] == 1


@pytest.mark.parametrize(
    ("task", "answer", "words"),
    [
        ("manipulation", {"person_in_view": False}, "not in view"),
        ("manipulation", {"nobody_else": False}, "somebody else"),
        ("pickup_table", {"one_still_shot": False}, "a cut"),
        ("pickup_ground", {"object_same": False}, "stay the same"),
        ("pickup_ground", {"object_moved": False}, "not moved"),
        ("manipulation", {"by_hand": False}, "no hand"),
        ("sitting", {}, "stays where it is"),
        ("terrain_stairs", {}, "stays where it is"),
    ],
)
def test_what_the_model_finds_makes_a_clip_suspect(
    sandbox: SandboxServer, reviewer: ClipReviewer, clip: Path, task: Task, answer: dict[str, Any], words: str
) -> None:
    script(sandbox, {"answer": {**GOOD, **answer}}, {"answer": {**GOOD, **answer, "confidence": 0.4}})
    sure = reviewer.review(Verdict("pass"), clip, "mug", task)
    assert sure.verdict == "suspect" and len(sure.reasons) == 1 and words in sure.reasons[0]
    assert reviewer.review(Verdict("pass"), clip, "mug", task).verdict == "warn"


def test_a_still_object_is_right_where_it_is_to_stay(
    sandbox: SandboxServer, reviewer: ClipReviewer, clip: Path
) -> None:
    script(sandbox, {"answer": {**GOOD, "object_moved": False}}, {"answer": {**GOOD, "object_moved": False}})
    assert reviewer.review(Verdict("pass"), clip, "chair", "sitting").verdict == "pass"
    assert reviewer.review(Verdict("pass"), clip, "mug", None).verdict == "pass", "of a later segment nobody knows"


@pytest.mark.parametrize(
    "answer",
    [
        {"refusal": "I cannot look at people."}, {"raw": "all fine"}, {"raw": "[" * 100_000}, {"finish_reason": "length", "raw": ""},
        {"answer": {**GOOD, "confidence": "very"}}, {"answer": {**GOOD, "more": 1}}, {"answer": {}},
        {"error": {"http": 500, "message": "down"}}, {"error": {"http": 400, "message": "no"}},
    ],
)  # fmt: skip
def test_no_answer_changes_no_verdict(
    sandbox: SandboxServer, reviewer: ClipReviewer, clip: Path, answer: dict[str, Any]
) -> None:
    script(sandbox, answer, answer)
    after = reviewer.review(Verdict("pass"), clip, "mug", "manipulation")
    assert after.verdict == "pass" and not after.reasons
    assert "has not looked at it" in after.notes[-1] and sandbox.state.requests[QUESTIONS] <= 2


def test_what_holds_for_every_question_is_asked_once(
    sandbox: SandboxServer, reviewer: ClipReviewer, clip: Path
) -> None:
    script(sandbox, {"error": {"http": 429, "code": "insufficient_quota"}})
    for _ in range(3):
        assert "quota" in reviewer.review(Verdict("pass"), clip, "mug", "manipulation").notes[-1]
    assert sandbox.state.requests[QUESTIONS] == 1


def test_a_broken_file_is_not_asked_about(sandbox: SandboxServer, reviewer: ClipReviewer, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(truncated())
    assert "cannot be read" in reviewer.review(Verdict("pass"), path, "mug", "manipulation").notes[-1]
    assert not sandbox.state.requests[QUESTIONS]


def test_the_price_of_an_answer(prices: Prices) -> None:
    assert prices.answer("gpt-5.5", 3000, 4000) == 135_000
    assert prices.answer("gpt-nobody", 3000, 4000) is None
