# SPDX-License-Identifier: GPL-3.0-or-later
"""The vision model over real HTTP: judgements, refined prompts, and every way of not getting an answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.scale.search import Search, advance
from grail_addon.core.video.prompts import STATIC_CAMERA
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault
from grail_addon.services.prompt_writer import PromptOrder, write_prompts
from grail_addon.services.scale_probe import SizeJudgement, judge_size
from grail_addon.services.vision import VisionError, VisionFailure, VisionModel
from tests.services.paid_helpers import OPENAI, QuickClock, key_secrets


@pytest.fixture
def model(sandbox: SandboxServer) -> Iterator[VisionModel]:
    secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{sandbox.url}/v1")
    made = VisionModel(secrets, "gpt-5.5", "high", QuickClock())
    yield made
    made.close()


def script(sandbox: SandboxServer, *answers: dict[str, Any]) -> None:
    sandbox.state.judge["SizeJudgement"] = list(answers)


def says(answer: str) -> dict[str, Any]:
    return {"answer": {"answer": answer, "confidence": 0.8, "reason": "because"}}


def test_two_views_that_agree_are_two_questions(sandbox: SandboxServer, model: VisionModel, picture: Path) -> None:
    script(sandbox, says("small"), says("small"))
    votes = judge_size(model, "mug_2", 1.32, [picture, picture])
    assert [(vote.answer, vote.views) for vote in votes] == [("small", (0,)), ("small", (1,))]
    assert sandbox.state.requests["POST /v1/chat/completions"] == 2


def test_views_that_differ_are_asked_together(sandbox: SandboxServer, model: VisionModel, picture: Path) -> None:
    script(sandbox, says("small"), says("correct"), says("small"))
    votes = judge_size(model, "mug", 1.32, [picture, picture])
    assert [vote.views for vote in votes] == [(0,), (1,), (0, 1)]
    assert advance(Search(5), votes).asked[0].answer == "small"


@pytest.mark.parametrize(
    "answer",
    [
        {"refusal": "I cannot help with that."},
        {"raw": "the mug looks fine to me"},
        {"raw": '{"answer": "correct", "confidence": 0.9'},
        {"raw": '{"answer": "fine", "confidence": 0.9, "reason": "x"}'},
        {"answer": {"answer": "correct"}},
        {"finish_reason": "length", "raw": '{"answer": "corr'},
        {"finish_reason": "content_filter", "raw": ""},
        {"error": {"http": 429, "code": "rate_limit_exceeded"}},
        {"error": {"http": 500}},
        {"error": {"http": 400, "code": "invalid_image"}},
    ],
)
def test_no_answer_is_never_correct(
    sandbox: SandboxServer, model: VisionModel, picture: Path, answer: dict[str, Any]
) -> None:
    script(sandbox, *[answer] * 8)
    votes = judge_size(model, "mug", 1.32, [picture, picture])
    assert [vote.answer for vote in votes] == ["failed", "failed"]
    end = advance(Search(5, factor=4.0), votes)
    assert (end.outcome, end.factor) == ("unknown", 1.0)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"error": {"http": 429, "code": "insufficient_quota"}}, VisionFailure.QUOTA),
        ({"error": {"http": 401, "code": "invalid_api_key"}}, VisionFailure.KEY),
        ({"error": {"http": 404, "code": "model_not_found"}}, VisionFailure.MODEL),
    ],
)
def test_what_holds_for_every_question_stops_at_once(
    sandbox: SandboxServer, model: VisionModel, picture: Path, answer: dict[str, Any], kind: VisionFailure
) -> None:
    script(sandbox, *[answer] * 8)
    with pytest.raises(VisionError) as caught:
        judge_size(model, "mug", 1.32, [picture, picture])
    assert caught.value.kind is kind and sandbox.state.requests["POST /v1/chat/completions"] == 1
    assert OPENAI not in str(caught.value)


@pytest.mark.parametrize("action", ["cut", "garbage", "cut_body"])
def test_passing_trouble_is_asked_again(sandbox: SandboxServer, model: VisionModel, picture: Path, action: str) -> None:
    sandbox.state.faults.append(Fault(action, path="/v1/chat", times=2))
    script(sandbox, *[says("big")] * 4)
    assert model.ask("system", "question", [picture], SizeJudgement).answer == "big"


def test_answer_that_is_no_json_at_all(sandbox: SandboxServer, model: VisionModel, picture: Path) -> None:
    sandbox.state.faults.append(Fault("status", path="/v1/chat", http=200, times=4))
    with pytest.raises(VisionError) as caught:
        model.ask("system", "question", [picture], SizeJudgement)
    assert caught.value.kind is VisionFailure.UNREADABLE


def order(tmp_path: Path, picture: Path, **changes: Any) -> PromptOrder:
    values: dict[str, Any] = {
        "video_id": "D/c/v", "fingerprint": "fp", "path": tmp_path / "prompts/D/c/v.txt", "frame": picture,
        "choices": ("Lift it.#Put it down.",), "base_seed": 1, "clips": 1, "segments": 2, "longest": 2500,
    }  # fmt: skip
    return PromptOrder(**{**values, **changes})


def test_refined_prompts_are_kept_for_the_next_run(
    sandbox: SandboxServer, model: VisionModel, tmp_path: Path, picture: Path
) -> None:
    sandbox.state.judge["RefinedPrompt"] = [{"answer": {"prompt": "A # one."}}, {"answer": {"prompt": "B."}}]
    first = write_prompts(order(tmp_path, picture), model)
    assert first[0].source == "refined"
    assert first[0].segments == (f"A  one. {STATIC_CAMERA}", f"B. {STATIC_CAMERA}")
    text = (tmp_path / "prompts/D/c/v.txt").read_text()
    assert text == f"# Segment 1\n{first[0].segments[0]}\n\n# Segment 2\n{first[0].segments[1]}\n"
    assert write_prompts(order(tmp_path, picture), model) == first
    assert sandbox.state.requests["POST /v1/chat/completions"] == 2
    write_prompts(order(tmp_path, picture, fingerprint="other"), model)
    assert sandbox.state.requests["POST /v1/chat/completions"] == 4


def test_refusal_falls_back_to_the_base_prompt_and_says_so(
    sandbox: SandboxServer, model: VisionModel, tmp_path: Path, picture: Path
) -> None:
    sandbox.state.judge["RefinedPrompt"] = [{"refusal": "no"}]
    (clip,) = write_prompts(order(tmp_path, picture), model)
    assert clip.source == "fallback" and "refuses" in clip.note
    assert clip.segments == (f"Lift it. {STATIC_CAMERA}", f"Put it down. {STATIC_CAMERA}")


def test_without_refinement_nothing_is_asked(sandbox: SandboxServer, tmp_path: Path, picture: Path) -> None:
    clips = write_prompts(order(tmp_path, picture, clips=3, choices=("A.", "B."), segments=1), None)
    assert {clip.source for clip in clips} == {"base"} and sum(sandbox.state.requests.values()) == 0
    names = sorted(path.name for path in (tmp_path / "prompts/D/c").glob("*.txt"))
    assert names == ["v.txt", "v_001.txt", "v_002.txt"]
