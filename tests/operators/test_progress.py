# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Progress panel shows of a run: the item at hand stays while the one before is told as done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operators.blender import run

pytestmark = pytest.mark.bpy

TWO = """
from grail_addon.operators import running
from grail_addon.operators.state import STATE, Progress
from grail_addon.steps.events import Done, Failed, Planned, Started

STATE.progress = Progress("Render", 0.0)
told["shown"] = []
for event in (
    Planned(data={"items": 3}), Started(item="a"), Started(item="b"), Done(item="a", seconds=2.0), Done(item="b", seconds=2.0),
    Started(item="c"), Failed(item="c", message="no"),
):
    running._note(event)
    told["shown"].append([STATE.progress.item, STATE.progress.done, STATE.progress.failed])
STATE.progress = None
"""


def test_the_item_at_hand_stays_while_the_one_before_ends(tmp_path: Path) -> None:
    shown = run(TWO, tmp_path)["shown"]
    assert shown == [["", 0, 0], ["a", 0, 0], ["b", 0, 0], ["b", 1, 0], ["", 2, 0], ["c", 2, 0], ["", 2, 1]]
