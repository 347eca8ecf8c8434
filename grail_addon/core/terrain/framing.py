# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera keys that keep terrain, the person before it and the person on top of it in the frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import Array
from ..camera import default_focal
from ..variant.framing import Margins, fit_camera

PERSON = 1.35
"""Metres: the tallest person that the frame keeps room for, with a little air."""
AZIMUTH, AZIMUTH_RAND, ELEVATION = -64.0, 8.0, 9.0
START_Y = -1.1
_SIZE = (1280, 720)
_MARGIN = 0.035


def _person(x: float, y: float, z: float) -> Array:
    """Corners of the room that a standing person takes."""
    half = 0.32
    return np.array([(x + i, y + j, z + k) for i in (-half, half) for j in (-half, half) for k in (0.0, PERSON)])


def camera_keys(points: Array) -> dict[str, Any]:
    """Keys of an object entry. points: (N, 3) of the terrain, which rises towards +y from the origin.

    One target and one distance serve the whole range of directions: the fit's mean target, the farthest distance, and
    a little more where the targets differ.
    """
    back = float(points[:, 1].max())
    top = float(points[points[:, 1] > back - 0.02][:, 2].max())
    people = np.concatenate([_person(0.0, START_Y - 0.15, 0.0), _person(0.0, back - 0.55, top)])
    everything = np.concatenate([points, people])
    focal = default_focal(*_SIZE)
    K = np.array([[focal, 0.0, _SIZE[0] / 2], [0.0, focal, _SIZE[1] / 2], [0.0, 0.0, 1.0]])
    margins = Margins.fraction(_MARGIN, *_SIZE)
    fits = [
        fit_camera(everything, np.radians(AZIMUTH + turn), np.radians(ELEVATION), K, _SIZE, margins)
        for turn in (-AZIMUTH_RAND, 0.0, AZIMUTH_RAND)
    ]
    target = np.mean([fit.target for fit in fits], axis=0)
    radius = max(fit.radius + float(np.linalg.norm(fit.target - target)) for fit in fits)
    return {
        "character_pos": [0, START_Y, 0],
        "camera_azimuth": AZIMUTH,
        "camera_azimuth_rand_max": AZIMUTH_RAND,
        "camera_elevation": ELEVATION,
        "camera_radius": round(radius, 2),
        "camera_offset": [round(float(c), 2) for c in target],
    }
