# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of settling one object: its pose on the support and how far that pose can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from ..arrays import Array
from .settings import LOGIC_VERSION, SettleSettings

__all__ = ["LOGIC_VERSION", "SettleResult", "SettleSettings"]

SupportKind = Literal["flat", "mesh"]
PoseSource = Literal["drop", "user"]
_LATER = ("unlikely", "pose_share", "wide_share", "source")
"""Fields that states written before these were measured do not have."""
_ARRAYS = ("obj_R", "obj_t", "scale", "com", "footprint", "trajectory")


@dataclass(frozen=True, eq=False)
class SettleResult:
    """Frame: z up, metres; origin = the start xy at the support's height. p = obj_R @ (scale * v) + obj_t.

    obj_R (3, 3) rotation, obj_t (3,), scale (3,). The centre of mass `com` (3,) lies over the start xy on a flat
    support, so the footprint does too. footprint (K, 2): hull of the points that carry the object.
    trajectory (T, 7): x, y, z, qx, qy, qz, qw of the object frame while the first drop falls; its last row is the
    final pose. size: longest side of the scaled mesh.

    stable: centre of mass inside the footprint. rolls: it has no one face to rest on. settled: it came to rest within
    the time. tip_angle_deg: tilt that tips it over its nearest edge. confidence: share of the drops that ended like
    the first. drift_mm, spin_deg: movement in 3 s more at natural damping. gap_mm: distance left to the support;
    penetration_mm: depth of the deepest point below it. on_support: the whole footprint is over the support.
    unlikely: hardly anybody would see the object stand so. pose_share: of all orientations, those that end in the pose or
    one alike; wide_share: of drops with a wide tilt, those that came back to it, measured where the pose is in doubt.
    All three are None on an uneven support.
    reasons: sentences for each verdict a person should know. steps: simulation frames of all drops;
    seconds: wall time of this call; not in the JSON, which is the same for every run. time_step: seconds between
    rows of the trajectory. source: `user` where a person has set the pose, for which nothing is dropped.
    """

    obj_R: Array  # noqa: N815 - the field of the output contract
    obj_t: Array
    scale: Array
    com: Array
    footprint: Array
    trajectory: Array
    size: float
    stable: bool
    rolls: bool
    settled: bool
    tip_angle_deg: float
    confidence: float
    drift_mm: float
    spin_deg: float
    gap_mm: float
    penetration_mm: float
    on_support: bool
    support_kind: SupportKind
    support_name: str
    support_height: float
    com_method: str
    snap_deg: float
    nudges: int
    drops: int
    steps: int
    seconds: float = 0.0
    reasons: tuple[str, ...] = ()
    time_step: float = 1.0 / 24.0
    unlikely: bool | None = None
    pose_share: float | None = None
    wide_share: float | None = None
    source: PoseSource = "drop"

    @property
    def usable(self) -> bool:
        """Whether the pose may be rendered: it stands, came to rest and has the support under it."""
        return self.stable and self.settled and self.on_support

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; arrays as nested lists. Python writes floats so that they read back bit for bit."""
        data: dict[str, Any] = {}
        for f in fields(self):
            if f.name == "seconds":
                continue
            value = getattr(self, f.name)
            data[f.name] = value.tolist() if f.name in _ARRAYS else list(value) if f.name == "reasons" else value
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SettleResult:
        """Inverse of `to_json`. Raises KeyError for a missing field; keys that are not ours are left alone."""
        values: dict[str, Any] = {
            f.name: data.get(f.name, f.default) if f.name in _LATER else data[f.name]
            for f in fields(cls)
            if f.name != "seconds"
        }
        for name in _ARRAYS:
            values[name] = np.asarray(values[name], dtype=np.float64)
        values["footprint"] = values["footprint"].reshape(-1, 2)
        values["trajectory"] = values["trajectory"].reshape(-1, 7)
        values["reasons"] = tuple(values["reasons"])
        return cls(**values)
