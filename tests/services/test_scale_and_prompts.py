# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure parts: scale search, size priors, prompts, prices, request checks."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grail_addon.core.errors import InputError, Problem
from grail_addon.core.money import micro_usd, usd_text
from grail_addon.core.scale.priors import SizePriors, outside_prior, prior_factor
from grail_addon.core.scale.search import (
    CLOSE,
    MIN_DIM_CAP_M,
    ScaleAnswer,
    Search,
    Vote,
    advance,
    majority,
    raise_to_volume,
    scale_record,
)
from grail_addon.core.tables import read_table
from grail_addon.core.video.prices import Prices
from grail_addon.core.video.prompts import STATIC_CAMERA, pick_base_prompt, split_segments, with_static_camera
from grail_addon.core.video.request import ModelTable, VideoRequest, check_options, check_request, image_facts
from tests.services.paid_helpers import ROOT


def votes(*answers: ScaleAnswer) -> list[Vote]:
    return [Vote(answer, 1.0, "") for answer in answers]


@given(st.floats(0.02, 50.0), st.floats(1.05, 1.5))
def test_search_finds_any_size_that_a_judge_can_tell(true: float, tolerance: float) -> None:
    search = Search(max_iterations=30)
    while not search.done:
        ratio = search.factor / true
        search = advance(
            search, votes("correct" if 1 / tolerance <= ratio <= tolerance else "small" if ratio < 1 else "big")
        )
    assert search.outcome in ("correct", "bracketed")
    assert abs(math.log(search.factor / true)) <= math.log(tolerance * CLOSE) + 1e-9
    assert len(search.asked) <= 12


@given(
    st.lists(st.sampled_from(["small", "big", "correct", "unsure", "failed"]), min_size=1, max_size=40),
    st.integers(1, 9),
)
def test_search_always_ends_and_unknown_keeps_the_scale(answers: list[ScaleAnswer], most: int) -> None:
    search = Search(most)
    for answer in answers:
        if search.done:
            break
        search = advance(search, votes(answer))
    assert search.done or len(search.asked) == len(answers) < most
    if search.outcome == "correct":
        assert search.asked[-1].answer == "correct"
    if search.outcome == "unknown":
        assert search.factor == 1.0 and search.asked[-1].answer != "correct"


def test_expansion_then_bisection() -> None:
    search, factors = Search(6), []
    for answer in ("small", "small", "big", "small", "correct"):
        factors.append(search.factor)
        search = advance(search, votes(answer))  # type: ignore[arg-type]
    assert factors == pytest.approx([1, 2, 4, math.sqrt(8), math.sqrt(4 * math.sqrt(8))])
    assert search.outcome == "correct"


def test_votes() -> None:
    assert majority(votes("small", "small")) == "small"
    assert majority(votes("small", "correct", "small")) == "small"
    assert majority(votes("small", "correct", "big")) == "unsure"
    assert majority(votes("small", "correct")) == "unsure", "a tie is no majority"
    assert majority(votes("correct", "failed")) == "correct"
    assert majority(votes("failed", "failed")) == "failed"
    assert advance(Search(9), votes("failed")).outcome == "unknown"
    once = advance(Search(9), votes("unsure"))
    assert not once.done and once.factor == 1.0
    assert advance(once, votes("unsure")).outcome == "unknown"


def test_record_has_the_upstream_keys() -> None:
    search = advance(advance(Search(5), votes("small")), votes("correct", "correct"))
    scale, raised = raise_to_volume((0.2, 0.2, 0.2), (0.5, 0.5, 0.5), 0.008)
    assert raised is not None and math.prod(0.5 * s for s in scale) == pytest.approx(0.008)
    record = json.loads(json.dumps(scale_record(scale, "correct", (0.1, 0.1, 0.1), search.asked, raised)))
    assert record["num_iterations"] == 2
    assert [(h["iteration"], h["scale"], h["response"]) for h in record["search_history"]] == [
        (0, [0.1] * 3, "small"), (1, [0.2] * 3, "correct"),
    ]  # fmt: skip
    assert record["scale_adjusted_for_min_volume"] is True and record["original_scale_before_min_volume"] == [0.2] * 3
    assert record["volume_before_adjust_m3"] == pytest.approx(0.001) and record["min_obj_volume_m3"] == 0.008
    assert record["mesh_extents_m"] == [0.5] * 3 and record["min_dim_cap_m"] == MIN_DIM_CAP_M


@given(st.tuples(*[st.floats(1e-4, 2.0)] * 3), st.floats(0.0, 0.1))
def test_minimum_volume_is_reached_and_not_passed(extents: tuple[float, float, float], minimum: float) -> None:
    scale, raised = raise_to_volume((1.0, 1.0, 1.0), extents, minimum)
    volume = math.prod(max(e * s, MIN_DIM_CAP_M) for e, s in zip(extents, scale, strict=True))
    assert volume >= minimum * (1 - 1e-6)
    if raised is not None:
        assert volume == pytest.approx(minimum, rel=1e-3)


def test_size_priors() -> None:
    priors = read_table(ROOT / "configs/size_priors.yaml", SizePriors)
    assert len(priors.sizes) >= 60 and all(prior.source for prior in priors.sizes.values())
    mug = priors.find("mug_12")
    assert mug is not None and mug == priors.find("mug") and priors.find("unheard_of") is None
    factor = prior_factor((1.0, 2.0, 0.5), (1.0, 1.0, 1.0), mug)
    assert 2.0 * factor == pytest.approx(mug.typical)
    assert outside_prior("mug", (1.0, 2.0, 0.5), (factor,) * 3, mug) is None
    problem = outside_prior("mug", (1.0, 2.0, 0.5), (1.0,) * 3, mug)
    assert problem is not None and "large" in problem.message


def test_prompt_streams_are_independent_of_each_other() -> None:
    choices = [f"prompt {n}" for n in range(50)]
    drawn = [pick_base_prompt(choices, 0, "D/c/v", clip) for clip in range(8)]
    assert drawn == [pick_base_prompt(choices, 0, "D/c/v", clip) for clip in range(8)] and len(set(drawn)) > 4
    assert drawn != [pick_base_prompt(choices, 1, "D/c/v", clip) for clip in range(8)]


def test_segments() -> None:
    assert split_segments("One.", 3) == ("One.",) * 3
    assert split_segments(" One. # Two. ", 2) == ("One.", "Two.")
    for prompt, count in [("One.#Two.", 3), ("One.#Two.", 1), ("One.#", 2)]:
        with pytest.raises(InputError):
            split_segments(prompt, count)


@given(st.text(max_size=3000), st.sampled_from([200, 2500, 3072]))
def test_camera_clause_is_always_there_once(text: str, longest: int) -> None:
    sent = with_static_camera(text, longest)
    assert sent.endswith(STATIC_CAMERA) and len(sent) <= longest
    assert with_static_camera(sent, longest) == sent


def test_prices(prices: Prices) -> None:
    cost = prices.clip("kling-v3", "pro", 10)
    assert cost is not None and (cost.units, cost.micro_usd) == (Decimal("8.0"), 1_120_000)
    five = prices.clip("kling-v2-5-turbo", "pro", 5)
    assert five is not None and usd_text((five + cost).micro_usd) == "$1.47"
    assert prices.clip("kling-v2-6", "4k", 5) is None
    assert prices.age_warning(prices.date + datetime.timedelta(days=90)) is None
    old = prices.age_warning(prices.date + datetime.timedelta(days=91))
    assert old is not None and "91 days old" in old.message
    assert (micro_usd(0.1), micro_usd("0.0000005"), usd_text(350_000), usd_text(1)) == (
        100_000,
        1,
        "$0.35",
        "$0.000001",
    )


def test_every_live_model_and_mode_has_a_price(prices: Prices, models: ModelTable) -> None:
    for name, rules in models.models.items():
        assert all(prices.clip(name, mode, 5) is not None for mode in rules.modes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "4k"}, "no mode 4k"),
        ({"duration": 7}, "no clips of 7 s"),
        ({"model": "kling-v1-6"}, "retired"),
        ({"prompt": "x" * 2501}, "2501 characters"),
        ({"prompt": "  "}, "empty"),
    ],
)
def test_bad_requests_are_refused_before_they_are_sent(
    models: ModelTable, picture: Path, change: dict[str, object], words: str
) -> None:
    facts = image_facts(picture)
    assert not isinstance(facts, Problem)
    good = VideoRequest("kling-v2-5-turbo", "pro", 5, "A person.", facts)
    assert check_request(models, "legacy", good) == []
    problems = check_request(models, "legacy", dataclasses.replace(good, **change))  # type: ignore[arg-type]
    assert len(problems) == 1 and words in problems[0].message


def test_end_frames_by_mode(models: ModelTable) -> None:
    assert check_options(models, "kling-v2-5-turbo", "pro", 10, True) == []
    assert "end frame" in check_options(models, "kling-v2-5-turbo", "std", 5, True)[0].message
    assert "end frame" in check_options(models, "kling-3.0-turbo", "pro", 5, True)[0].message
    assert check_options(models, "kling-v3", "std", 3, True) == []


@pytest.mark.parametrize(("size", "kind", "words"), [((299, 400), "png", "299"), ((1000, 399), "png", "2.5"),
                                                     ((400, 400), "webp", "webp"), ((750, 300), "jpeg", "")])  # fmt: skip
def test_pictures(models: ModelTable, tmp_path: Path, size: tuple[int, int], kind: str, words: str) -> None:
    path = tmp_path / f"a.{kind}"
    Image.new("RGB", size).save(path)
    facts = image_facts(path)
    assert not isinstance(facts, Problem)
    problems = check_request(models, "legacy", VideoRequest("kling-v3", "std", 5, "A.", facts))
    assert [words in problem.message for problem in problems] == ([True] if words else [])
    heavy = dataclasses.replace(facts, bytes=10_000_001, format="png", width=400, height=400)
    assert len(check_request(models, "legacy", VideoRequest("kling-v3", "std", 5, "A.", heavy))) == 1
    assert check_request(models, "new", VideoRequest("kling-v3", "std", 5, "A.", heavy)) == []


def test_a_broken_picture_or_table_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert isinstance(image_facts(tmp_path / "a.png"), Problem)
    (tmp_path / "prices.yaml").write_text(
        "date: 2026-01-01\nsource: x\nusd_per_unit: 0.1\nunits_per_second: {}\nmore: 1\n"
    )
    with pytest.raises(InputError, match="more"):
        read_table(tmp_path / "prices.yaml", Prices)
