# SPDX-License-Identifier: GPL-3.0-or-later
"""Start poses of the drops: the first as the seed draws it, the others tilted a little to see how sure its end is."""

from __future__ import annotations

import numpy as np

from ...core.arrays import Array
from ...core.settle.settings import SettleSettings
from ...core.settle.statics_rotation import tilt
from ...core.streams import stream


def start_rotations(initial: Array, settings: SettleSettings) -> list[Array]:
    """Rotation (3, 3) of each drop, body to world.

    The first tilts `initial` by an angle drawn within `initial_rotation_perturbation`, about a drawn horizontal axis.
    The others tilt it by `confidence_tilt_deg`, or by the perturbation if that is more.
    """
    limit = np.radians(settings.initial_rotation_perturbation)
    others = max(limit, np.radians(settings.confidence_tilt_deg))
    rotations = []
    for index in range(settings.drops):
        draw = stream(settings.seed, "settle", "tilt", index)
        azimuth, share = draw.uniform(0.0, 2.0 * np.pi), draw.uniform(0.0, 1.0)
        rotations.append(tilt(share * limit if index == 0 else others, azimuth) @ initial)
    return rotations
