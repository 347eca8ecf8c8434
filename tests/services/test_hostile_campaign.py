# SPDX-License-Identifier: GPL-3.0-or-later
"""A short campaign of random faults (`make hostile` runs a long one), and a check that its proxy does what it says."""

from __future__ import annotations

import sys
import urllib.request
from http.client import HTTPException

import pytest

from grail_addon.sandbox.server import SandboxServer
from tests.services.hostile_campaign import campaign
from tests.services.hostile_proxy import KINDS, HostileProxy, Plan
from tests.services.paid_helpers import API_KEY

SECONDS, LEAST = 20.0, 8


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks and kills; the code under test is the same there")
def test_short_campaign(capsys: pytest.CaptureFixture[str]) -> None:
    score = campaign(SECONDS, seed=1000, least=LEAST)
    with capsys.disabled():
        print(f"\nhostile: {score.text()}", end=" ")
    assert not score.found, "\n".join(score.details)
    assert score.cases >= LEAST and sum(score.faults.values()) >= 15


def test_the_proxy_plays_every_kind_of_fault(sandbox: SandboxServer) -> None:
    plan = Plan(seed=5, chance=1.0)
    seen: set[bytes] = set()
    with HostileProxy(sandbox.url, plan, [API_KEY], delay=0.02) as proxy:
        for _ in range(120):
            request = urllib.request.Request(f"{proxy.url}/_sandbox/state")
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    seen.add(answer.read())
            except (OSError, ValueError, HTTPException):
                continue
        assert set(plan.played) == set(KINDS) and len(seen) > 10
        plan.chance = 0.0
        with urllib.request.urlopen(f"{proxy.url}/_sandbox/state", timeout=60) as answer:
            assert answer.status == 200 and b"accepted" in answer.read()
