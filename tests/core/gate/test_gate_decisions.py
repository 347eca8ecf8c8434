# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's decisions: read strictly, stored beside the verdict, and they win."""

from __future__ import annotations

import pytest

from grail_addon.core.errors import InputError
from grail_addon.core.gate.decisions import (
    Decision,
    apply_decision,
    final_verdict,
    may_send,
    parse_decisions,
)

VID = "ComAsset/mug/kid_indoor2-manipulation_rand00001"


def frame(verdict: str, decision: str | None = None, status: str = "done") -> dict:
    manifest = {"video_id": VID, "status": status, "verdict": verdict, "reasons": []}
    return apply_decision(manifest, Decision(decision=decision)) if decision else manifest


@pytest.mark.parametrize(
    ("manifest", "verdict", "sent", "sent_when_forced"),
    [
        (frame("pass"), "pass", True, True),
        (frame("warn"), "warn", True, True),
        (frame("fail"), "fail", False, True),
        (frame("fail", "approve"), "pass", True, True),
        (frame("pass", "reject"), "fail", False, False),
        (frame("fail", "reject"), "fail", False, False),
        (frame("fail", "approve", "failed"), "fail", False, False),
        (frame("fail", None, "failed"), "fail", False, False),
    ],
)
def test_who_wins_and_what_is_sent(manifest: dict, verdict: str, sent: bool, sent_when_forced: bool) -> None:
    assert final_verdict(manifest) == verdict
    assert may_send(manifest) is sent
    assert may_send(manifest, send_failed=True) is sent_when_forced


def test_decision_stands_beside_the_verdict_and_can_be_taken_back() -> None:
    approved = apply_decision(frame("fail"), Decision(decision="approve", by="me", time="2026-01-31T12:00:00Z"))
    assert approved["verdict"] == "fail"
    assert approved["human"] == {"decision": "approve", "by": "me", "time": "2026-01-31T12:00:00Z", "note": ""}
    assert apply_decision(approved, Decision(decision="clear")) == frame("fail")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"decisions": {}}, "schema"),
        ({"schema": 2, "decisions": {}}, "schema"),
        ({"schema": 1, "decisions": {VID: {"decision": "maybe"}}}, f"decisions.{VID}.decision"),
        ({"schema": 1, "decisions": {VID: {"decision": "reject", "who": "me"}}}, f"decisions.{VID}.who"),
        ({"schema": 1, "decisions": {VID: {"decision": "reject", "time": "noon"}}}, f"decisions.{VID}.time"),
        ([], ""),
    ],
)
def test_wrong_file_is_refused_with_the_place(data: object, where: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_decisions(data, "decisions.json")
    assert caught.value.problems[0].key_path == where
    assert caught.value.problems[0].file == "decisions.json"
