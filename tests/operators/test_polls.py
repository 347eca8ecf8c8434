# SPDX-License-Identifier: GPL-3.0-or-later
"""A button that is grey says why, and what asks the network refuses without Blender's online access."""

from __future__ import annotations

import pytest

from tests.operators.blender import run

CODE = """
from grail_addon import operators
from grail_addon.operators.state import STATE, Progress

PAID = ("probe_scale", "send_to_kling", "fetch_videos", "write_prompts", "test_connection")

def refusals():
    found = {}
    for cls in operators.CLASSES:
        if not issubclass(cls, bpy.types.Operator):
            continue
        name = cls.bl_idname.partition(".")[2]
        call = getattr(bpy.ops.grail, name)
        if not call.poll():
            try:
                call()
            except RuntimeError as error:
                found[name] = str(error)
    return found

own.results_dir = str(Path("out").resolve())
bpy.context.preferences.system.use_online_access = False
told["offline"] = refusals()
bpy.context.preferences.system.use_online_access = True
told["online"] = refusals()
STATE.progress = Progress("Render", 0.0)
told["busy"] = refusals()
STATE.progress = None
told["paid"] = PAID
told["all"] = sum(issubclass(cls, bpy.types.Operator) for cls in operators.CLASSES)
told["undescribed"] = [
    cls.bl_idname for cls in operators.CLASSES
    if issubclass(cls, bpy.types.Operator) and len((cls.__dict__.get("bl_description") or cls.__doc__ or "").strip()) < 15
]
bpy.context.preferences.system.use_online_access = False
for name in PAID:
    try:
        getattr(bpy.ops.grail, name)()
        told[name] = "done"
    except RuntimeError as error:
        told[name] = str(error)
told["made"] = Path("out/generation").exists()
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return run(CODE, tmp_path_factory.mktemp("polls"))


def test_a_grey_button_says_why(told: dict) -> None:
    assert told["all"] > 40 and len(told["busy"]) > 20
    for when in ("offline", "online", "busy"):
        silent = [name for name, text in told[when].items() if "context is incorrect" in text]
        assert not silent, f"{when}: {silent}"


def test_each_operator_has_a_tooltip(told: dict) -> None:
    assert not told["undescribed"]


def test_nobody_is_asked_without_online_access(told: dict) -> None:
    for name in told["paid"]:
        assert "nline" in told[name], f"{name}: {told[name]}"
    assert not told["made"]
