# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a robot's bodies and shapes are its head, hands and feet, told by their names, and its joints by the names
of `core.bones`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from ..arrays import Array
from .frames import Frame
from .model import RobotModel

_SIDES = {"left": ("left", "l"), "right": ("right", "r")}
_FIRST, _LAST = 0, -1
# joint -> words of a body's name, and whether the first or the last such body along the chain is meant
_JOINTS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "shoulder": (("shoulder", "upperarm"), _FIRST),
    "elbow": (("elbow", "forearm", "lowerarm"), _FIRST),
    "wrist": (("wrist", "hand"), _LAST),
    "hip": (("hip", "thigh"), _FIRST),
    "knee": (("knee", "calf", "shin"), _FIRST),
    "ankle": (("ankle", "foot"), _LAST),
}
_HEAD = ("head",)
_FINGERS = ("hand", "finger", "thumb", "palm", "index", "middle", "ring", "pinky")

ShapePoints = Mapping[tuple[int, int], Array]
"""(body, shape) -> (N, 3) points of it."""


def _words(name: str) -> list[str]:
    return [w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]


def _has(name: str, stems: Sequence[str], side: str = "") -> bool:
    words = _words(name)
    joined = "".join(words)
    return any(stem in joined for stem in stems) and (not side or any(w in words for w in _SIDES[side]))


def _body(model: RobotModel, stems: Sequence[str], side: str, which: int) -> int | None:
    found = [i for i, body in enumerate(model.bodies) if _has(body.name, stems, side)]
    plain = [i for i in found if not _has(model.bodies[i].name, ("finger", "thumb", "index", "middle"))]
    if which == _LAST:  # a mark such as a contact point has no shape of its own
        plain = [i for i in plain if model.bodies[i].shapes] or plain
    return plain[which] if plain else None


def _below(model: RobotModel, root: int) -> list[int]:
    inside = {root}
    for index, body in enumerate(model.bodies):
        if body.parent in inside:
            inside.add(index)
    return sorted(inside)


def part_shapes(model: RobotModel) -> dict[str, list[tuple[int, int]]]:
    """head, left_hand, right_hand, left_foot, right_foot -> its shapes (body, shape); parts without any are left out."""
    parts: dict[str, list[tuple[int, int]]] = {}

    def add(part: str, bodies: Sequence[int], stems: Sequence[str] = ()) -> None:
        shapes = [(b, s) for b in bodies for s, _ in enumerate(model.bodies[b].shapes)]
        if stems:
            shapes = [
                (b, s) for b, s in shapes if _has(model.bodies[b].name + "_" + model.bodies[b].shapes[s].name, stems)
            ]
        if shapes:
            parts[part] = shapes

    add("head", range(len(model.bodies)), _HEAD)
    for side in _SIDES:
        for part, joint in (("hand", "wrist"), ("foot", "ankle")):
            root = _body(model, _JOINTS[joint][0], side, _JOINTS[joint][1])
            if root is not None:
                below = _below(model, root)
                add(f"{side}_{part}", below, _FINGERS if part == "hand" else ())
                if f"{side}_{part}" not in parts:
                    add(f"{side}_{part}", below)
    return parts


def robot_joints(model: RobotModel, frames: Sequence[Frame], points: ShapePoints) -> dict[str, Array]:
    """Joint name (see `core.bones`) -> (3,); frames: of the bodies; points: of all shapes, in the frames' world."""
    joints: dict[str, Array] = {"pelvis": frames[0].position}
    parts = part_shapes(model)
    cloud = {part: np.concatenate([points[key] for key in shapes]) for part, shapes in parts.items()}
    if "head" in cloud:
        low, high = cloud["head"].min(axis=0), cloud["head"].max(axis=0)
        joints["head"], joints["head_top"] = (
            np.append((low + high)[:2] / 2, low[2]),
            np.append((low + high)[:2] / 2, high[2]),
        )
    for side in _SIDES:
        for joint, (stems, which) in _JOINTS.items():
            body = _body(model, stems, side, which)
            if body is not None:
                joints[f"{side}_{joint}"] = frames[body].position
        for end, start, part in (("fingertips", "wrist", "hand"), ("toes", "ankle", "foot")):
            origin, of_part = joints.get(f"{side}_{start}"), cloud.get(f"{side}_{part}")
            if origin is not None and of_part is not None:
                joints[f"{side}_{end}"] = of_part[int(np.linalg.norm(of_part - origin, axis=1).argmax())]
    return joints
