# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyes as spheres with the pole on the line of sight, so pupil and iris are exact without a texture; lashes.

Each eyeball turns with a bone of its own, the lashes with the head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grail_addon.core.streams import stream

from .cloth import ramp
from .macros import Figure
from .strands import on_head, ribbons
from .surface import Sheet, join, unit

SCLERA, IRIS, PUPIL, LASH = 0, 1, 2, 3
_SEGMENTS = 48
# degrees from the line of sight: pupil to 9.5, iris to 28, the back of the eye is never seen
_RINGS = (3.5, 9.5, 11.5, 15.0, 19.0, 22.5, 25.5, 28.0, 30.5, 36.0, 45.0, 60.0, 75.0, 90.0, 105.0)
_PUPIL, _IRIS = 9.5, 28.0
_BULGE = 0.035
_LASHES, _LASH_POINTS = 70, 4
_LASH_LENGTH = 0.85  # of the helper's strips, in which the lashes lie
_SIGHT = unit(np.array([0.0, -1.0, -0.04]))


@dataclass(frozen=True)
class Eyes:
    """sheet: eyeballs and lashes, slots SCLERA, IRIS, PUPIL, LASH; tint (N,3) multiplies the slots' colours."""

    sheet: Sheet
    tint: np.ndarray


def _ring_tint(degrees: float, rng: np.random.Generator) -> np.ndarray:
    """(_SEGMENTS,3) factors: a pale collar about the pupil, streaks, a dark rim; the white reddens towards the lids."""
    if degrees <= _PUPIL:
        return np.ones((_SEGMENTS, 3))
    if degrees <= _IRIS + 0.1:
        pale = 1.55 - 0.45 * ramp(np.array(degrees), 11.0, 20.0)
        rim = 1 - 0.75 * ramp(np.array(degrees), 22.0, _IRIS)
        streaks = np.exp(rng.normal(scale=0.25, size=(_SEGMENTS, 1)))
        return pale * rim * streaks * np.ones(3)
    red = float(ramp(np.array(degrees), 40.0, 75.0))
    edge = 0.55 if degrees < _IRIS + 3 else 1.0
    return edge * np.tile(1 - red * np.array([0.05, 0.20, 0.20]), (_SEGMENTS, 1))


def _eyeball(figure: Figure, side: str) -> Eyes:
    shell = figure.vertices[figure.base.group_vertices(f"helper-{side}-eye")]
    centre = (shell.min(axis=0) + shell.max(axis=0)) / 2
    radius = float(np.linalg.norm(shell - centre, axis=1).mean())
    rng = stream("eyes", side)
    across = unit(np.cross(_SIGHT, [0.0, 0.0, 1.0]))
    up = np.cross(across, _SIGHT)
    turn = 2 * np.pi * np.arange(_SEGMENTS) / _SEGMENTS
    circle = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * up
    points = [(centre + radius * (1 + _BULGE) * _SIGHT)[None]]
    tints = [np.ones((1, 3))]
    for degrees in _RINGS:
        tilt = np.radians(degrees)
        bulge = 1 + _BULGE * max(0.0, 1 - (degrees / 34.0) ** 2)
        points.append(centre + radius * bulge * (np.cos(tilt) * _SIGHT + np.sin(tilt) * circle))
        tints.append(_ring_tint(degrees, rng))
    step = np.arange(_SEGMENTS)
    after = (step + 1) % _SEGMENTS
    blank = np.full(_SEGMENTS, -1)
    faces = [np.stack([np.zeros(_SEGMENTS, int), 1 + after, 1 + step, blank], axis=1)]
    slots = [np.full(_SEGMENTS, PUPIL)]
    for ring in range(len(_RINGS) - 1):
        inner, outer = 1 + ring * _SEGMENTS, 1 + (ring + 1) * _SEGMENTS
        faces.append(np.stack([inner + step, inner + after, outer + after, outer + step], axis=1))
        kind = PUPIL if _RINGS[ring + 1] <= _PUPIL else IRIS if _RINGS[ring + 1] <= _IRIS else SCLERA
        slots.append(np.full(_SEGMENTS, kind))
    vertices = np.concatenate(points)
    weights = np.zeros((len(vertices), len(figure.bones)))
    weights[:, figure.bone_index(f"eye_{side}")] = 1.0
    return Eyes(Sheet(vertices, np.concatenate(faces), weights, np.concatenate(slots)), np.concatenate(tints))


def _lashes(figure: Figure, side: str) -> Eyes:
    """Single hairs from the upper lid's edge, within the strips that the base mesh has for them."""
    used = np.unique(figure.base.faces[f"helper-{side}-eyelashes-2"])
    strips = figure.vertices[used]
    lid = figure.vertices[figure.base.group_vertices("body")]
    gap = np.linalg.norm(strips[:, None] - lid[None], axis=2).min(axis=1)
    beside = np.abs(strips[:, None, 0] - strips[None, :, 0])
    tips = strips[gap >= np.where(beside < 0.0012, gap[None], 0.0).max(axis=1)]
    tips = tips[np.argsort(tips[:, 0])]
    edge = strips[gap < 0.0009]
    # the lid's edge: the foremost and lowest of what lies on the lid beside the tip
    far = 3.0 * np.abs(tips[:, None, 0] - edge[None, :, 0]) + edge[:, 1] + edge[:, 2]
    roots = edge[far.argmin(axis=1)]
    rng = stream("lashes", side)
    place = np.sort(rng.uniform(0, len(roots) - 1, _LASHES))
    low = np.minimum(place.astype(int), len(roots) - 2)
    part = (place - low)[:, None]
    root = roots[low] * (1 - part) + roots[low + 1] * part
    reach = (tips[low] * (1 - part) + tips[low + 1] * part - root) * _LASH_LENGTH * rng.uniform(0.75, 1.1, (_LASHES, 1))
    along = np.linspace(0, 1, _LASH_POINTS)[None, :, None]
    curl = 0.25 * np.linalg.norm(reach, axis=1)[:, None, None] * along**2 * np.array([0.0, 0.0, 1.0])
    paths = root[:, None] + reach[:, None] * along + curl
    across = np.tile(np.array([1.0, 0.0, 0.0]), (*paths.shape[:2], 1))
    sheet = on_head(figure, *ribbons(paths, across, 0.0005, 0.00015), LASH)
    return Eyes(sheet, np.ones((len(sheet.vertices), 3)))


def build_eyes(figure: Figure) -> Eyes:
    """Both eyeballs and the upper lashes."""
    pieces = [part(figure, side) for side in ("l", "r") for part in (_eyeball, _lashes)]
    return Eyes(join(*(p.sheet for p in pieces)), np.concatenate([p.tint for p in pieces]))
