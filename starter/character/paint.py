# SPDX-License-Identifier: GPL-3.0-or-later
"""What colours the skin from place to place: factors on its colour, one row per vertex."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .cloth import ramp
from .macros import Figure
from .noise import noise
from .people import HairStyle, PersonSpec
from .surface import Sheet, neighbours, scatter_mean, vertex_normals

_MASKED = {
    # part -> factors on the skin's colour, and how much of them
    "lips": ((0.80, 0.50, 0.50), 0.80),
    "ears": ((1.0, 0.82, 0.80), 0.6),
    "fingernails": ((1.08, 0.92, 0.90), 0.7),
    "eyelids": ((0.60, 0.44, 0.42), 0.45),
}
# hairline: height below which no hair grows, over y (front to back): forehead, temple, sideburn, over the ear, nape
_HAIRLINE_Y = (-0.150, -0.120, -0.108, -0.098, -0.088, -0.081, -0.067, -0.060, -0.030, -0.021, 0.000, 0.030)
_HAIRLINE_Z = (0.815, 0.814, 0.801, 0.781, 0.756, 0.724, 0.712, 0.749, 0.752, 0.700, 0.672, 0.656)


def above_hairline(points: np.ndarray, style: HairStyle | None = None) -> np.ndarray:
    """(N,) metres above the hairline; the lowest one where no style is named."""
    line = np.interp(points[:, 1], _HAIRLINE_Y, _HAIRLINE_Z)
    if style:
        line = line + style.receding * ramp(points[:, 1], -0.075, -0.12)
        line = line if style.sideburns else np.maximum(line, np.where(points[:, 1] < -0.058, 0.752, 0.0))
    return points[:, 2] - line


def _blend(tint: np.ndarray, factors: tuple[float, ...] | np.ndarray, share: np.ndarray) -> np.ndarray:
    """Multiply the tint (N,3) by `factors`, by the part `share` (N,)."""
    return tint * (1 + share[:, None] * (np.asarray(factors) - 1))


def _hollows(skin: Sheet) -> np.ndarray:
    """(N,) 0 to 1: how deep a vertex lies in a crease, such as nostrils, corners of the mouth and folds of the lids."""
    ends, others, _ = neighbours(skin)
    step = scatter_mean(ends, skin.vertices[others] - skin.vertices[ends], len(skin.vertices))
    size = scatter_mean(ends, np.linalg.norm(skin.vertices[others] - skin.vertices[ends], axis=1)[:, None], len(step))
    depth = (step * vertex_normals(skin)).sum(axis=1) / np.maximum(size[:, 0], 1e-9)
    for _ in range(2):
        depth = 0.5 * depth + 0.5 * scatter_mean(ends, depth[others][:, None], len(depth))[:, 0]
    return ramp(depth, 0.02, 0.28)


def _face(tint: np.ndarray, figure: Figure, points: np.ndarray) -> np.ndarray:
    """Blush of cheeks, nose and chin, and the darker, thinner skin about the eyes."""
    left = figure.joint("l-eye")
    for eye in (left, left * [-1, 1, 1]):
        side = np.sign(eye[0])
        cheek = eye + np.array([0.012 * side, -0.012, -0.042])
        tint = _blend(tint, (0.97, 0.82, 0.81), 0.9 * ramp(np.linalg.norm(points - cheek, axis=1), 0.032, 0.0))
        round_eye = (points - eye - [0.0, -0.018, 0.001]) / [0.024, 0.022, 0.015]
        tint = _blend(tint, (0.84, 0.76, 0.75), 0.7 * ramp(np.linalg.norm(round_eye, axis=1), 1.15, 0.35))
        below = (points - eye - [-0.004 * side, -0.020, -0.015]) / [0.018, 0.02, 0.007]
        tint = _blend(tint, (0.82, 0.79, 0.86), 0.55 * ramp(np.linalg.norm(below, axis=1), 1.0, 0.2))
    nose = np.array([0.0, left[1] - 0.045, left[2] - 0.038])
    chin = np.array([0.0, left[1] - 0.025, left[2] - 0.100])
    for centre, reach, much in ((nose, 0.022, 0.9), (chin, 0.022, 0.5)):
        tint = _blend(tint, (0.95, 0.80, 0.79), much * ramp(np.linalg.norm(points - centre, axis=1), reach, 0.0))
    return tint


def _beard(figure: Figure, points: np.ndarray) -> np.ndarray:
    """(N,) share of the skin where a shaved beard shows: upper lip, chin, jaw, the top of the throat."""
    eye = figure.joint("l-eye")
    mouth = eye[2] - 0.070
    jaw = ramp(points[:, 2], mouth + 0.030 + 0.0, mouth + 0.008) * ramp(points[:, 2], mouth - 0.075, mouth - 0.045)
    front = ramp(points[:, 1], eye[1] + 0.055, eye[1] + 0.030)
    # between sideburn and jaw the edge runs down the cheek
    cheek = ramp(points[:, 2] + 0.9 * (np.abs(points[:, 0]) - 0.022), mouth + 0.030, mouth + 0.012)
    side = ramp(np.abs(points[:, 0]), 0.030, 0.045) * ramp(points[:, 2], mouth + 0.045, mouth + 0.015)
    return np.maximum(jaw * np.maximum(cheek, 0.0), side * 0.8) * front


def _over(tint: np.ndarray, spec_skin: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Let the skin's final colour go to `colour` (3,) by the part `share` (N,)."""
    return tint + share[:, None] * (colour / spec_skin - tint)


def skin_tint(
    figure: Figure, skin: Sheet, masked: Mapping[str, np.ndarray], spec: PersonSpec, look: np.ndarray
) -> np.ndarray:
    """(N,3) factors on the colour of the skin.

    masked: part -> share (N,), of lips, ears, fingernails and eyelids; look (2,3): the skin's and the hair's colour.
    """
    points, (colour, hair) = skin.vertices, look
    tint = np.ones((len(points), 3))
    for name, (factors, strength) in _MASKED.items():
        tint = _blend(tint, factors, strength * masked[name])
    tint = _face(tint, figure, points)
    tint = _blend(tint, (0.52, 0.36, 0.34), 0.75 * _hollows(skin))
    # uneven circulation: broad and fine blotches, in the green and blue that blood takes away
    blotch = 0.6 * noise(points / 0.020, "skin broad") + 0.5 * noise(points / 0.0065, "skin fine")
    tint = tint * (1 + blotch[:, None] * np.array([0.05, 0.13, 0.14]))
    on_head = skin.weights[:, figure.bone_index("head")] > 0.3
    tint = _over(tint, colour, 0.52 * colour + 0.30 * hair, spec.beard * on_head * _beard(figure, points))
    grown = ramp(above_hairline(points, spec.hair) + 0.006 * noise(points / 0.006, "hairline"), -0.004, 0.010)
    return _over(tint, colour, 0.85 * hair + 0.08 * colour, spec.hair.dense * grown * on_head * (1 - masked["ears"]))
