# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a robot's bodies are in a joint state, as MuJoCo computes it, and which states there are."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import Array
from ..errors import InputError, Problem
from .frames import Frame, about, from_quat_wxyz
from .model import Body, Joint, RobotModel

STANDING_KEYS = ("stand", "home", "default", "init")
"""Names of a file's own states that stand for the robot at rest, the best first."""


@dataclass(frozen=True, eq=False)
class JointState:
    """name: what it is called in notes and files. joints: name -> value (radians, metres; a ball joint: w, x, y, z).
    base: place of the root body in the world, None = as the file has it."""

    name: str
    joints: Mapping[str, Array]
    base: Frame | None = None


def rest_state(model: RobotModel) -> JointState:
    """The file's own standing state, else its first one, else all joints at their reference."""
    for name in (*STANDING_KEYS, *model.keys):
        if name in model.keys:
            return key_state(model, name)
    return JointState("all joints at their reference", {j.name: _reference(j) for j in model.joints})


def key_state(model: RobotModel, name: str) -> JointState:
    """A state that the file names."""
    qpos, base, joints = model.keys[name], None, {}
    for body in model.bodies:
        for joint in body.joints:
            if joint.kind == "free":
                at = qpos[joint.address : joint.address + 7]
                base = Frame(from_quat_wxyz(at[3:]), at[:3])
            else:
                joints[joint.name] = qpos[joint.address : joint.address + (4 if joint.kind == "ball" else 1)]
    return JointState(name, joints, base)


def with_joints(model: RobotModel, state: JointState, values: Mapping[str, float], source: Path) -> JointState:
    """`state` with some joints at other values (radians, metres). Raises InputError for joints that the robot lacks, or
    values beyond their range."""
    known = {joint.name: joint for joint in model.joints}
    problems = []
    for name, value in values.items():
        joint = known.get(name)
        if joint is None or joint.kind == "ball":
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(close)}?" if close else ""
            problems.append(Problem(f"The robot has no joint {name} that takes one number.", hint, file=str(source)))
        elif joint.limits is not None and not joint.limits[0] - 1e-6 <= value <= joint.limits[1] + 1e-6:
            unit, factor = ("degrees", 180 / math.pi) if joint.kind == "hinge" else ("m", 1.0)
            low, high = (limit * factor for limit in joint.limits)
            message = f"{name} at {value * factor:.4g} {unit} is beyond its range, {low:.4g} to {high:.4g}."
            problems.append(Problem(message, file=str(source)))
    if problems:
        raise InputError(problems)
    return JointState(source.stem, {**state.joints, **{k: np.array([v]) for k, v in values.items()}}, state.base)


def body_frames(model: RobotModel, state: JointState) -> list[Frame]:
    """World place of each body, in the model's order."""
    frames: list[Frame] = []
    for body in model.bodies:
        if body.parent < 0:
            frames.append(state.base if state.base is not None and _is_free(body) else _moved(body, body.frame, state))
        else:
            frames.append(_moved(body, frames[body.parent] @ body.frame, state))
    return frames


def _is_free(body: Body) -> bool:
    return any(joint.kind == "free" for joint in body.joints)


def _reference(joint: Joint) -> Array:
    return np.array([1.0, 0.0, 0.0, 0.0]) if joint.kind == "ball" else np.array([joint.ref])


def _moved(body: Body, frame: Frame, state: JointState) -> Frame:
    """The body's place after its joints, each about its anchor as the joints before it have left it."""
    for joint in body.joints:
        if joint.kind == "free":
            continue
        value = state.joints.get(joint.name, _reference(joint))
        if joint.kind == "slide":
            axis = joint.axis / np.linalg.norm(joint.axis)
            frame = Frame(frame.rotation, frame.position + frame.rotation @ axis * (float(value[0]) - joint.ref))
            continue
        turn = from_quat_wxyz(value) if joint.kind == "ball" else about(joint.axis, float(value[0]) - joint.ref)
        anchor = frame.points(joint.anchor[None])[0]
        rotation = frame.rotation @ turn
        frame = Frame(rotation, anchor - rotation @ joint.anchor)
    return frame
