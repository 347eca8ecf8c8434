# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `simulation`: how the object is dropped until it rests (step 1)."""

from __future__ import annotations

from typing import Literal

from .base import Section, key


class SimulationConfig(Section):
    """Settling by rigid-body simulation."""

    drop_height: float = key(0.1, "Gap between the object and its support when it is let go.", "m", ge=0, le=5)
    settling_time: float = key(
        5.0, "Longest simulated time; settling ends earlier once the object rests.", "s", gt=0, le=120
    )
    initial_rotation_perturbation: float = key(
        2.0, "Largest tilt of the start orientation; each drop draws its own within it.", "degrees", ge=0, le=180
    )
    seed: int = key(42, "Seed of the drop that decides the pose.", ge=0, le=2**63 - 1)
    drops: int = key(
        16,
        "Number of drops from tilted starts. The first decides the pose, all together give the confidence.",
        ge=1,
        le=1000,
    )
    prefer: Literal["config", "likely"] = key(
        "config",
        "Pose to settle in: the one that the drop from `obj_rot` ends in (`config`), or where that one is unlikely the "
        "object's likeliest pose (`likely`).",
    )
    save_usd: bool = key(False, "Also export the animation of the drop as USD, where the Blender build can.")
    use_initial_state: bool = key(
        True, "Place the object in step 3 as settled. If false, `obj_rot` of the scene is used as it stands."
    )
