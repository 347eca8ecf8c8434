# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of the gate on stages of boxes: every spoilt stage is caught for the right reason, no good one fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gate_bad_stages import BAD, GOOD, Bad
from tests.gate_score import Score


@pytest.fixture(scope="module")
def score(pytestconfig: pytest.Config) -> Iterator[Score]:
    counts = Score("stages of boxes")
    yield counts
    counts.show(pytestconfig)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_spoilt_stage_is_caught_for_the_right_reason(case: Bad, score: Score) -> None:
    verdict = case.facts().verdict()
    failed = {check.name for check in verdict.checks if check.level == "fail"}
    reasons = "\n".join(verdict.reasons)
    right = verdict.verdict == "fail" and failed >= set(case.checks) and case.words in reasons
    score.bad(right)
    assert failed >= set(case.checks), reasons
    assert case.words in reasons
    assert failed <= {*case.checks, *case.may}, "a reason that has nothing to do with the fault"


@pytest.mark.parametrize("name", GOOD)
def test_good_stage_is_not_failed(name: str, score: Score) -> None:
    verdict = GOOD[name]().verdict()
    score.good(verdict.verdict == "fail")
    assert verdict.verdict != "fail", verdict.reasons


def test_the_set_is_large_enough() -> None:
    assert len(BAD) >= 20 and len({case.name for case in BAD}) == len(BAD)
    assert len(GOOD) >= 30
