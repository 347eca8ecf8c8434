# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions files are read; what a person decided and what was bought stays in a manifest that is written again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from grail_addon.core.errors import InputError
from grail_addon.core.files import read_json, write_json
from grail_addon.core.gate.decisions import Decision
from grail_addon.core.gate.picture_hash import picture_hash
from grail_addon.pipeline.records.decisions import read_decisions, write_keeping_decision

VID = "ComAsset/mug/kid_indoor2-manipulation_rand00001"


def test_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "decisions.json"
    path.write_text(json.dumps({"schema": 1, "decisions": {VID: {"decision": "reject", "note": "hand looks odd"}}}))
    assert read_decisions(path) == {VID: Decision(decision="reject", note="hand looks odd")}


def test_unreadable_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_decisions(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(InputError, match="no JSON"):
        read_decisions(tmp_path / "bad.json")


def test_a_decision_stays_while_the_frame_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    human = {"decision": "approve", "by": "me", "time": "", "note": ""}
    same, other = {"fingerprint": "a", "verdict": "fail"}, {"fingerprint": "b", "verdict": "fail"}
    write_keeping_decision(path, same)
    assert read_json(path) == same, "nothing there before"
    write_json(path, {"fingerprint": "a", "verdict": "pass", "human": human})
    write_keeping_decision(path, same)
    assert read_json(path) == {**same, "human": human}
    write_keeping_decision(path, other)
    assert read_json(path) == other, "another picture, to be looked at again"
    write_keeping_decision(path, same)
    assert read_json(path) == same, "once dropped it does not come back"
    for damaged in ("{", "[]", '"x"'):
        path.write_text(damaged)
        write_keeping_decision(path, same)
        assert read_json(path) == same


def test_what_was_bought_stays_while_the_picture_is_the_same(tmp_path: Path) -> None:
    path, picture = tmp_path / "m.json", tmp_path / "frame.png"
    Image.new("RGB", (8, 4), (90, 20, 20)).save(picture)
    new = {"fingerprint": "a", "verdict": "pass"}
    bought = {
        "prompt": {"text": "lift"},
        "video": {"picture": picture_hash(picture), "clips": []},
        "cost": {"actual": 1},
    }
    human = {"decision": "reject", "by": "me", "time": "", "note": ""}
    old = {**new, "verdict": "warn", **bought, "human": human}
    stamp = PngInfo()
    stamp.add_text("Date", "later")
    Image.new("RGB", (8, 4), (90, 20, 20)).save(picture, pnginfo=stamp)
    write_json(path, old)
    write_keeping_decision(path, new, picture)
    assert read_json(path) == {**new, **bought, "human": human}, "the same pixels in another file"
    write_keeping_decision(path, {**new, "status": "failed"})
    assert read_json(path) == {**new, "status": "failed", **bought, "human": human}, "no other picture was made"
    write_keeping_decision(path, {**new, "fingerprint": "b"}, picture)
    assert read_json(path) == {**new, "fingerprint": "b"}
    write_json(path, old)
    Image.new("RGB", (8, 4), (90, 20, 21)).save(picture)
    write_keeping_decision(path, new, picture)
    assert read_json(path) == {**new, "human": human}
    write_json(path, old)
    picture.unlink()
    write_keeping_decision(path, new, picture)
    assert read_json(path) == {**new, "human": human}, "nobody can tell"
