# SPDX-License-Identifier: GPL-3.0-or-later
"""A settle result made up for tests of what comes after settling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from grail_addon.core.rotations import from_euler_deg
from grail_addon.core.settle.result import SettleResult

_STANDING = SettleResult(
    obj_R=from_euler_deg((90, 0, 30)),
    obj_t=np.array([0.01, -0.02, 0.1]),
    scale=np.array([2.0, 2.0, 2.0]),
    com=np.array([0.0, 0.0, 0.1]),
    footprint=np.array([[-0.05, -0.05], [0.05, -0.05], [0.05, 0.05], [-0.05, 0.05]]),
    trajectory=np.array([[0, 0, 0.2, 0, 0, 0, 1.0], [0, 0, 0.1, 0, 0, 0, 1.0]]),
    size=0.2,
    stable=True,
    rolls=False,
    settled=True,
    tip_angle_deg=30.0,
    confidence=0.875,
    drift_mm=0.01,
    spin_deg=0.02,
    gap_mm=0.0,
    penetration_mm=0.0,
    on_support=True,
    support_kind="flat",
    support_name="table_top",
    support_height=0.6,
    com_method="volume",
    snap_deg=0.1,
    nudges=0,
    drops=16,
    steps=600,
    seconds=0.4,
)


def settle_result(**other: Any) -> SettleResult:
    """An object that stands well on a table, except for what is given."""
    return replace(_STANDING, **other)
