# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe of one object, with a scripted judge over real HTTP."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.config.scale import ScaleConfig
from grail_addon.core.scale.priors import SizePriors
from grail_addon.core.tables import read_table
from grail_addon.sandbox.server import SandboxServer
from grail_addon.services.scale_probe import ProbeOrder, ProbeResult, probe_scale
from grail_addon.services.vision import VisionModel
from tests.services.paid_helpers import ROOT, QuickClock, key_secrets

PRIORS = read_table(ROOT / "configs/size_priors.yaml", SizePriors)
EXTENTS = (0.10, 0.08, 0.09)


def probe(sandbox: SandboxServer, picture: Path, answers: list[str], **config: Any) -> tuple[ProbeResult, list[float]]:
    """The result, and the factors of which pictures were wanted."""
    sandbox.state.judge["SizeJudgement"] = [
        {"answer": {"answer": text, "confidence": 0.7, "reason": "r"}} if text != "refusal" else {"refusal": "no"}
        for text in answers
        for _ in range(2)
    ]
    secrets = dataclasses.replace(key_secrets(), openai_base_url=f"{sandbox.url}/v1")
    model = VisionModel(secrets, "gpt-5.5", "high", QuickClock())
    run = probe_scale(ProbeOrder("mug", (1.0, 1.0, 1.0), EXTENTS, 1.32, ScaleConfig(**config)), PRIORS, model)
    factors = []
    try:
        wanted = next(run)
        while True:
            factors.append(wanted[0])
            wanted = run.send([picture, picture])
    except StopIteration as end:
        return end.value, factors
    finally:
        model.close()


def test_search_ends_at_the_judged_size(sandbox: SandboxServer, picture: Path) -> None:
    result, factors = probe(sandbox, picture, ["small", "big", "correct"])
    assert factors == pytest.approx([1.0, 2.0, 2**0.5]) and result.outcome == "correct"
    assert result.scale == pytest.approx((2**0.5,) * 3) and result.warnings == ()
    assert [step["response"] for step in result.record["search_history"]] == ["small", "big", "correct"]


def test_refusal_is_unknown_and_keeps_the_scale(sandbox: SandboxServer, picture: Path) -> None:
    result, _ = probe(sandbox, picture, ["small", "refusal"])
    assert (result.outcome, result.scale) == ("unknown", (1.0, 1.0, 1.0))
    assert "unknown" in result.warnings[0].message and "refuses" in result.warnings[0].message


def test_implausible_size_is_a_warning(sandbox: SandboxServer, picture: Path) -> None:
    result, _ = probe(sandbox, picture, ["small", "small", "correct"])
    assert result.outcome == "correct" and result.scale[0] == 4.0
    assert len(result.warnings) == 1 and "large for such a thing" in result.warnings[0].message
    assert result.record["warnings"] == [result.warnings[0].message]


def test_prior_and_decision_ask_nobody(sandbox: SandboxServer, picture: Path) -> None:
    mug = PRIORS.find("mug")
    assert mug is not None
    result, factors = probe(sandbox, picture, [], evaluator="prior")
    assert result.outcome == "prior" and max(EXTENTS) * result.scale[0] == pytest.approx(mug.typical)
    decided, more = probe(sandbox, picture, [], decide=0.9, min_obj_volume=1.0)
    assert (decided.outcome, decided.scale) == ("decided", (0.9, 0.9, 0.9))
    assert factors == more == [] and sum(sandbox.state.requests.values()) == 0


def test_minimum_volume_is_recorded(sandbox: SandboxServer, picture: Path) -> None:
    result, _ = probe(sandbox, picture, ["correct"], min_obj_volume=0.00144)
    assert result.scale == pytest.approx((2 ** (1 / 3),) * 3)
    assert result.record["scale_adjusted_for_min_volume"] and result.record["original_scale_before_min_volume"] == [
        1,
        1,
        1,
    ]
