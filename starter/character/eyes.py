# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyes as spheres with the pole on the line of sight, so pupil and iris are exact without a texture; upper lashes.

Each eyeball turns with a bone of its own, the lashes with the head.
"""

from __future__ import annotations

import numpy as np

from .macros import Figure
from .surface import Sheet, join, unit

SCLERA, IRIS, PUPIL, LASH = 0, 1, 2, 3
_SEGMENTS = 32
# degrees from the line of sight: pupil to 9.5, iris to 28, the back of the eye is never seen
_RINGS = (3.5, 9.5, 14.0, 20.0, 26.0, 28.0, 34.0, 45.0, 60.0, 75.0, 90.0, 105.0)
_BULGE = 0.035
_LASH_LENGTH = 0.5  # of the helper's strips, which read as painted wings in their full length
_SIGHT = unit(np.array([0.0, -1.0, -0.04]))


def _weights(figure: Figure, count: int, bone: str) -> np.ndarray:
    weights = np.zeros((count, len(figure.bones)))
    weights[:, figure.bone_index(bone)] = 1.0
    return weights


def _eyeball(figure: Figure, side: str) -> Sheet:
    shell = figure.vertices[figure.base.group_vertices(f"helper-{side}-eye")]
    centre = (shell.min(axis=0) + shell.max(axis=0)) / 2
    radius = float(np.linalg.norm(shell - centre, axis=1).mean())
    across = unit(np.cross(_SIGHT, [0.0, 0.0, 1.0]))
    up = np.cross(across, _SIGHT)
    turn = 2 * np.pi * np.arange(_SEGMENTS) / _SEGMENTS
    circle = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * up
    points = [(centre + radius * (1 + _BULGE) * _SIGHT)[None]]
    for degrees in _RINGS:
        tilt = np.radians(degrees)
        bulge = 1 + _BULGE * max(0.0, 1 - (degrees / 34.0) ** 2)
        points.append(centre + radius * bulge * (np.cos(tilt) * _SIGHT + np.sin(tilt) * circle))
    step = np.arange(_SEGMENTS)
    after = (step + 1) % _SEGMENTS
    blank = np.full(_SEGMENTS, -1)
    faces = [np.stack([np.zeros(_SEGMENTS, int), 1 + after, 1 + step, blank], axis=1)]
    slots = [np.full(_SEGMENTS, PUPIL)]
    for ring in range(len(_RINGS) - 1):
        inner, outer = 1 + ring * _SEGMENTS, 1 + (ring + 1) * _SEGMENTS
        faces.append(np.stack([inner + step, inner + after, outer + after, outer + step], axis=1))
        kind = PUPIL if _RINGS[ring + 1] <= 9.5 else IRIS if _RINGS[ring + 1] <= 28 else SCLERA
        slots.append(np.full(_SEGMENTS, kind))
    vertices = np.concatenate(points)
    return Sheet(vertices, np.concatenate(faces), _weights(figure, len(vertices), f"eye_{side}"), np.concatenate(slots))


def _lashes(figure: Figure, side: str) -> Sheet:
    faces = figure.base.faces[f"helper-{side}-eyelashes-2"]
    used, local = np.unique(faces, return_inverse=True)
    strips = figure.vertices[used]
    lid = figure.vertices[figure.base.group_vertices("body")]
    root = lid[np.linalg.norm(strips[:, None] - lid[None], axis=2).argmin(axis=1)]
    return Sheet(
        root + _LASH_LENGTH * (strips - root),
        local.reshape(faces.shape),
        _weights(figure, len(used), "head"),
        np.full(len(faces), LASH),
    )


def build_eyes(figure: Figure) -> Sheet:
    """Both eyeballs and the upper lashes; material slots SCLERA, IRIS, PUPIL, LASH."""
    return join(*(part(figure, side) for side in ("l", "r") for part in (_eyeball, _lashes)))
