# SPDX-License-Identifier: GPL-3.0-or-later
"""What a settle depends on besides the mesh: the request's values and the constants of the measured recipe.

All lengths in metres, times in seconds, angles in degrees where the name says so. Changing a constant or the logic
changes LOGIC_VERSION, so that cached states are made anew.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

LOGIC_VERSION = "settle-2"


@dataclass(frozen=True)
class SettleSettings:
    """The first block comes from the configuration's `simulation` section; the rest is docs/settling.md's recipe."""

    drop_height: float = 0.1
    settling_time: float = 5.0
    initial_rotation_perturbation: float = 2.0  # degrees, largest tilt of the start pose
    seed: int = 42
    drops: int = 16
    prefer: Literal["config", "likely"] = "config"

    fps: int = 24
    substeps: int = 20
    solver_iterations: int = 50
    quick_iterations: int = 10  # in the drops that only count towards the confidence
    friction: float = 0.5
    restitution: float = 0.0
    damping: float = 0.9
    second_damping: float = 0.99
    natural_linear_damping: float = 0.04
    natural_angular_damping: float = 0.1
    drift_time: float = 3.0
    calm_time: float = 0.25  # before those, still damped
    confidence_tilt_deg: float = 2.0
    support_size: float = 4.0
    support_thickness: float = 0.5
    still_window: float = 0.5
    still_distance: float = 0.0005
    still_angle_deg: float = 0.2
    contact_tolerance: float = 0.002  # of the object's size: hull vertices this near the lowest one carry it
    snap_deg: float = 1.0

    def __post_init__(self) -> None:
        if self.drops < 1:
            raise ValueError(f"drops must be at least 1, got {self.drops}")
        if self.settling_time <= 0 or self.drop_height < 0 or self.initial_rotation_perturbation < 0:
            raise ValueError("settling_time must be positive; drop_height and perturbation must not be negative")

    def fingerprint_inputs(self) -> dict[str, Any]:
        """Everything here, and LOGIC_VERSION, as plain data for a fingerprint."""
        inputs = {"logic": LOGIC_VERSION, **asdict(self)}
        if self.prefer == "config":  # states made before there was a choice are such
            del inputs["prefer"]
        return inputs
