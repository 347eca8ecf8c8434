# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of the gate on stages of boxes: every spoilt stage is caught for the right reason, no good one fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from gate_bad_stages import BAD, GOOD, Bad

from grail_addon.core.config.gate import GateConfig
from grail_addon.core.gate import judge_frame


class Score:
    """Counts over the whole proof set; printed at its end."""

    def __init__(self) -> None:
        self.caught = self.missed = self.false_alarms = self.passed = 0

    def lines(self) -> str:
        flagged = self.caught + self.false_alarms
        precision = self.caught / flagged if flagged else 0.0
        recall = self.caught / (self.caught + self.missed) if self.caught + self.missed else 0.0
        return (
            f"gate, stages of boxes: {self.caught} of {self.caught + self.missed} bad ones caught, "
            f"{self.false_alarms} of {self.passed + self.false_alarms} good ones failed: "
            f"precision {precision:.3f}, recall {recall:.3f}"
        )


@pytest.fixture(scope="module")
def score(pytestconfig: pytest.Config) -> Iterator[Score]:
    counts = Score()
    yield counts
    capture = pytestconfig.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        print("\n" + counts.lines())


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_spoilt_stage_is_caught_for_the_right_reason(case: Bad, score: Score) -> None:
    verdict = judge_frame(case.facts(), GateConfig())
    failed = {check.name for check in verdict.checks if check.level == "fail"}
    reasons = "\n".join(verdict.reasons)
    right = verdict.verdict == "fail" and failed >= set(case.checks) and case.words in reasons
    score.caught += right
    score.missed += not right
    assert failed >= set(case.checks), reasons
    assert case.words in reasons
    assert failed <= {*case.checks, *case.may}, "a reason that has nothing to do with the fault"


@pytest.mark.parametrize("name", GOOD)
def test_good_stage_is_not_failed(name: str, score: Score) -> None:
    verdict = judge_frame(GOOD[name](), GateConfig())
    score.passed += verdict.verdict != "fail"
    score.false_alarms += verdict.verdict == "fail"
    assert verdict.verdict != "fail", verdict.reasons


def test_the_set_is_large_enough() -> None:
    assert len(BAD) >= 20 and len({case.name for case in BAD}) == len(BAD)
    assert len(GOOD) >= 30
