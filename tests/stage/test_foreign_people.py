# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter person as FBX and USD from Blender's own exporters, with the bone names of other rigs: the same body."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.bones import body_bones  # noqa: E402
from grail_addon.drivers.blocking import drain  # noqa: E402
from grail_addon.stage.person.character import CharacterSettings, evaluated_mesh, joints  # noqa: E402
from tests.debian import starter_folder  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.outside, pytest.mark.usefixtures("empty_file")]

SIDES = {"l": ("L", "left", "Left"), "r": ("R", "right", "Right")}
LIMBS = ("upperarm", "lowerarm", "hand", "thigh", "calf", "foot", "ball", "eye")
RIGS: dict[str, tuple[Mapping[str, str], str, tuple[str, ...], str]] = {
    # trunk; finger; limbs in the order of LIMBS
    "mixamo": (
        {"pelvis": "mixamorig:Hips", "neck_01": "mixamorig:Neck", "head": "mixamorig:Head"},
        "mixamorig:{Side}HandMiddle{n}",
        ("Arm", "ForeArm", "Hand", "UpLeg", "Leg", "Foot", "ToeBase", "Eye"),
        "mixamorig:{Side}{limb}",
    ),
    "rigify": (
        {f"spine_{n:02}": f"DEF-spine.{n:03}" for n in (1, 2, 3)}
        | {"pelvis": "DEF-spine", "neck_01": "DEF-spine.004", "head": "DEF-spine.006"},
        "DEF-f_middle.0{n}.{S}",
        ("upper_arm", "forearm", "hand", "thigh", "shin", "foot", "toe", "eye"),
        "DEF-{limb}.{S}",
    ),
    "vrm 1": (
        {"pelvis": "hips", "neck_01": "neck"},
        "{side}Middle{place}",
        ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot", "Toes", "Eye"),
        "{side}{limb}",
    ),
    "smpl-x": (
        {"neck_01": "neck"},
        "{side}_middle{n}",
        ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "foot", "eye_smplhf"),
        "{side}_{limb}",
    ),
}
"""Rig -> new names of the trunk's bones, of the middle finger's, of the limbs, and how a limb's side is put to it."""


def kid() -> Path:
    return starter_folder() / "characters" / "kid" / "kid.blend"


def renamed(rig: str) -> dict[str, str]:
    trunk, finger, limbs, pattern = RIGS[rig]
    names = dict(trunk)
    for side, (upper, word, title) in SIDES.items():
        for bone, limb in zip(LIMBS, limbs, strict=True):
            names[f"{bone}_{side}"] = pattern.format(S=upper, side=word, Side=title, limb=limb)
        for n, place in enumerate(("Proximal", "Intermediate", "Distal"), start=1):
            names[f"middle_0{n}_{side}"] = finger.format(S=upper, side=word, Side=title, n=n, place=place)
    return names


def export(rig: str, path: Path) -> None:
    """The starter person's body, its bones named as in `rig`, to an FBX or USD file."""
    with bpy.data.libraries.load(str(kid())) as (_, into):
        into.collections = ["kid"]
    bpy.context.scene.collection.children.link(into.collections[0])
    for part in ("hair", "trousers"):
        bpy.data.objects.remove(bpy.data.objects[f"kid_{part}"])
    bones = bpy.data.objects["kid_rig"].data.bones
    for old, new in renamed(rig).items():
        bones[old].name = new
    samples.export(path)


def loaded(path: Path) -> Any:
    samples.fresh()
    return samples.import_character(path, CharacterSettings())


@pytest.mark.parametrize("suffix", [".fbx", ".usdc"])
@pytest.mark.parametrize("rig", RIGS)
def test_the_same_body_comes_back(rig: str, suffix: str, tmp_path: Path) -> None:
    """Upright, in metres, facing -Y, as posed, with every joint and bone of the body known."""
    path = tmp_path / f"person{suffix}"
    export(rig, path)
    person = loaded(path)
    found, roles = joints(person), set(body_bones(person.armature.block.data.bones.keys()))
    low, high = drain(evaluated_mesh(person)).bounds
    assert not any("not known" in note for note in person.notes)
    assert person.face == pytest.approx([0.0, -1.0, 0.0], abs=1e-3)
    original = loaded(kid())
    expected = joints(original)
    assert set(found) == set(expected)
    assert roles == set(body_bones(original.armature.block.data.bones.keys()))
    # FBX does not say how long the last bone of a chain is
    ends = {name for name in expected if name.endswith(("_top", "_toes", "_fingertips"))} if suffix == ".fbx" else set()
    for name in set(expected) - ends:
        assert np.linalg.norm(found[name] - expected[name]) < 0.002, name
    # without hair
    assert abs(low[2]) < 1e-3 and 1.25 < high[2] < 1.33
