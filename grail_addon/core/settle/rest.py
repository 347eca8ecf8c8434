# SPDX-License-Identifier: GPL-3.0-or-later
"""How an object rests: the pose that frames start from, settled or as configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array
from ..mesh import MeshData
from ..pose import Pose
from ..rotations import about_z, from_euler_deg
from .result import SettleResult


@dataclass(frozen=True, eq=False)
class RestPose:
    """p = rotation @ (scale * v) + translation, above a support at z = 0 with the start point at xy = (0, 0).

    verdict: JSON of the settle verdict, None for an object that was not settled. footprint: (K, 2) points that carry
    it. flat: it stands on a level surface.
    """

    rotation: Array
    translation: Array
    scale: Array
    footprint: Array
    flat: bool
    verdict: Mapping[str, Any] | None

    def posed(self, turn_z: float, position: Array) -> Pose:
        """World pose after a turn about the vertical (radians) and a move of the start point to `position` (3,)."""
        turn = about_z(turn_z)
        return Pose(turn @ self.rotation, turn @ self.translation + np.asarray(position), self.scale)


_BULKY = frozenset({"trajectory", "footprint", "obj_R", "obj_t", "com", "scale"})


def settled(result: SettleResult) -> RestPose:
    """Rest pose of a settled object."""
    verdict = {k: v for k, v in result.to_json().items() if k not in _BULKY}
    flat = result.support_kind == "flat"
    return RestPose(result.obj_R, result.obj_t, result.scale, result.footprint, flat, verdict)


def as_configured(mesh: MeshData, scale: tuple[float, float, float], euler_deg: tuple[float, float, float]) -> RestPose:
    """Rest pose of an object that is not settled: turned as configured, its lowest point on the support."""
    rotation, factors = from_euler_deg(euler_deg), np.asarray(scale, dtype=np.float64)
    posed = mesh.scaled(factors).transformed(rotation, np.zeros(3))
    low = posed.bounds[0]
    lowest = posed.vertices[posed.vertices[:, 2] < low[2] + 0.002 * posed.size, :2]
    return RestPose(rotation, np.array([0.0, 0.0, -low[2]]), factors, lowest, True, None)
