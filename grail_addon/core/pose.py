# SPDX-License-Identifier: GPL-3.0-or-later
"""A pose with scale: how a mesh's own frame lies in the world."""

from __future__ import annotations

from dataclasses import dataclass

from .arrays import Array


@dataclass(frozen=True, eq=False)
class Pose:
    """p_world = rotation @ (scale * v) + translation. rotation (3, 3), translation (3,) metres, scale (3,)."""

    rotation: Array
    translation: Array
    scale: Array
