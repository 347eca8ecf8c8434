# SPDX-License-Identifier: GPL-3.0-or-later
"""Scale without a window: the files of the command line, by the table and by a person; refused without online access."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.operators.blender import LAYOUT, run

DRAWN = """
from grail_addon.operators import scale_view
from grail_addon.panels import scale as panel

panel.gallery = lambda name: types.SimpleNamespace(want=lambda pictures: None, icon=lambda picture: 0)

def drawn(outcome):
    Layout.texts = []
    view = scale_view.ScaleView("d", "mug", (1, 1, 1), (1, 1, 1), (1, 1, 1), 1.7, (0, 0, 0), None, "", outcome, ())
    panel._draw_asked(Layout(), drawn_in, view)
    return " ".join(Layout.texts)

from typing import get_args
from grail_addon.core.scale.search import ScaleOutcome
told.update({outcome: drawn(outcome) for outcome in get_args(ScaleOutcome)})
"""


def test_what_a_probe_came_to_is_said_where_nobody_was_asked(tmp_path: Path) -> None:
    told = run(LAYOUT + DRAWN, tmp_path)
    assert told.pop("correct") == "Answers"  # the answer says it
    assert all(len(text) > len("Answers") + 10 for text in told.values()), told
    assert "No question was asked" in told["prior"] and "No question was asked" in told["decided"]


CODE = """
from grail_addon.operators import sessions
from grail_addon.operators.request import build_request
from grail_addon.operators.scale_view import scale_view, stage_object
from grail_addon.pipeline.session import Session
from grail_addon.drivers.blocking import drain

own.category = "mug"
own.results_dir = str(Path("out").resolve())
try:
    bpy.ops.grail.probe_scale()
except RuntimeError as error:
    told["refused"] = str(error)
bpy.ops.grail.usual_size()
view = scale_view()
told["sides"], told["usual"], told["ok"] = view.sides_cm, view.usual, view.is_usual
told["outcome"] = [view.outcome, len(view.asked)]
told["stage"] = max(stage_object().matrix_world.to_scale())
extra = {**sessions.PROBE, "scale.evaluator": "prior", "results_dir": str(Path("batch").resolve())}
session = Session(build_request(bpy.context, extra))
drain(session.run(), lambda event: None)
for name in ("out", "batch"):
    told[name] = Path(f"{name}/generation/obj_scales/ComAsset/mug/obj_scale.json").read_text()
bpy.ops.grail.resize(factor=0.9)
told["smaller"] = scale_view().sides_cm
bpy.ops.grail.accept_size()
told["accepted"] = list(build_request(bpy.context).settings["mug"].obj_scale)
told["shown"] = list(scale_view().scale)
bpy.ops.grail.reset_size()
told["reset"] = list(build_request(bpy.context).settings["mug"].obj_scale)
"""


def test_a_size_by_the_table_made_smaller_accepted_and_reset(tmp_path: Path) -> None:
    told = run(CODE, tmp_path)
    assert "online access" in told["refused"]
    assert told["out"] == told["batch"]
    scale = json.loads(told["out"])["obj_scale"]
    assert told["stage"] == pytest.approx(max(scale), rel=1e-5)
    assert told["ok"]
    assert told["outcome"] == ["prior", 0]
    low, high = told["usual"]
    assert max(told["sides"]) == pytest.approx(100 * (low * high) ** 0.5, rel=1e-6)
    assert max(told["smaller"]) == pytest.approx(0.9 * max(told["sides"]))
    assert told["accepted"] == pytest.approx([0.9 * factor for factor in scale], abs=1e-6)
    assert told["accepted"] == told["shown"]
    assert told["reset"] == [2.5] * 3
