# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle without a window: the files of the command line, another seed, and a pose that a person has set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grail_addon.core.settle.result import SettleResult
from tests.operators.blender import run

BEGIN = """
from grail_addon.operators import sessions
from grail_addon.operators.settle import settled_object

own.category = "mug"
own.results_dir = str(Path("out").resolve())
"""
SETTLE = """
from grail_addon.operators.request import build_request
from grail_addon.pipeline.session import Session
from grail_addon.drivers.blocking import drain

bpy.ops.grail.settle()
told["first"] = Path("out/generation/initial_states/ComAsset/mug/initial_state.json").read_text()
told["replayed"] = sorted(bpy.ops.grail.replay())
end = sessions.kept_workshop().stage.imported.object.matrix_world.translation
told["rests"] = end.z
session = Session(build_request(bpy.context, {**sessions.SETTLE, "results_dir": str(Path("batch").resolve())}))
drain(session.run(), lambda event: None)
told["batch"] = Path("batch/generation/initial_states/ComAsset/mug/initial_state.json").read_text()
bpy.ops.grail.drop_again()
told["seed"] = build_request(bpy.context).config.simulation.seed
told["again"] = Path("out/generation/initial_states/ComAsset/mug/initial_state.json").read_text()
"""
POSE = """
from mathutils import Matrix
import math
from grail_addon.operators.request import build_request
from grail_addon.pipeline.session import Session
from grail_addon.drivers.blocking import drain

bpy.ops.grail.settle()
obj = sessions.kept_workshop().stage.imported.object

def turn(degrees):
    scale = obj.matrix_world.to_scale().x
    turned = Matrix.Rotation(math.radians(degrees), 4, "X") @ Matrix.Rotation(math.radians(30), 4, "Z")
    obj.matrix_world = Matrix.Translation(obj.matrix_world.translation) @ turned @ Matrix.Scale(scale, 4)

def state():
    return json.loads(Path("out/generation/initial_states/ComAsset/mug/initial_state.json").read_text())

turn(183)  # upside down, and not quite level
bpy.ops.grail.use_pose()
told["upside"] = state()
told["is_own"] = settled_object().is_own
told["manifest"] = json.loads(Path("out/generation/manifests/ComAsset/mug/settle.json").read_text())
again = Session(build_request(bpy.context, {**sessions.SETTLE, "skip_done": True}))
told["fresh"] = again.records.freshness(again.jobs.ready[0].settle).fresh
drain(again.run(), lambda event: None)
told["kept"] = state()
obj = sessions.kept_workshop().stage.imported.object
turn(140)
bpy.ops.grail.use_pose()
told["tilted"] = state()
bpy.ops.grail.drop_instead()
told["dropped"] = state()
told["overrides"] = len(own.overrides)
"""


def usable(state: dict[str, Any]) -> bool:
    return SettleResult.from_json(state).usable


def test_settle_gives_the_files_of_the_command_line_and_another_seed_counts(tmp_path: Path) -> None:
    told = run(BEGIN + SETTLE, tmp_path)
    assert told["replayed"] == ["FINISHED"]
    first = json.loads(told["first"])
    assert abs(told["rests"] - first["support_height"] - first["obj_t"][2]) < 0.01, "a replay ends where the drop ended"
    assert told["first"] == told["batch"]
    assert json.loads(told["first"])["source"] == "drop"
    assert told["seed"] == 43
    assert json.loads(told["again"])["fingerprint"] != json.loads(told["first"])["fingerprint"]


def test_a_pose_set_by_hand_is_judged_kept_and_taken_back(tmp_path: Path) -> None:
    told = run(BEGIN + POSE, tmp_path)
    upside = SettleResult.from_json(told["upside"])
    assert upside.source == told["manifest"]["source"] == "user"
    assert told["is_own"]
    assert upside.usable
    assert upside.obj_R[2, 2] < -0.999, "on its rim"
    assert upside.snap_deg > 1
    assert upside.reasons, "that it was turned onto its rim"
    assert told["fresh"], "--skip_done takes it as it is"
    assert told["kept"] == told["upside"]
    assert not usable(told["tilted"]), "nothing carries it there"
    assert told["dropped"]["source"] == "drop"
    assert usable(told["dropped"])
    assert told["overrides"] == 0
