# SPDX-License-Identifier: GPL-3.0-or-later
"""What a frame's sidecars say of a robot: which it is, its joint state, and where its root body is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array
from ..files import sha256_file
from ..pose import Pose
from .frames import Frame, to_quat_wxyz
from .kinematics import JointState
from .model import RobotModel


@dataclass(frozen=True, eq=False)
class RobotRecord:
    """model: its name; xml, sha256: of the file that it was read from; state: name of the joint state; root: name of the
    root body; joints: name -> values as in MuJoCo's qpos (radians, metres; ball: w, x, y, z), in the file's order;
    base: place of the root body in the frame of the character."""

    model: str
    xml: str
    sha256: str
    state: str
    root: str
    joints: dict[str, list[float]]
    base: Frame

    def placed(self, character: Pose) -> dict[str, Any]:
        """As plain data, with the root body's place in the world for a character at `character`."""
        rotation = character.rotation @ self.base.rotation
        position: Array = character.rotation @ (character.scale * self.base.position) + character.translation
        return {
            "model": self.model,
            "xml": self.xml,
            "xml_sha256": self.sha256,
            "state": self.state,
            "joint_names": list(self.joints),
            "joint_values": list(self.joints.values()),
            "root_body": self.root,
            "root_position": position.tolist(),
            "root_quat_wxyz": np.asarray(to_quat_wxyz(rotation)).tolist(),
        }


def robot_record(model: RobotModel, state: JointState, base: Frame) -> RobotRecord:
    """The record of a robot whose root body is at `base` in the character's frame."""
    joints = {j.name: [float(v) for v in state.joints[j.name]] for j in model.joints}
    return RobotRecord(
        model.name, model.path.name, sha256_file(model.path), state.name, model.bodies[0].name, joints, base
    )
